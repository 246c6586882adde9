"""An edited photo in layers for other programs: OpenRaster, and Photoshop's PSD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from PIL import Image

from studio.files.openraster import RasterLayer, raster_archive
from studio.files.photo_decoder import PhotoFile
from studio.files.photo_writer import recipe_text
from studio.files.png_file import made_chunks, png_bytes
from studio.files.psd_file import PsdLayer, psd_bytes
from studio.scene.photo import Pixels
from studio.scene.photo_layer import PhotoLayer, composite


class NamedLayer(NamedTuple):
    """What a region became, and how it is shown."""

    layer: PhotoLayer
    name: str
    opacity: float = 1.0
    is_visible: bool = True


def openraster_photo(
    photo: PhotoFile, layers: Sequence[NamedLayer], recipe: Mapping[str, Any] | None = None
) -> bytes:
    """The photo as it came, and one layer a region, the first lowest; at the photo's depth."""
    beside = made_chunks(photo.icc, None, photo.dpi)
    rasters = [
        RasterLayer(
            f"data/region{number:03d}.png",
            png_bytes(_with_opacity(each.layer), beside, None),
            each.name,
            each.layer.box[0],
            each.layer.box[1],
            each.opacity,
            each.is_visible,
        )
        for number, each in enumerate(layers, start=1)
    ]
    rasters.reverse()
    base = png_bytes(photo.photo.pixels, beside, None)
    rasters.append(RasterLayer("data/photo.png", base, "photo"))
    merged = _merged(photo, layers)
    whole = base if merged is photo.photo.pixels else png_bytes(merged, beside, None)
    text = None if recipe is None else recipe_text(recipe)
    return raster_archive(photo.photo.extent, rasters, whole, _small(merged), text)


def psd_photo(
    photo: PhotoFile, layers: Sequence[NamedLayer], recipe: Mapping[str, Any] | None = None
) -> bytes:
    """The same as a Photoshop file of 8 or 16 bits, grey or colour."""
    base = PsdLayer(photo.photo.pixels, "photo", 0, 0, 1.0, True)
    above = [
        PsdLayer(
            _with_opacity(each.layer),
            each.name,
            each.layer.box[0],
            each.layer.box[1],
            each.opacity,
            each.is_visible,
        )
        for each in layers
    ]
    merged = _merged(photo, layers)
    return psd_bytes(
        merged,
        [base, *above],
        icc=photo.icc,
        exif=photo.exif,
        dpi=photo.dpi,
        recipe=None if recipe is None else recipe_text(recipe),
    )


def _merged(photo: PhotoFile, layers: Sequence[NamedLayer]) -> Pixels:
    shown = [each for each in layers if each.is_visible]
    if not shown:
        return photo.photo.pixels
    opacities = [each.opacity for each in shown]
    return composite(photo.photo.pixels, [each.layer for each in shown], opacities)


def _with_opacity(layer: PhotoLayer) -> Pixels:
    """Colours and alpha as one picture of the layer's depth."""
    most = np.iinfo(layer.pixels.dtype).max
    alpha = np.rint(layer.alpha * np.float32(most)).astype(layer.pixels.dtype)
    colours = layer.pixels if layer.pixels.ndim == 3 else layer.pixels[..., None]
    return np.concatenate([colours, alpha[..., None]], axis=2)


def _small(pixels: Pixels) -> Image.Image:
    scale = min(1.0, 256 / max(pixels.shape[:2]))
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    small: Any = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    if small.dtype == np.uint16:
        small = (small >> 8).astype(np.uint8)
    return Image.fromarray(small)
