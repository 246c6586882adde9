"""The shadow that a kept subject throws where it stands: on its new world, never on itself."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Bounds

DARKEST = 0.8  # of the light, taken away where a full shadow is deepest
_FOOT = 0.2  # of the subject's height: what ends higher than this above the ground does not stand
_THICK, _SMALLEST = 0.03, 1.0  # of the subject's height, and pixels: how deep its sole is drawn
_WIDE, _FLAT = 0.12, 0.05  # of the subject's size: how far the shadow spreads, along and down


def light_left(subject: NDArray[np.bool_], strength: float) -> NDArray[np.float32]:
    """(h, w): what is left of the light around a subject that stands in the picture, 0..1.

    It is 1 on the subject, far from its feet, and everywhere if nothing of its foot is in sight.
    """
    full = np.ones(subject.shape, np.float32)
    rows = np.flatnonzero(subject.any(axis=1))
    if strength <= 0 or not rows.size:
        return full
    height = float(rows[-1] - rows[0] + 1)
    sole = _sole(subject, height)
    if not sole.any():
        return full
    size = float(np.sqrt(np.count_nonzero(subject)))
    spread = max(_WIDE * size, _SMALLEST), max(_FLAT * size, _SMALLEST)
    place = _around(sole, 3 * spread[0], 3 * spread[1])
    near, outside = np.ascontiguousarray(sole[place]), ~subject[place]
    wide = _blurred(near, *spread)
    tight = _blurred(near, spread[1], spread[1])
    depth = sum(each / max(float(each[outside].max()), 1e-6) for each in (wide, tight)) / 2
    full[place] -= np.float32(DARKEST * strength) * depth
    full[subject] = 1
    return full


def _blurred(values: NDArray[np.float32], across: float, down: float) -> NDArray[np.float32]:
    blurred = cv2.GaussianBlur(
        values, (0, 0), sigmaX=across, sigmaY=down, borderType=cv2.BORDER_REPLICATE
    )
    return np.asarray(blurred, np.float32)


def _sole(subject: NDArray[np.bool_], height: float) -> NDArray[np.float32]:
    """(h, w) 0..1: the lowest pixels of what stands, fainter the higher above the ground.

    All 0 for a subject that the picture's lower edge cuts off.
    """
    lowest = subject.shape[0] - 1 - np.argmax(subject[::-1], axis=0)
    there = subject.any(axis=0)
    ground = int(lowest[there].max())
    sole = np.zeros(subject.shape, np.float32)
    if ground == subject.shape[0] - 1:
        return sole
    thick = max(_THICK * height, _SMALLEST)
    nearness = np.where(there, 1 - (ground - lowest) / max(_FOOT * height, 1), 0)
    for column in np.flatnonzero(nearness > 0):
        low = int(lowest[column])
        sole[max(0, round(low - thick)) : round(low + thick) + 1, column] = nearness[column]
    return sole


def _around(mask: NDArray[np.float32], across: float, down: float) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    box = Bounds(
        max(0, int(columns[0] - across)),
        max(0, int(rows[0] - down - across / 3)),
        min(width, int(columns[-1] + across) + 1),
        min(height, int(rows[-1] + down + across / 3) + 1),
    )
    return slice(box.top, box.bottom), slice(box.left, box.right)
