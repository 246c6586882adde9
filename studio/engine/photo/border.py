"""The border of what changes: a feather where a ground goes on, and a firm edge where a thing ends.

A feather across an edge of the photo would leave a rim of what was there before, and one around a
new thing would make it fade. So what lies just inside is compared with what lies just outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.engine.photo.changes import Change
from studio.scene.geometry import Bounds, Extent
from studio.scene.photo import Photo

FIRM = 1.0  # pixels of a feather at an edge
WIDE, WIDEST = 0.2, 24.0  # of a region's size, at most so many pixels: where a ground goes on
_SAME, _OTHER = 10.0, 30.0  # levels between the two sides of a border: a ground, and an edge
_SAME_MADE, _OTHER_MADE = 30.0, 70.0  # the same of what was made, whose colours are less exact
_NEAR = 4.0  # pixels around a place are looked at on both sides
_SEEN = 0.02  # of what is around a place has to lie on either side
_COMPARED_SIDE = 1024  # pixels, at which the two sides are compared


@dataclass(frozen=True, eq=False)
class Border:
    """What surrounds a change, at the size at which the sides of its border are compared."""

    change: Change
    around: Bounds
    size: Extent
    photo: NDArray[np.uint8]  # (h, w, 3)
    inside: NDArray[np.float32]  # (h, w)
    reach: float

    @staticmethod
    def of(change: Change, photo: Photo) -> Border:
        around = grown(change, round(2 * WIDEST))
        scale = min(1.0, _COMPARED_SIDE / max(around.extent))
        sides = (max(1, round(side * scale)) for side in around.extent)
        size = Extent(*sides)
        pixels = _smaller(photo.crop(around).colours8(), size)
        mask = np.zeros(around.extent.shape, np.float32)
        mask[place_in(change.box, around)] = change.mask
        return Border(change, around, size, pixels, _smaller(mask, size), max(1.0, _NEAR * scale))

    def difference(self, made: NDArray[np.uint8] | None = None) -> NDArray[np.float32]:
        """(h, w) in the change's box: 0 where its border lies on one ground, 1 at an edge.

        made: what was made (h, w, 3) in the box; None: of the photo as it is.
        """
        place = place_in(self.change.box, self.around)
        shown = self.photo
        if made is not None:
            whole = np.zeros((*self.around.extent.shape, 3), np.uint8)
            whole[place] = made
            shown = _smaller(whole, self.size)
        within, near = _mean_of(shown, self.inside, self.reach)
        without, far = _mean_of(self.photo, 1 - self.inside, self.reach)
        gap = np.abs(within - without).max(axis=2)
        same, other = (_SAME, _OTHER) if made is None else (_SAME_MADE, _OTHER_MADE)
        share = np.clip((gap - same) / (other - same), 0, 1).astype(np.float32)
        share = _extended(share, np.minimum(near, far) > _SEEN, WIDEST * self.reach / _NEAR)
        extent = tuple(self.around.extent)
        large: Any = cv2.resize(share, extent, interpolation=cv2.INTER_LINEAR)
        return large[place]

    def feather(self, made: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(h, w) in the change's box: wide where what was made goes on with what is outside."""
        wide = self.change.slope(self._widest)
        edge = np.maximum(self.difference(made), self.difference())
        return wide + (1 - wide) * edge

    @property
    def _widest(self) -> float:
        size = float(np.count_nonzero(self.change.mask)) ** 0.5
        return min(WIDE * size, WIDEST, self.change.half_width / 2)


def place_in(box: Bounds, around: Bounds) -> tuple[slice, slice]:
    """The rows and columns of a box within another."""
    return (
        slice(box.top - around.top, box.bottom - around.top),
        slice(box.left - around.left, box.right - around.left),
    )


def grown(change: Change, pixels: int) -> Bounds:
    """The change's box with so much around it, as far as the photo goes."""
    return change.box.grown(pixels, change.photo)


def _smaller(values: Any, size: Extent) -> Any:
    if values.shape[:2] == size.shape:
        return values
    return np.asarray(cv2.resize(values, tuple(size), interpolation=cv2.INTER_AREA))


def _extended(share: Any, is_known: Any, reach: float) -> NDArray[np.float32]:
    """What is known at the border, carried inward and outward to where it is needed."""
    known = is_known.astype(np.float32)
    total = cv2.GaussianBlur(share * known, (0, 0), reach)
    count = cv2.GaussianBlur(known, (0, 0), reach)
    carried = total / np.maximum(count, 1e-6)
    return np.where(is_known, share, carried * (count > 1e-6)).astype(np.float32)


def _mean_of(pixels: NDArray[np.uint8], weight: NDArray[np.float32], reach: float) -> Any:
    """(h, w, 3): the mean around each place of the pixels that count; and how many of them do."""
    total = cv2.GaussianBlur(pixels * weight[..., None], (0, 0), reach)
    count = cv2.GaussianBlur(weight, (0, 0), reach)
    return total / np.maximum(count, 1e-4)[..., None], count
