"""Ground seen from above: fields, forests, cities, roads and water."""

from __future__ import annotations

import cv2
import numpy as np

from studio.workshop.painting.surface import Field, Image, Surface, mix, ramp, relief, step, tint


def _rgb(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def crop_rows(s: Surface) -> Image:
    row = np.sin(s.grid_y * 2 * np.pi / 16)
    plant = row * 0.75 + s.noise(3) * 0.28
    return ramp(0.5 + plant * 0.5, (0.42, 0.30, 0.18), (0.36, 0.42, 0.15), (0.33, 0.58, 0.17))


def fields(s: Surface) -> Image:
    plots = s.cells(46)
    crop = ramp(
        plots.value,
        (0.30, 0.48, 0.16),
        (0.55, 0.62, 0.24),
        (0.85, 0.76, 0.36),
        (0.56, 0.42, 0.24),
        (0.20, 0.38, 0.15),
    )
    furrow = np.where(plots.value > 0.5, s.grid_x, s.grid_y)
    crop = crop * (1 + 0.10 * np.sin(furrow * 2 * np.pi / 8))[..., None]
    return mix(crop, _rgb(0.20, 0.28, 0.12), plots.border * 0.9)


def forest_above(s: Surface) -> Image:
    crown = s.cells(10)
    dome = 1 - np.minimum(crown.distance / 7.5, 1)
    light = dome * 0.55 + (crown.value - 0.5) * 0.32 - relief(dome, 3) * 0.25
    return ramp(light + 0.06, (0.03, 0.09, 0.04), (0.12, 0.32, 0.12), (0.36, 0.56, 0.24))


def river_above(s: Surface) -> Image:
    land = ramp(
        0.5 + s.fractal(22, 3) * 0.3, (0.20, 0.34, 0.12), (0.38, 0.50, 0.20), (0.60, 0.62, 0.32)
    )
    bend = s.noise(70, 70) * 22
    axis = float(s.rng.uniform(-0.6, 0.6) + s.rng.choice([0, np.pi / 2]))
    period = 95.0
    offset = np.mod(s.across(axis) + bend + s.rng.random() * period, period) - period / 2
    water = ramp(0.5 + s.noise(20) * 0.2, (0.10, 0.32, 0.42), (0.20, 0.46, 0.55))
    bank = mix(land, _rgb(0.80, 0.72, 0.50), step(18 - np.abs(offset), 0, 5))
    return mix(bank, water, step(14 - np.abs(offset), 0, 2.5))


def _blocks(s: Surface, size: float, street: float) -> tuple[Field, Field, Field, Field]:
    """Row and column of a grid, 1 inside blocks and 0 on streets, the light on edges."""
    columns, rows = s.grid_x / size, s.grid_y / size
    column, row = np.floor(columns), np.floor(rows)
    inside = np.minimum(
        np.minimum(columns - column, column + 1 - columns), np.minimum(rows - row, row + 1 - rows)
    )
    block = step(inside, street, 0.06)
    return row, column, block, relief(cv2.GaussianBlur(block, (0, 0), 1.0), 2.4) * -1


def _table(s: Surface, rows: Field, columns: Field) -> Field:
    table = s.rng.random((64, 64), dtype=np.float32)
    return table[rows.astype(int) % 64, columns.astype(int) % 64]


def city_above(s: Surface) -> Image:
    row, column, block, edge = _blocks(s, 16, 0.13)
    value = _table(s, row, column)
    roof = ramp(
        value,
        (0.48, 0.46, 0.45),
        (0.72, 0.66, 0.58),
        (0.62, 0.40, 0.32),
        (0.82, 0.80, 0.77),
        (0.40, 0.50, 0.36),
    )
    roof = np.clip(roof * (1 + edge * 0.5)[..., None], 0, 1)
    return mix(np.broadcast_to(_rgb(0.30, 0.30, 0.32), roof.shape), roof, block)


def rooftops(s: Surface) -> Image:
    row, column, block, edge = _blocks(s, 32, 0.10)
    value = _table(s, row, column)
    across_side = np.sign(np.sin(s.grid_x * 2 * np.pi / 32))
    slope = np.where(value > 0.5, across_side, np.sign(np.sin(s.grid_y * 2 * np.pi / 32)))
    roof = ramp(
        value, (0.66, 0.30, 0.20), (0.76, 0.42, 0.28), (0.52, 0.28, 0.20), (0.60, 0.55, 0.52)
    )
    line = np.sin(s.grid_y * 2 * np.pi / 4) * 0.06
    roof = np.clip(roof * (1 + slope * 0.16 + line + edge * 0.3)[..., None], 0, 1)
    return mix(np.broadcast_to(_rgb(0.27, 0.31, 0.22), roof.shape), roof, block)


def _lane(s: Surface) -> tuple[Field, Field]:
    """Position across (-1..1) and along (pixels) a strip that follows the longer side."""
    if s.width >= s.height:
        return s.down * 2 - 1, s.grid_x
    return s.x / max(1, s.width - 1) * 2 - 1, s.grid_y


def road(s: Surface) -> Image:
    across, along = _lane(s)
    base = tint(_rgb(0.29, 0.29, 0.31), s.noise(1.7) * 0.14 + s.fractal(40, 2) * 0.1)
    dash = step(np.sin(along * 2 * np.pi / 32), 0.0, 0.3) * step(0.045 - np.abs(across), 0, 0.03)
    edge = step(0.035 - np.abs(np.abs(across) - 0.82), 0, 0.03)
    return mix(base, _rgb(0.93, 0.92, 0.86), np.maximum(dash, edge) * 0.9)


def runway(s: Surface) -> Image:
    across, along = _lane(s)
    base = tint(_rgb(0.38, 0.38, 0.40), s.noise(2) * 0.08 + s.noise(60, 3) * 0.10)
    dash = step(np.sin(along * 2 * np.pi / 64), 0.2, 0.2) * step(0.05 - np.abs(across), 0, 0.03)
    length = max(s.width, s.height)
    near_end = step(np.abs(along / length - 0.5), 0.36, 0.02) * step(
        0.46 - np.abs(along / length - 0.5), 0, 0.02
    )
    keys = (
        step(np.sin(across * 2 * np.pi * 4), 0.1, 0.3)
        * step(0.8 - np.abs(across), 0, 0.05)
        * near_end
    )
    edge = step(0.03 - np.abs(np.abs(across) - 0.9), 0, 0.02)
    return mix(base, _rgb(0.96, 0.96, 0.94), np.maximum(np.maximum(dash, keys), edge))


def harbour(s: Surface) -> Image:
    water = ramp(
        0.5 + s.fractal(9, 3, flat=2) * 0.2,
        (0.06, 0.22, 0.34),
        (0.12, 0.36, 0.48),
        (0.25, 0.50, 0.60),
    )
    period = 32.0
    along = np.mod(s.grid_y, period)
    pier = step(3.0 - np.abs(along - period / 2), 0, 1.5)
    image = mix(water, _rgb(0.62, 0.56, 0.48), pier)
    column = s.grid_x / 16
    across = (column - np.floor(column) - 0.5) * 16
    beside = np.abs(np.abs(along - period / 2) - 9)
    hull = step(1 - np.hypot(across / 3.4, beside / 5.8), 0, 0.35)
    is_moored = _table(s, np.floor(s.grid_y / period), np.floor(column)) > 0.25
    return mix(image, _rgb(0.95, 0.94, 0.92), hull * is_moored)


def solar_panels(s: Surface) -> Image:
    rows, columns = s.grid_y / 16, s.grid_x / 16
    row, column = rows - np.floor(rows), columns - np.floor(columns)
    panel = step(row, 0.22, 0.08)
    line = np.maximum(
        step(0.05 - np.minimum(column, 1 - column), 0, 0.06),
        step(0.03 - np.abs(row - 0.6), 0, 0.04),
    )
    face = ramp(
        1 - row + s.noise(30) * 0.15, (0.05, 0.09, 0.24), (0.10, 0.19, 0.42), (0.25, 0.38, 0.62)
    )
    face = mix(face, _rgb(0.62, 0.68, 0.78), line * 0.7)
    ground = tint(_rgb(0.50, 0.50, 0.34), s.noise(3) * 0.2)
    return mix(ground, face, panel)


def flood_water(s: Surface) -> Image:
    swirl = np.sin(s.across(0.25) / 9 + s.fractal(40, 3) * 3)
    base = ramp(
        0.5 + swirl * 0.18 + s.fractal(50, 2) * 0.2,
        (0.36, 0.27, 0.17),
        (0.54, 0.43, 0.29),
        (0.70, 0.60, 0.44),
    )
    return mix(base, _rgb(0.30, 0.34, 0.16), np.minimum(s.specks(0.0018, 3), 1) * 0.9)


def snow_field(s: Surface) -> Image:
    furrow = np.sin(s.grid_y * 2 * np.pi / 16)
    light = 0.70 + furrow * 0.14 + s.fractal(50, 2) * 0.14
    return ramp(light, (0.60, 0.70, 0.84), (0.84, 0.89, 0.95), (0.99, 0.99, 1.0))


def burnt_forest(s: Surface) -> Image:
    ash = ramp(
        0.45 + s.fractal(20, 3) * 0.35, (0.09, 0.08, 0.07), (0.24, 0.20, 0.17), (0.44, 0.40, 0.36)
    )
    trunk = s.noise(2.4, 13)
    image = mix(ash, _rgb(0.05, 0.04, 0.04), step(trunk, 0.55, 0.4))
    return mix(image, _rgb(0.62, 0.26, 0.10), np.minimum(s.specks(0.001, 1.6), 1) * 0.8)


def greenhouses(s: Surface) -> Image:
    rows = s.grid_x / 16
    bow = rows - np.floor(rows)
    roof = ramp(
        np.sin(bow * np.pi) * 0.85 + 0.1 + s.noise(30) * 0.06,
        (0.50, 0.60, 0.60),
        (0.78, 0.86, 0.85),
        (0.99, 1.0, 0.99),
    )
    rib = step(np.sin(s.grid_y * 2 * np.pi / 8), 0.85, 0.2)
    roof = roof * (1 - rib * 0.16)[..., None]
    return mix(roof, _rgb(0.26, 0.36, 0.18), step(0.09 - np.minimum(bow, 1 - bow), 0, 0.06))
