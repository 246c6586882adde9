"""What regions of a photo became, as layers over it, and the proof that nothing else moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Bounds
from studio.scene.photo import Pixels, colours_of

_ROWS = 256  # of a photo at once, so that a large one needs little memory


@dataclass(frozen=True, eq=False)
class PhotoLayer:
    """What one region became.

    box: where, in the photo; pixels: (h, w, 1) or (h, w, 3), the photo's number type and colours;
    alpha: (h, w) float32 in [0, 1], 0 wherever the photo stays; region: its identity, None for
    everything around a kept subject.
    """

    box: Bounds
    pixels: Pixels
    alpha: NDArray[np.float32]
    region: str | None


class _Difference(NamedTuple):
    largest: int
    count: int  # pyright: ignore[reportIncompatibleMethodOverride]


class Outside(_Difference):
    """What differs outside the regions: the largest difference and how many pixels; (0, 0).

    largest: in the photo's own levels; `of`: how many pixels were compared.
    """

    of: int

    def __new__(cls, largest: int, count: int, of: int = 0) -> Outside:
        made = super().__new__(cls, largest, count)
        made.of = of
        return made

    def __getnewargs__(self) -> tuple[int, int, int]:  # for copies
        return self.largest, self.count, self.of


def composite(
    pixels: Pixels, layers: Sequence[PhotoLayer], opacities: Sequence[float] | None = None
) -> Pixels:
    """The photo under its layers, the first lowest: where alpha is 0 the very values it had."""
    made = np.array(pixels)
    for number, layer in enumerate(layers):
        opacity = 1.0 if opacities is None else opacities[number]
        left, top, right, bottom = layer.box
        for first in range(0, bottom - top, _ROWS):
            rows = slice(first, first + _ROWS)
            place = colours_of(made[top:bottom, left:right])[rows]
            alpha = (layer.alpha[rows] * np.float32(opacity))[..., None]
            shown = layer.pixels[rows].astype(np.float32)
            blended = np.rint(place + (shown - place) * alpha).astype(made.dtype)
            np.copyto(place, blended, where=alpha > 0)
    return made


def inward_alpha(
    mask: NDArray[np.bool_], feather: float, touches_border_ok: bool = True
) -> NDArray[np.float32]:
    """(h, w): 0 outside the mask, and inside it a ramp over the `feather` pixels at its edge.

    touches_border_ok: the array's own border is no edge of the mask.
    """
    if feather <= 0 or not mask.any():
        return mask.astype(np.float32)
    edge = 0 if touches_border_ok else 1
    padded = np.pad(mask.astype(np.uint8), edge)
    if padded.all():
        return mask.astype(np.float32)
    distance: Any = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    inner = distance[edge : edge + mask.shape[0], edge : edge + mask.shape[1]]
    return np.minimum(inner / np.float32(feather + 1), 1).astype(np.float32)


def outside(before: Pixels, after: Pixels, mask: NDArray[np.bool_]) -> Outside:
    """Compare two photos of one size wherever the mask (h, w) is not; opacity counts."""
    largest = count = compared = 0
    for first in range(0, mask.shape[0], _ROWS):
        rows = slice(first, first + _ROWS)
        kept = ~mask[rows]
        compared += int(np.count_nonzero(kept))
        old, new = before[rows], after[rows]
        if np.array_equal(old, new):
            continue
        gap = np.where(old > new, old - new, new - old)
        worst = gap if gap.ndim == 2 else gap.max(axis=2)
        worst = worst * kept
        largest = max(largest, int(worst.max()))
        count += int(np.count_nonzero(worst))
    return Outside(largest, count, compared)
