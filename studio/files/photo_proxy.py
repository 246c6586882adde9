"""A photo at the size of a screen: quickly there, upright, and in the colours of a screen."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from studio.files.limits import PHOTO_LIMITS, Limits
from studio.files.orientation import turned
from studio.files.photo_decoder import orientation_of
from studio.files.photo_file import PhotoFile, read_photo
from studio.files.picture_decoder import (
    DECODER_FAULTS,
    open_picture,
    read_content,
    reason_of,
    shown,
    to_srgb,
)
from studio.scene.errors import PictureFileError
from studio.scene.geometry import Extent
from studio.scene.photo import Pixels
from studio.scene.sentences import say


def proxy_extent(extent: Extent, longest: int) -> Extent:
    """The size of a photo's proxy: never larger than the photo."""
    scale = min(1.0, longest / max(extent))
    return Extent(max(1, round(extent.width * scale)), max(1, round(extent.height * scale)))


def read_proxy(
    source: bytes | Path, longest: int = 2048, limits: Limits = PHOTO_LIMITS
) -> tuple[Image.Image, Extent]:
    """The proxy of a photo that nobody has decoded yet, and the photo's own size.

    A JPEG is decoded at an eighth to the whole of its size, which takes a fraction of the time.
    """
    name = shown(source.name) if isinstance(source, Path) else say("The picture")
    content = read_content(source, name, limits)
    if not content.startswith(b"\xff\xd8"):
        photo = read_photo(content, limits)
        return photo_proxy(photo, longest), photo.photo.extent
    try:
        image = open_picture(content, name, limits)
        orientation, profile = orientation_of(image), image.info.get("icc_profile")
        size = Extent(*image.size)
        wanted = proxy_extent(size, longest)
        image.draft(None, (wanted.width, wanted.height))
        image.load()
    except DECODER_FAULTS as fault:
        raise PictureFileError(
            "{name} is damaged or cut short: {fault}.", name=name, fault=reason_of(fault)
        ) from fault
    if image.mode not in ("L", "RGB"):
        read_photo(content, limits)  # says why not
    full = Extent(*reversed(size)) if orientation > 4 else size
    pixels = _scaled(turned(np.asarray(image), orientation), proxy_extent(full, longest))
    return to_srgb(Image.fromarray(pixels), profile, []), full


def photo_proxy(photo: PhotoFile, longest: int = 2048) -> Image.Image:
    """The proxy of an opened photo."""
    return display(photo, photo.photo.pixels, proxy_extent(photo.photo.extent, longest))


def display(photo: PhotoFile, pixels: Pixels, size: Extent | None = None) -> Image.Image:
    """Pixels of the photo, or of a part of it, on a screen: sRGB with 8 bits; opacity stays."""
    if size is not None:
        pixels = _scaled(pixels, size)
    if pixels.dtype == np.uint16:
        pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if image.mode not in ("LA", "RGBA"):
        return to_srgb(image, photo.icc, [])
    opacity = image.getchannel("A")
    colours = to_srgb(image.convert("L" if image.mode == "LA" else "RGB"), photo.icc, [])
    colours.putalpha(opacity)
    return colours


def _scaled(pixels: Pixels, size: Extent) -> Pixels:
    if pixels.shape[:2] == size.shape:
        return pixels
    made = cv2.resize(np.ascontiguousarray(pixels), tuple(size), interpolation=cv2.INTER_AREA)
    return made.astype(pixels.dtype, copy=False)
