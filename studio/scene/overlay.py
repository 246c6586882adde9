"""A scene drawn for the eye: patterned colours, outlines with a halo, and numbers."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from studio.scene.coverage import label_map
from studio.scene.geometry import Extent
from studio.scene.palette import Pattern, region_style
from studio.scene.scene import Scene

BACKGROUND = (52, 54, 58)


def overlay_picture(
    scene: Scene, below: Image.Image | None = None, opacity: float = 0.6
) -> Image.Image:
    """Visible regions over `below` (of the scene's size), or over plain grey at full opacity."""
    labels = label_map(scene)
    if below is None:
        canvas = np.full((*scene.extent.shape, 3), BACKGROUND, np.float32)
        opacity = 1.0
    else:
        canvas = np.array(below.convert("RGB"), np.float32)
    count = len(scene.visible_regions)
    for number in range(1, count + 1):
        inside = labels == number
        style = region_style(number)
        shade = np.where(_pattern(style.pattern, scene.extent)[inside], 0.72, 1.0)[:, None]
        colour = np.array(style.colour, np.float32) * shade
        canvas[inside] = canvas[inside] * (1 - opacity) + colour * opacity
    picture = np.rint(canvas).astype(np.uint8)
    for number in range(1, count + 1):
        _outline(picture, labels == number)
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    for number in range(1, count + 1):
        _number(draw, labels == number, number, scene.extent)
    return image


def inner_point(mask: NDArray[np.bool_]) -> tuple[int, int]:
    """The pixel (x, y) farthest from the mask's border: where a number sits well."""
    padded = np.pad(mask, 1).astype(np.uint8)
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    y, x = divmod(int(distance.argmax()), mask.shape[1])
    return x, y


def _pattern(pattern: Pattern, extent: Extent) -> NDArray[np.bool_]:
    """True where the pattern's marks are."""
    step = max(8, round(min(extent) / 32))
    mark = max(2, step // 4)
    y, x = np.mgrid[: extent.height, : extent.width]
    if pattern == "hatch":
        return (x + y) % step < mark
    if pattern == "back-hatch":
        return (x - y) % step < mark
    if pattern == "cross":
        return ((x + y) % step < mark) | ((x - y) % step < mark)
    if pattern == "rows":
        return y % step < mark
    if pattern == "dots":
        half = step / 2
        return (x % step - half) ** 2 + (y % step - half) ** 2 < mark**2
    return np.zeros(extent.shape, np.bool_)


def _outline(picture: NDArray[np.uint8], mask: NDArray[np.bool_]) -> None:
    """A white line with a dark halo shows on any ground."""
    if not mask.any():
        return
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    width = max(1, round(min(mask.shape) / 400))
    cv2.drawContours(picture, outlines, -1, (20, 20, 20), 3 * width)
    cv2.drawContours(picture, outlines, -1, (255, 255, 255), width)


def _number(
    draw: ImageDraw.ImageDraw, mask: NDArray[np.bool_], number: int, extent: Extent
) -> None:
    if not mask.any():
        return
    size = max(10, round(min(extent) / 24))
    draw.text(
        inner_point(mask),
        str(number),
        fill=(255, 255, 255),
        stroke_fill=(20, 20, 20),
        stroke_width=max(1, size // 8),
        anchor="mm",
        font=ImageFont.load_default(size),
    )
