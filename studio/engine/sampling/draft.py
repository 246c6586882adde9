"""Drafts: the same scene at half its size."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.scene import Scene


def halved(scene: Scene, step: int) -> Scene:
    """The scene at half its size, rounded to the multiple of `step` that is nearest above.

    No region is lost: one too thin for nearest sampling keeps every pixel it touches.
    """
    extent = halved_extent(scene.extent, step)
    regions = [
        replace(region, mask=Mask(_shrunk(region.mask.pixels, extent)), clicks=())
        for region in scene.regions
    ]
    return Scene(extent.width, extent.height, scene.caption, regions)


def halved_extent(extent: Extent, step: int) -> Extent:
    return Extent(_half(extent.width, step), _half(extent.height, step))


def _half(side: int, step: int) -> int:
    return max(step, -(-side // (2 * step)) * step)


def _shrunk(pixels: NDArray[np.bool_], extent: Extent) -> NDArray[np.bool_]:
    values = pixels.astype(np.uint8)
    small = cv2.resize(values, tuple(extent), interpolation=cv2.INTER_NEAREST_EXACT).astype(bool)
    if small.any():
        return small
    rows, columns = np.nonzero(pixels)
    height, width = pixels.shape
    small[rows * extent.height // height, columns * extent.width // width] = True
    return small
