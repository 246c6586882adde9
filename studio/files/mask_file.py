"""One region's mask as a black and white picture."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.files.limits import PHOTO_LIMITS
from studio.files.picture_decoder import picture_extent, read_colours, shown
from studio.scene.errors import PictureFileError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask

_ANY_SIZE = replace(PHOTO_LIMITS, smallest_side=1)
_THRESHOLD = 128
_TINT = 8  # how far the channels of a grey pixel may differ, as JPEG makes them


def mask_extent(path: Path) -> Extent:
    """The size of a mask by its header."""
    return picture_extent(path, _ANY_SIZE)


def read_mask(path: Path) -> Mask:
    """White (from 128 up) is the region. A transparent drawing counts where it is opaque."""
    name = shown(path.name)
    colours, opacity = read_colours(path, _ANY_SIZE)
    if (colours.max(axis=2) - colours.min(axis=2)).max() > _TINT:
        raise PictureFileError("{name} has colours; a mask is black and white only.", name=name)
    pixels: NDArray[np.bool_] = colours[..., 1] >= _THRESHOLD
    if opacity is not None:
        opaque: NDArray[np.bool_] = opacity >= _THRESHOLD
        pixels = pixels & opaque if (pixels & opaque).any() else opaque
    if not pixels.any():
        raise PictureFileError(
            "{name} is empty: it has no white pixel. Draw the shape first.", name=name
        )
    return Mask(pixels)


def mask_bytes(mask: Mask) -> bytes:
    """A one-bit PNG, white on black."""
    file = io.BytesIO()
    Image.fromarray(mask.pixels).save(file, "PNG", optimize=True)
    return file.getvalue()
