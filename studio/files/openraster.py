"""OpenRaster: the layered picture format that Krita, GIMP and MyPaint open."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.files.limits import LARGEST_RECIPE
from studio.files.zip_file import DAMAGED_ZIP, check_entries, read_entry
from studio.scene.errors import PictureFileError
from studio.scene.geometry import Extent
from studio.scene.overlay import overlay_picture
from studio.scene.palette import region_style
from studio.scene.scene import Scene

RECIPE = "seg2any.json"


class RasterLayer(NamedTuple):
    """One layer: a PNG file, and how it lies in the picture."""

    file: str  # its name in the archive
    content: bytes
    name: str
    left: int = 0
    top: int = 0
    opacity: float = 1.0
    is_visible: bool = True


def openraster_file(scene: Scene, picture: Image.Image | None) -> bytes:
    """Each region a layer in its colour, named by its caption; `picture` is the lowest layer."""
    merged = overlay_picture(scene, picture)
    layers = [
        RasterLayer(
            f"data/region{number:03d}.png",
            _png(_layer(region.mask.pixels, region_style(number).colour)),
            f"{number} {region.caption}".strip(),
            is_visible=region.is_visible,
        )
        for number, region in reversed(list(enumerate(scene.regions, start=1)))
    ]
    if picture is not None:
        layers.append(RasterLayer("data/picture.png", _png(picture.convert("RGBA")), "picture"))
    return raster_archive(scene.extent, layers, _png(merged), merged)


def raster_archive(
    extent: Extent,
    layers: Sequence[RasterLayer],
    merged: bytes,
    small: Image.Image,
    recipe: str | None = None,
) -> bytes:
    """The file of these layers, the highest first. merged: a PNG of all; small: for its preview."""
    root = ElementTree.Element("image", w=str(extent.width), h=str(extent.height), version="0.0.5")
    stack = ElementTree.SubElement(root, "stack")
    for layer in layers:
        _describe(stack, layer)
    thumbnail = small.copy()
    thumbnail.thumbnail((256, 256))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "image/openraster", zipfile.ZIP_STORED)
        archive.writestr("stack.xml", ElementTree.tostring(root, "utf-8", xml_declaration=True))
        for layer in layers:
            archive.writestr(layer.file, layer.content, zipfile.ZIP_STORED)  # packed as they are
        archive.writestr("mergedimage.png", merged, zipfile.ZIP_STORED)
        archive.writestr("Thumbnails/thumbnail.png", _png(thumbnail))
        if recipe is not None:
            archive.writestr(RECIPE, recipe)
    return file.getvalue()


def openraster_recipe(content: bytes, name: str) -> bytes | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = [entry for entry in archive.infolist() if entry.filename == RECIPE]
            check_entries(found, 1, LARGEST_RECIPE, PictureFileError)
            return read_entry(archive, found[0]) if found else None
    except DAMAGED_ZIP as fault:
        raise PictureFileError("{name} is damaged or cut short.", name=name) from fault


def clean_name(name: str) -> str:
    """A caption as the name of a layer: printable, and not too long."""
    return "".join(letter for letter in name if letter.isprintable())[:120]


def _describe(stack: ElementTree.Element, layer: RasterLayer) -> None:
    ElementTree.SubElement(
        stack,
        "layer",
        src=layer.file,
        name=clean_name(layer.name),
        x=str(layer.left),
        y=str(layer.top),
        opacity=str(float(layer.opacity)),
        visibility="visible" if layer.is_visible else "hidden",
    )


def _layer(pixels: NDArray[np.bool_], colour: tuple[int, int, int]) -> Image.Image:
    layer = np.zeros((*pixels.shape, 4), np.uint8)
    layer[pixels] = (*colour, 255)
    return Image.fromarray(layer)


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
