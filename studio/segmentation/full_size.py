"""Masks of a small picture at the size of the large photo that it was made from."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Extent

_EVEN = 1e-3  # of brightness squared: below that, a neighbourhood has no edge to follow


def mask_at_full_size(mask: NDArray[np.bool_], colours: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The mask at the photo's size (h, w, 3), its edge moved to the photo's own within a band.

    A guided filter (He, Sun and Tang, 2010) whose guide is the photo's brightness; beyond the band
    of two pixels of the small mask nothing moves.
    """
    height, width = colours.shape[:2]
    if mask.shape == (height, width):
        return mask
    scale = max(height / mask.shape[0], width / mask.shape[1])
    radius = max(1, round(scale))
    soft: Any = cv2.resize(
        mask.astype(np.float32), Extent(width, height), interpolation=cv2.INTER_LINEAR
    )
    large = soft >= 0.5
    rows, columns = _around(large, 4 * radius)
    if rows is None or columns is None:
        return large
    part = large[rows, columns]
    guide: Any = cv2.cvtColor(colours[rows, columns], cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    fitted = _guided(guide, part.astype(np.float32), 2 * radius) >= 0.5
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (4 * radius + 1, 4 * radius + 1))
    flat = part.astype(np.uint8)
    band = cv2.dilate(flat, reach) != cv2.erode(flat, reach)
    large[rows, columns] = np.where(band, fitted, part)
    return large


def _around(mask: NDArray[np.bool_], margin: int) -> tuple[slice | None, slice | None]:
    """The rows and columns of the mask and so many more."""
    found: list[slice | None] = []
    for axis in (1, 0):
        places = np.flatnonzero(mask.any(axis=axis))
        if places.size == 0:
            return None, None
        found.append(slice(max(0, int(places[0]) - margin), int(places[-1]) + margin + 1))
    return found[0], found[1]


def _guided(guide: Any, values: Any, radius: int) -> Any:
    def mean(picture: Any) -> Any:
        return cv2.boxFilter(picture, -1, (2 * radius + 1, 2 * radius + 1))

    guide_mean, value_mean = mean(guide), mean(values)
    slope = (mean(guide * values) - guide_mean * value_mean) / (
        mean(guide * guide) - guide_mean * guide_mean + _EVEN
    )
    return mean(slope) * guide + mean(value_mean - slope * guide_mean)
