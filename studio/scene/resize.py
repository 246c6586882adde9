"""A scene at another size: masks are scaled to the nearest pixel, so that borders stay sharp."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from studio.scene.errors import SceneError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.region import Click, Region
from studio.scene.scene import LARGEST_SIDE, Scene
from studio.scene.sentences import say


def resize_scene(scene: Scene, extent: Extent) -> tuple[Scene, tuple[str, ...]]:
    """The scaled scene, and which regions became too small to be seen and were left out."""
    if not 1 <= min(extent) <= max(extent) <= LARGEST_SIDE:
        raise SceneError(
            "A scene cannot be {extent} pixels; a side has 1 to {largest}.",
            extent=extent,
            largest=LARGEST_SIDE,
        )
    kept: list[Region] = []
    lost: list[str] = []
    for region in scene.regions:
        scaled = _resize(region, scene.extent, extent)
        if scaled is None:
            lost.append(
                say(
                    "{caption!r} is too small to be seen at {extent} pixels.",
                    caption=region.caption[:60],
                    extent=extent,
                )
            )
        else:
            kept.append(scaled)
    return Scene(*extent, scene.caption, kept), tuple(lost)


def _resize(region: Region, before: Extent, after: Extent) -> Region | None:
    pixels = cv2.resize(
        region.mask.pixels.astype(np.uint8), after, interpolation=cv2.INTER_NEAREST_EXACT
    )
    if not pixels.any():
        return None
    across, down = after.width / before.width, after.height / before.height
    clicks = tuple(Click(x * across, y * down, label) for x, y, label in region.clicks)
    return replace(region, mask=Mask(pixels.astype(np.bool_)), clicks=clicks)
