"""A drawing of one thing, cut out of its background: its paint, its outline, its main colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.errors import PictureFileError
from studio.workshop.painting.colours import Rgb
from studio.workshop.painting.surface import Field, Image, tint

_SOLID = 0.9  # alpha from which a pixel's paint is the drawing's own
_CRUMB = 0.15  # of the largest piece's pixels; a smaller piece is dropped
_HUES = 72


@dataclass(frozen=True, eq=False)
class Drawing:
    """`paint` goes on beyond the outline, so that a drawing also fills a rougher one."""

    paint: Image
    alpha: Field

    def painted(self, rgb: Rgb | None) -> Image:
        """The paint, with its main colour replaced by `rgb`."""
        if rgb is None:
            return self.paint
        made = tint(np.asarray(rgb, np.float32), self._main_light)
        share = self.main[..., None]
        return self.paint * (1 - share) + made * share

    @property
    def main_share(self) -> float:
        """How much of the drawing has its main colour, 0..1."""
        return float(self._is_main.sum()) / max(1, int(self._is_solid.sum()))

    @cached_property
    def main(self) -> Field:
        """How far each pixel has the drawing's main colour, 0..1; nowhere when it has none."""
        hsv = cv2.cvtColor(self.paint, cv2.COLOR_RGB2HSV)
        hue, saturation, value = hsv[..., 0], hsv[..., 1], hsv[..., 2]
        count = int(self._is_solid.sum())
        is_hued = self._is_solid & (saturation > 0.3) & (value > 0.2)
        is_pale = self._is_solid & (saturation < 0.25) & (value > 0.3)
        found = np.zeros_like(hue)
        if is_hued.sum() > 0.45 * count:
            far = np.abs((hue - _commonest(hue[is_hued]) + 180) % 360 - 180)
            found = _rise(38 - far, 0, 12) * _rise(saturation, 0.18, 0.12) * _rise(value, 0.15, 0.1)
        elif is_pale.sum() > 0.6 * count:
            found = _rise(0.3 - saturation, 0, 0.08) * _rise(value, 0.25, 0.1)
        return (found * (self.alpha > 0.02)).astype(np.float32)

    @property
    def _is_solid(self) -> NDArray[np.bool_]:
        return self.alpha > 0.5

    @property
    def _is_main(self) -> NDArray[np.bool_]:
        return (self.main > 0.5) & self._is_solid

    @cached_property
    def _main_light(self) -> Field:
        """Light around the main colour's usual one, about -1..1."""
        luma = self.paint @ np.array((0.3, 0.59, 0.11), np.float32)
        usual = float(np.median(luma[self._is_main])) if self._is_main.any() else 0.5
        room = np.where(luma > usual, max(0.15, 1 - usual), max(0.15, usual))
        return np.clip((luma - usual) / room * 0.9, -0.85, 0.85).astype(np.float32)


def read_drawing(path: Path) -> Drawing:
    """A drawing from a picture file with transparency, cropped to what is seen of it."""
    picture: Any = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.ndim != 3 or picture.shape[2] != 4:
        raise PictureFileError(
            f"{path} is no drawing: a picture with transparency is needed. Fetch it again."
        )
    paint = picture[..., 2::-1].astype(np.float32) / 255
    alpha = _without_crumbs(picture[..., 3].astype(np.float32) / 255)
    rows, columns = np.flatnonzero(alpha.max(1) > 0.3), np.flatnonzero(alpha.max(0) > 0.3)
    if not len(rows):
        raise PictureFileError(f"{path} shows nothing: all of it is transparent.")
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    alpha = np.ascontiguousarray(alpha[box])
    return Drawing(_spread(paint[box], alpha), alpha)


def _without_crumbs(alpha: Field) -> Field:
    pieces: Any = cv2.connectedComponentsWithStats((alpha > 0.3).astype(np.uint8))
    count, labels, stats, _ = pieces
    if count <= 2:
        return alpha
    sizes = stats[1:, cv2.CC_STAT_AREA]
    kept = np.isin(labels, 1 + np.flatnonzero(sizes > _CRUMB * sizes.max())).astype(np.uint8)
    return alpha * (cv2.dilate(kept, np.ones((5, 5), np.uint8)) > 0)


def _spread(paint: Image, alpha: Field) -> Image:
    """The paint, continued outside by the colour of the nearest solid pixel."""
    is_solid = alpha >= min(_SOLID, float(alpha.max()))
    found: Any = cv2.distanceTransformWithLabels(
        (~is_solid).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner = found[1]
    table = np.zeros((int(owner.max()) + 1, 3), np.float32)
    table[owner[is_solid]] = paint[is_solid]
    nearest = table[owner]
    soft = cv2.GaussianBlur(nearest, (0, 0), 3)
    outside = np.where((alpha < 0.05)[..., None], soft, nearest)
    return np.where(is_solid[..., None], paint, outside).astype(np.float32)


def _commonest(hues: NDArray[Any]) -> float:
    """The commonest of hues in degrees, by a smoothed count."""
    width = 360 / _HUES
    votes = np.bincount((hues / width).astype(int) % _HUES, minlength=_HUES).astype(float)
    near = zip(range(-3, 4), (0.5, 1, 1, 1, 1, 1, 0.5), strict=True)
    smooth = np.sum([np.roll(votes, by) * weight for by, weight in near], axis=0)
    return (int(np.argmax(smooth)) + 0.5) * width


def _rise(values: NDArray[Any], start: float, over: float) -> NDArray[Any]:
    """0 up to `start`, then rising to 1."""
    return np.clip((values - start) / over, 0, 1)
