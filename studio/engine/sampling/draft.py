"""Drafts: the same scene at half its size."""

from __future__ import annotations

from dataclasses import replace

from studio.scene.geometry import Extent
from studio.scene.mask_edits import resized
from studio.scene.scene import Scene


def halved(scene: Scene, step: int) -> Scene:
    """The scene at half its size, rounded to the multiple of `step` that is nearest above.

    No region is lost: one too thin for nearest sampling keeps every pixel it touches.
    """
    extent = halved_extent(scene.extent, step)
    regions = [
        replace(region, mask=resized(region.mask, extent), clicks=()) for region in scene.regions
    ]
    return Scene(extent.width, extent.height, scene.caption, regions)


def halved_extent(extent: Extent, step: int) -> Extent:
    return Extent(_half(extent.width, step), _half(extent.height, step))


def _half(side: int, step: int) -> int:
    return max(step, -(-side // (2 * step)) * step)
