"""OpenRaster: the layered picture format that Krita, GIMP and MyPaint open."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.scene.overlay import overlay_picture
from studio.scene.palette import region_style
from studio.scene.scene import Scene

_STORED = zipfile.ZIP_STORED


def openraster_file(scene: Scene, picture: Image.Image | None) -> bytes:
    """Each region a layer in its colour, named by its caption; `picture` is the lowest layer."""
    merged = overlay_picture(scene, picture)
    root = ElementTree.Element("image", w=str(scene.width), h=str(scene.height), version="0.0.5")
    stack = ElementTree.SubElement(root, "stack")
    layers: list[tuple[str, Image.Image]] = []
    for number, region in reversed(list(enumerate(scene.regions, start=1))):
        name = f"data/region{number:03d}.png"
        layers.append((name, _layer(region.mask.pixels, region_style(number).colour)))
        _describe(stack, name, f"{number} {region.caption}".strip(), region.is_visible)
    if picture is not None:
        layers.append(("data/picture.png", picture.convert("RGBA")))
        _describe(stack, "data/picture.png", "picture", True)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "image/openraster", _STORED)
        archive.writestr("stack.xml", ElementTree.tostring(root, "utf-8", xml_declaration=True))
        for name, image in layers:
            archive.writestr(name, _png(image))
        archive.writestr("mergedimage.png", _png(merged))
        merged.thumbnail((256, 256))
        archive.writestr("Thumbnails/thumbnail.png", _png(merged))
    return file.getvalue()


def _describe(stack: ElementTree.Element, source: str, name: str, is_visible: bool) -> None:
    clean = "".join(letter for letter in name if letter.isprintable())
    ElementTree.SubElement(
        stack,
        "layer",
        src=source,
        name=clean[:120],
        x="0",
        y="0",
        opacity="1.0",
        visibility="visible" if is_visible else "hidden",
    )


def _layer(pixels: NDArray[np.bool_], colour: tuple[int, int, int]) -> Image.Image:
    layer = np.zeros((*pixels.shape, 4), np.uint8)
    layer[pixels] = (*colour, 255)
    return Image.fromarray(layer)


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
