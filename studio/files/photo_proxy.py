"""A photo at the size of a screen: upright, and in the colours of a screen."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from PIL import Image

from studio.files.photo_decoder import PhotoFile
from studio.files.picture_decoder import to_srgb
from studio.scene.geometry import Extent
from studio.scene.photo import Pixels, in_eight_bits


def photo_proxy(photo: PhotoFile, longest: int = 2048) -> Image.Image:
    """sRGB with 8 bits and without opacity; never larger than the photo."""
    extent, pixels = photo.photo.extent, photo.photo.pixels
    scale = min(1.0, longest / max(extent))
    if scale < 1:
        size = Extent(max(1, round(extent.width * scale)), max(1, round(extent.height * scale)))
        pixels = cast("Pixels", cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    image = photo.photo.image(pixels)
    if image.mode in ("LA", "RGBA"):
        image = image.convert("L" if image.mode == "LA" else "RGB")
    elif image.mode == "I;16":
        image = Image.fromarray(in_eight_bits(np.asarray(image)))
    return to_srgb(image, photo.icc, [])
