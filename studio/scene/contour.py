"""The contour map: the outlines of all regions, white on black (the sparse shape condition)."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Extent


def contour_map(masks: Iterable[NDArray[np.bool_]], extent: Extent) -> NDArray[np.uint8]:
    """All masks' outlines, outer and inner, 1 px wide, on one map (height, width, 3), 0 or 255."""
    canvas = np.zeros(extent.shape, np.uint8)
    for mask in masks:
        outlines, _ = cv2.findContours(
            mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE
        )
        cv2.drawContours(canvas, outlines, -1, 255, 1)
    return np.repeat(canvas[:, :, None], 3, axis=2)
