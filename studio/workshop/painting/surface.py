"""Noise, cells and patterns over a rectangle: the brushes that materials are painted with."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[Any]  # float32 (height, width)
Image = NDArray[Any]  # float32 (height, width, 3), 0..1


class Cells(NamedTuple):
    """A cell pattern: pixels to the cell's centre, a number 0..1 for each cell, its border."""

    distance: Field
    value: Field
    border: Field  # 1 on the border between cells, falling to 0


class Surface:
    """A rectangle to paint on; its top left corner lies at `origin` (x, y) of the picture.

    Patterns that repeat (bricks, tiles, stripes) are laid out over the whole picture, with periods
    that divide 16 or 32 px: a token of the model then sees the same piece of a pattern everywhere,
    which is what lets so small a model learn them sharply.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        height: int,
        width: int,
        origin: tuple[int, int] = (0, 0),
    ):
        self.rng = rng
        self.height = height
        self.width = width
        self.origin = origin

    @cached_property
    def x(self) -> Field:
        return np.broadcast_to(np.arange(self.width, dtype=np.float32), (self.height, self.width))

    @cached_property
    def y(self) -> Field:
        rows = np.arange(self.height, dtype=np.float32)[:, None]
        return np.broadcast_to(rows, (self.height, self.width))

    @cached_property
    def grid_x(self) -> Field:
        """x in the picture, at pixel centres."""
        return self.x + np.float32(self.origin[0] + 0.5)

    @cached_property
    def grid_y(self) -> Field:
        """y in the picture, at pixel centres."""
        return self.y + np.float32(self.origin[1] + 0.5)

    @cached_property
    def down(self) -> Field:
        """0 at the top row, 1 at the bottom row."""
        return self.y / max(1, self.height - 1)

    def across(self, angle: float) -> Field:
        """Pixels along the direction `angle` (radians)."""
        return self.x * np.float32(np.cos(angle)) + self.y * np.float32(np.sin(angle))

    def noise(self, cell: float, cell_y: float | None = None) -> Field:
        """Smooth noise, about -1..1, with bumps `cell` wide and `cell_y` high."""
        wide = max(1.0, cell)
        high = max(1.0, cell if cell_y is None else cell_y)
        columns = int(np.ceil(self.width / wide)) + 2
        rows = int(np.ceil(self.height / high)) + 2
        grid = self.rng.random((rows, columns), dtype=np.float32) * 2 - 1
        full = cv2.resize(
            grid, (int(columns * wide), int(rows * high)), interpolation=cv2.INTER_CUBIC
        )
        top = int(self.rng.integers(0, full.shape[0] - self.height + 1))
        left = int(self.rng.integers(0, full.shape[1] - self.width + 1))
        return full[top : top + self.height, left : left + self.width] * 1.3

    def fractal(self, cell: float, octaves: int = 3, flat: float = 1.0, gain: float = 0.5) -> Field:
        """Sum of noises, each half as large; `flat` above 1 stretches sideways. About -1..1."""
        total = np.zeros((self.height, self.width), np.float32)
        weight, norm = 1.0, 0.0
        for _ in range(octaves):
            total += weight * self.noise(cell * flat, cell)
            norm += weight**2
            weight *= gain
            cell = max(cell / 2, 1.0)
        return total / np.float32(np.sqrt(norm))

    def cells(self, size: float, warp: float = 0.0) -> Cells:
        """Cells of about `size` pixels around jittered centres."""
        margin = int(size) + 1
        height, width = self.height + 2 * margin, self.width + 2 * margin
        rows = np.arange(0, height / size + 1)
        columns = np.arange(0, width / size + 1)
        grid_y, grid_x = np.meshgrid(rows, columns, indexing="ij")
        shift = self.rng.random((2, *grid_y.shape)) * 0.85
        points_y = ((grid_y + shift[0]) * size).astype(int).clip(0, height - 1)
        points_x = ((grid_x + shift[1]) * size).astype(int).clip(0, width - 1)
        seeds = np.ones((height, width), np.uint8)
        seeds[points_y, points_x] = 0
        found: Any = cv2.distanceTransformWithLabels(
            seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        distance, labels = found
        inner = (slice(margin, -margin), slice(margin, -margin))
        distance, labels = distance[inner], labels[inner]
        if warp:
            distance, labels = self._warped(distance, labels, warp)
        value = self.rng.random(int(labels.max()) + 1, dtype=np.float32)[labels]
        return Cells(distance, value, _borders(labels))

    def _warped(self, distance: Field, labels: NDArray[np.int32], warp: float):
        map_x = self.x + self.noise(12) * np.float32(warp)
        map_y = self.y + self.noise(12) * np.float32(warp)
        distance = cv2.remap(
            distance, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        shifted = cv2.remap(
            labels.astype(np.float32),
            map_x,
            map_y,
            cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_REFLECT,
        )
        return distance, shifted.astype(np.int32)

    def specks(self, density: float, size: float = 1.0) -> Field:
        """Small soft dots, 0..1; `density` is the share of pixels that carry one."""
        count = max(1, int(density * self.height * self.width))
        dots = np.zeros((self.height, self.width), np.float32)
        rows = self.rng.integers(0, self.height, count)
        columns = self.rng.integers(0, self.width, count)
        dots[rows, columns] = self.rng.uniform(0.5, 1.0, count)
        if size <= 1:
            return dots
        span = int(size * 2) | 1
        dots = cv2.dilate(dots, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (span, span)))
        return cv2.GaussianBlur(dots, (3, 3), 0)


def _borders(labels: NDArray[np.int32]) -> Field:
    edge = np.zeros(labels.shape, np.float32)
    edge[:, 1:] = labels[:, 1:] != labels[:, :-1]
    edge[1:] = np.maximum(edge[1:], labels[1:] != labels[:-1])
    return np.minimum(cv2.GaussianBlur(edge, (0, 0), 0.9) * 2.0, 1)


def ramp(values: Field, *colours: tuple[float, float, float]) -> Image:
    """Colours along a line: 0 is the first, 1 the last."""
    stops = np.linspace(0, 255, len(colours))
    table = np.stack(
        [np.interp(np.arange(256), stops, [c[i] for c in colours]) for i in range(3)], axis=1
    ).astype(np.float32)
    return table[(np.clip(values, 0, 1) * 255).astype(np.uint8)]


def mix(low: Image, high: Image, share: Field) -> Image:
    share = share[..., None]
    return low * (1 - share) + high * share


def step(values: Field, edge: float | Field, soft: float) -> Field:
    """0 below `edge`, 1 above, over a width of `soft`."""
    t = np.clip((values - edge) / soft + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def tint(rgb: NDArray[Any], light: Field) -> Image:
    """Paint of one colour under `light`: 0 as it is, +1 brighter, -1 darker; black too."""
    light = light[..., None]
    return np.where(light > 0, rgb + (1.05 - rgb) * light * 0.55, rgb * (1 + light * 0.75))


def relief(height: Field, strength: float = 1.0) -> Field:
    """Light on a height field from the top left, about -1..1."""
    dx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) / 8
    dy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) / 8
    return np.clip((dx * 0.6 + dy * 0.8) * strength, -1, 1)
