"""Made materials: walls, wood, metal, cloth, patterns. Those that take a colour get it as rgb."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.workshop.painting.surface import Field, Image, Surface, mix, ramp, relief, step, tint

Rgb = NDArray[Any]
_WHITE = np.array((0.95, 0.95, 0.93), np.float32)


def _grid_value(s: Surface, rows: Field, columns: Field) -> Field:
    """A number 0..1 for each cell of a grid given by whole row and column numbers."""
    table = s.rng.random((64, 64), dtype=np.float32)
    return table[rows.astype(int) % 64, columns.astype(int) % 64]


def _groove(position: Field, width: float) -> Field:
    """1 on the grid lines of a fractional position, falling to 0 within `width`."""
    nearest = np.minimum(position, 1 - position)
    return 1 - step(nearest, width, width)


def brick_wall(s: Surface, rgb: Rgb) -> Image:
    rows = s.grid_y / 8
    row = np.floor(rows)
    columns = s.grid_x / 16 + row * 0.5
    column = np.floor(columns)
    mortar = np.maximum(_groove(rows - row, 0.10), _groove(columns - column, 0.05))
    light = (_grid_value(s, row, column) - 0.5) * 0.55 + s.noise(3) * 0.07
    grout = _WHITE * 0.78 if rgb.mean() < 0.7 else _WHITE * 0.55
    return mix(tint(rgb, light), grout, mortar * 0.85)


def stone_wall(s: Surface, rgb: Rgb) -> Image:
    stones = s.cells(19, warp=3)
    seam = cv2.GaussianBlur(stones.border, (0, 0), 1.2) * 1.5
    bulge = relief(-stones.distance / 10, 3) * -0.3
    light = (stones.value - 0.5) * 0.6 + bulge + s.noise(2.2) * 0.12 + 0.1
    return mix(tint(rgb, np.clip(light, -0.8, 0.8)), rgb * 0.28, np.minimum(seam, 1))


def roof_tiles(s: Surface, rgb: Rgb) -> Image:
    rows, columns = s.grid_y / 8, s.grid_x / 8
    bend = (columns - np.floor(columns) - 0.5) ** 2 * 0.9
    rows = rows + bend
    row = np.floor(rows)
    light = (rows - row - 0.45) * 0.7 + (_grid_value(s, row, np.floor(columns)) - 0.5) * 0.35
    light = light + np.cos((columns - np.floor(columns) - 0.5) * 5) * 0.18
    return tint(rgb, np.clip(light - 0.8 * (rows - row < 0.14), -0.85, 0.8))


def _grain(s: Surface, angle: float) -> Field:
    run, cross = s.across(angle), s.across(angle + np.pi / 2)
    rings = cross / 5.0 + s.fractal(46, 2) * 2.6 + np.sin(run / 40) * 0.6
    fibre = s.noise(22, 1.8) if abs(np.cos(angle)) > 0.7 else s.noise(1.8, 22)
    return np.sin(rings) * 0.26 + fibre * 0.16


def wood(s: Surface, rgb: Rgb) -> Image:
    return tint(rgb, _grain(s, 0.0) + s.noise(40) * 0.1)


def planks(s: Surface, rgb: Rgb) -> Image:
    boards = s.grid_x / 16
    board = np.floor(boards)
    value = _grid_value(s, board, np.zeros_like(board))
    light = _grain(s, np.pi / 2) * 0.7 + (value - 0.5) * 0.5
    return mix(tint(rgb, light), rgb * 0.22, _groove(boards - board, 0.06))


def marble(s: Surface, rgb: Rgb) -> Image:
    vein = 1 - np.abs(s.fractal(44, 4, gain=0.55))
    fine = 1 - np.abs(s.fractal(20, 3))
    dark = rgb * 0.5 if rgb.mean() > 0.3 else rgb + 0.5
    share = np.clip(step(vein, 0.95, 0.3) * 0.75 + step(fine, 0.96, 0.14) * 0.4, 0, 1)
    return mix(tint(rgb, s.fractal(40, 2) * 0.12), dark.astype(np.float32), share)


def concrete(s: Surface, rgb: Rgb) -> Image:
    light = s.fractal(30, 3) * 0.14 + s.noise(2.4) * 0.07
    return mix(tint(rgb, light), rgb * 0.5, np.minimum(s.specks(0.004, 1.4), 1) * 0.6)


def metal(s: Surface, rgb: Rgb) -> Image:
    shine = np.sin((s.x * 0.8 + s.y * 0.6) / 34 + s.rng.random() * 6)
    light = shine * 0.34 + s.noise(60, 1.4) * 0.16 + step(shine, 0.86, 0.3) * 0.35
    return tint(rgb, light)


def rusty_metal(s: Surface) -> Image:
    plate = metal(s, np.array((0.50, 0.51, 0.53), np.float32))
    patch = s.fractal(28, 4, gain=0.6)
    rust = ramp(
        0.5 + patch * 0.3 + s.noise(2) * 0.12,
        (0.24, 0.10, 0.05),
        (0.55, 0.25, 0.09),
        (0.76, 0.43, 0.18),
    )
    return mix(plate, rust, step(patch, -0.25, 0.4))


def gold(s: Surface) -> Image:
    fold = s.fractal(36, 2)
    light = np.sin(fold * 3.2 + s.across(0.9) / 26)
    return ramp(
        0.5 + light * 0.42,
        (0.45, 0.27, 0.04),
        (0.80, 0.57, 0.12),
        (0.98, 0.82, 0.30),
        (1.0, 0.97, 0.75),
    )


def glass(s: Surface, rgb: Rgb) -> Image:
    streak = (s.grid_x + s.grid_y) / 32
    band = np.abs(streak - np.floor(streak) - 0.5)
    light = (
        step(band, 0.36, 0.05) * 0.45 - step(0.13 - band, 0, 0.05) * 0.12 + (0.35 - s.down) * 0.3
    )
    return tint(rgb, light)


def plastic(s: Surface, rgb: Rgb) -> Image:
    gloss = np.exp(-(((s.down - 0.26) / 0.10) ** 2)) * 0.38
    return tint(rgb, gloss + (0.4 - s.down) * 0.25)


def rubber(s: Surface, rgb: Rgb) -> Image:
    stud = np.sin(s.grid_x * 2 * np.pi / 16) * np.sin(s.grid_y * 2 * np.pi / 16)
    return tint(rgb, relief(step(stud, 0.35, 0.5), 1.8) * -0.9 + s.noise(1.6) * 0.05)


def fabric(s: Surface, rgb: Rgb) -> Image:
    fold = s.fractal(48, 2)
    weave = np.sin(s.grid_x * 2 * np.pi / 8) * np.sin(s.grid_y * 2 * np.pi / 8)
    return tint(rgb, relief(fold, 18) * -0.42 + weave * 0.13)


def denim(s: Surface) -> Image:
    twill = np.sin((s.grid_x - s.grid_y) * 2 * np.pi / 8)
    light = twill * 0.20 + s.noise(3) * 0.10 + s.fractal(38, 2) * 0.16
    return tint(np.array((0.22, 0.34, 0.55), np.float32), light)


def knit(s: Surface, rgb: Rgb) -> Image:
    columns = s.grid_x / 16
    inside = np.abs(columns - np.floor(columns) - 0.5)
    rows = s.grid_y / 8 - inside * 2
    stitch = np.sin((rows - np.floor(rows)) * np.pi)
    light = stitch * 0.62 - 0.34 - _groove(columns - np.floor(columns), 0.09) * 0.45
    return tint(rgb, light - step(0.10 - inside, 0, 0.1) * 0.3 + s.noise(30) * 0.1)


def leather(s: Surface, rgb: Rgb) -> Image:
    skin = s.cells(7, warp=2)
    light = 0.16 - skin.border * 0.42 + relief(-skin.distance / 5, 2) * -0.2
    return tint(rgb, light + s.fractal(44, 2) * 0.22)


def carpet(s: Surface, rgb: Rgb) -> Image:
    return tint(rgb, s.noise(3.2) * 0.26 + s.noise(6) * 0.16 + s.noise(40) * 0.06)


def paper(s: Surface, rgb: Rgb) -> Image:
    crease = s.cells(46)
    return tint(
        rgb, (crease.value - 0.5) * 0.22 + relief(crease.border, 3) * -0.3 + s.noise(1.6) * 0.03
    )


def tiles(s: Surface, rgb: Rgb) -> Image:
    columns, rows = s.grid_x / 16, s.grid_y / 16
    column, row = np.floor(columns), np.floor(rows)
    grout = np.maximum(_groove(columns - column, 0.055), _groove(rows - row, 0.055))
    gloss = np.clip(1 - np.hypot(columns - column - 0.3, rows - row - 0.3) * 2.2, 0, 1) * 0.4
    light = (_grid_value(s, row, column) - 0.5) * 0.25 + gloss
    line = _WHITE * 0.88 if rgb.mean() < 0.75 else _WHITE * 0.5
    return mix(tint(rgb, light), line, grout)


def stripes(s: Surface, rgb: Rgb, other: Rgb) -> Image:
    wave = np.sin(s.grid_x * 2 * np.pi / 16)
    return mix(tint(rgb, s.noise(40) * 0.1), other, step(wave, 0.0, 0.5))


def checks(s: Surface, rgb: Rgb, other: Rgb) -> Image:
    wave = np.sin(s.grid_x * 2 * np.pi / 32) * np.sin(s.grid_y * 2 * np.pi / 32)
    return mix(tint(rgb, s.noise(40) * 0.1), other, step(wave, 0.0, 0.14))


def dots(s: Surface, rgb: Rgb, other: Rgb) -> Image:
    rows = s.grid_y / 8
    columns = s.grid_x / 16 + np.floor(rows) * 0.5
    radius = np.hypot((columns - np.floor(columns) - 0.5) * 16, (rows - np.floor(rows) - 0.5) * 8)
    return mix(tint(rgb, s.noise(40) * 0.1), other, step(3.4 - radius, 0, 1.3))


def leopard(s: Surface) -> Image:
    spot = s.cells(14, warp=3)
    ring = np.abs(spot.distance - 3.9 + s.noise(5) * 0.9)
    base = tint(
        np.array((0.83, 0.60, 0.30), np.float32), s.noise(30) * 0.18 + s.noise(1.7, 5) * 0.10
    )
    base = mix(
        base,
        np.array((0.62, 0.38, 0.15), np.float32),
        step(3.4 - spot.distance, 0, 1.5) * 0.7,
    )
    return mix(base, np.array((0.12, 0.08, 0.05), np.float32), step(1.6 - ring, 0, 1.0))


def zebra(s: Surface) -> Image:
    run = s.x / 10.5 + s.fractal(40, 2) * 0.75
    wave = np.sin(run * np.pi)
    return mix(
        tint(_WHITE, s.noise(2, 6) * 0.08),
        np.array((0.07, 0.06, 0.06), np.float32),
        step(wave, 0.05, 0.35),
    )


def scales(s: Surface, rgb: Rgb) -> Image:
    light = np.full((s.height, s.width), -0.4, np.float32)
    for back in (1, 0, -1):  # round plates in rows, each row over the one below it
        row = np.floor(s.grid_y / 8) + back
        columns = s.grid_x / 16 + np.mod(row, 2) * 0.5
        across = (columns - np.floor(columns) - 0.5) * 2
        along = s.grid_y / 8 - row
        radius = np.hypot(across, along * 0.62)
        plate = 0.40 - radius * 0.45 - step(radius, 0.94, 0.18) * 0.45
        light = np.where(radius < 1.12, plate, light)
    return tint(rgb, light.astype(np.float32) + s.noise(30) * 0.10)


def fur(s: Surface, rgb: Rgb) -> Image:
    hair = s.noise(1.9, 11)
    bend = s.noise(34) * 7
    hair = cv2.remap(
        hair, s.x + bend, s.y + bend * 0.4, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return tint(rgb, hair * 0.42 + s.noise(16, 24) * 0.22)
