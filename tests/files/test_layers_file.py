"""An edited photo in layers: other readers find the photo, the layers, and their looks."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageCms
from psd_tools import PSDImage

from studio.files.layers_file import NamedLayer, openraster_photo, psd_photo
from studio.files.photo_file import PhotoFile, read_photo
from studio.scene.geometry import Bounds
from studio.scene.photo import Photo, colours_of
from studio.scene.photo_layer import PhotoLayer, composite
from tests.photo_builders import noise

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
KINDS = [(mode, kind) for mode in ("L", "LA", "RGB", "RGBA") for kind in (np.uint8, np.uint16)]


@pytest.mark.parametrize(("mode", "kind"), KINDS)
def test_psd_tools_reads_photo_and_layers_as_they_are(mode: str, kind: Any) -> None:
    photo, layers = edited(mode, kind)
    read = PSDImage.open(io.BytesIO(psd_photo(photo, layers)))
    assert (read.size, read.depth) == ((27, 40), photo.photo.depth)
    assert [layer.name for layer in read] == ["photo", "a red ball, grün", "grass"]
    assert [layer.visible for layer in read] == [True, True, False]
    assert [layer.opacity for layer in read] == [255, 128, 255]
    assert read[1].bbox == (3, 5, 13, 25)
    for number, stored in enumerate([photo.photo.pixels, rgba(layers[0]), rgba(layers[1])]):
        assert np.array_equal(channels(read, number), as_channels(stored))
    assert read.image_resources[1039].data == PROFILE


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_pillow_reads_the_merged_picture_and_the_layers(mode: str) -> None:
    photo, layers = edited(mode, np.uint8)
    read: Any = Image.open(io.BytesIO(psd_photo(photo, layers)))
    merged = composite(photo.photo.pixels, [layers[0].layer], [layers[0].opacity])
    assert np.array_equal(np.asarray(read), merged)
    assert read.info["icc_profile"] == PROFILE
    assert [layer[2] for layer in read.layers][1] == (3, 5, 13, 25)


@pytest.mark.parametrize(("mode", "kind"), KINDS)
def test_openraster_holds_photo_and_layers_as_they_are(mode: str, kind: Any) -> None:
    photo, layers = edited(mode, kind)
    with zipfile.ZipFile(io.BytesIO(openraster_photo(photo, layers))) as archive:
        assert archive.namelist()[0] == "mimetype"
        stack = ElementTree.fromstring(archive.read("stack.xml"))
        found = [each.attrib for each in stack.iter("layer")]
        stored = [read_photo_of(archive, each["src"]) for each in found]
        merged = read_photo_of(archive, "mergedimage.png")
    assert stack.attrib["w"] == "27"
    assert [each["name"] for each in found] == ["grass", "a red ball, grün", "photo"]
    assert [(each["x"], each["y"]) for each in found] == [("0", "0"), ("3", "5"), ("0", "0")]
    assert [each["visibility"] for each in found] == ["hidden", "visible", "visible"]
    assert float(found[1]["opacity"]) == pytest.approx(128 / 255)
    assert np.array_equal(stored[2], photo.photo.pixels)
    assert np.array_equal(stored[1], rgba(layers[0]))
    expected = composite(photo.photo.pixels, [layers[0].layer], [layers[0].opacity])
    assert np.array_equal(merged, expected)


def test_a_photo_that_nothing_was_done_to_has_one_layer() -> None:
    photo, _ = edited("RGB", np.uint8)
    assert [layer.name for layer in PSDImage.open(io.BytesIO(psd_photo(photo, [])))] == ["photo"]
    with zipfile.ZipFile(io.BytesIO(openraster_photo(photo, []))) as archive:
        assert np.array_equal(read_photo_of(archive, "mergedimage.png"), photo.photo.pixels)


def edited(mode: str, kind: Any) -> tuple[PhotoFile, list[NamedLayer]]:
    """A photo under a half opaque layer and a hidden one."""
    photo = Photo.of(noise(mode, kind))
    most = np.iinfo(kind).max
    first = PhotoLayer(
        Bounds(3, 5, 13, 25),
        (most - colours_of(photo.pixels)[5:25, 3:13]).astype(kind),
        np.linspace(0, 1, 200, dtype=np.float32).reshape(20, 10),
        "a",
    )
    second = PhotoLayer(
        Bounds(0, 0, 7, 4),
        colours_of(photo.pixels)[:4, :7],
        np.ones((4, 7), np.float32),
        "b",
    )
    layers = [
        NamedLayer(first, "a red ball, grün", 128 / 255),
        NamedLayer(second, "grass\n", is_visible=False),
    ]
    return PhotoFile(photo, icc=PROFILE, dpi=(300, 300)), layers


def rgba(layer: NamedLayer) -> Any:
    made = layer.layer
    most = np.iinfo(made.pixels.dtype).max
    alpha = np.rint(made.alpha * np.float32(most)).astype(made.pixels.dtype)
    return np.dstack([made.pixels, alpha])


def as_channels(pixels: Any) -> Any:
    return np.moveaxis(np.atleast_3d(pixels), 2, 0)


def channels(read: Any, number: int) -> Any:
    """(channels, h, w) as they are stored, opacity last."""
    layer = read[number]
    kind = ">u2" if read.depth == 16 else "u1"
    records = zip(layer._record.channel_info, layer._channels, strict=True)
    found = {
        info.id: np.frombuffer(data.get_data(layer.width, layer.height, read.depth), kind)
        for info, data in records
    }
    order = [key for key in found if key >= 0] + [key for key in found if key < 0]
    return np.stack([found[key].reshape(layer.height, layer.width) for key in order])


def read_photo_of(archive: zipfile.ZipFile, name: str) -> Any:
    from studio.files.limits import Limits

    return read_photo(archive.read(name), Limits(smallest_side=1)).photo.pixels
