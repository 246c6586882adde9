"""Small scenes and pictures for tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.request import Picture, RenderRequest, Sampling
from studio.scene.scene import Scene


def box_mask(
    width: int, height: int, left: int, top: int, right: int, bottom: int
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    pixels = np.zeros((height, width), np.bool_)
    pixels[top:bottom, left:right] = True
    return pixels


def two_region_scene(width: int = 32, height: int = 24) -> Scene:
    """A lower half of grass, and a ball that overlaps it."""
    return Scene(
        width,
        height,
        caption="a meadow at noon",
        regions=[
            Region(Mask(box_mask(width, height, 0, height // 2, width, height)), "green grass"),
            Region(
                Mask(box_mask(width, height, 4, 4, width // 2, height - 4)),
                "a red ball",
                name="ball",
                gamma=0.5,
            ),
        ],
    )


def small_picture(scene: Scene | None = None, **sampling: Any) -> Picture:
    """A picture as an engine would return it, all grey."""
    scene = scene or two_region_scene()
    request = RenderRequest(scene, Sampling(**sampling))
    count = request.sampling.count
    images = [Image.new("RGB", scene.extent, (90 + index, 90, 90)) for index in range(count)]
    return Picture(images, None, request, seconds=1.5, made_with={"model": "none", "weights": "0f"})
