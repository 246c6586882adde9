"""Opening photos: every depth, mode and orientation, and what is refused."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from studio.files.limits import PHOTO_LIMITS
from studio.files.photo_file import open_photo, read_photo
from studio.scene.errors import PictureFileError
from studio.scene.geometry import Extent
from studio.scene.photo_edit import PhotoEdit
from tests.photo_builders import blank_png, deep, noise, saved


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_eight_bits_open_as_they_were_written(mode: str, kind: str) -> None:
    pixels = noise(mode)
    photo = read_photo(saved(Image.fromarray(pixels), kind))
    assert np.array_equal(photo.photo.pixels, pixels)
    assert (photo.mode, photo.format) == (mode, kind)
    assert not photo.photo.pixels.flags.writeable


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("kind", [".png", ".tiff"])
def test_sixteen_bits_keep_every_bit(mode: str, kind: str) -> None:
    pixels = noise(mode, np.uint16)
    photo = read_photo(deep(pixels, kind))
    assert photo.photo.depth == 16
    assert np.array_equal(photo.photo.pixels, pixels)
    assert photo.mode == {"L": "I;16", "RGB": "RGB;16", "RGBA": "RGBA;16"}[mode]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_photo_stands_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    options: dict[str, Any] = {"tiffinfo": {274: orientation}} if kind == "TIFF" else {"exif": exif}
    content = saved(Image.fromarray(noise("RGB")), kind, **options)
    photo = read_photo(content)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    assert np.array_equal(photo.photo.pixels, np.asarray(upright))
    assert photo.orientation == orientation
    left = Image.Exif()
    left.load(photo.exif or b"")
    assert left.get(274, 1) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_sixteen_bit_tiff_stands_upright(orientation: int) -> None:
    pixels = noise("RGB", np.uint16)
    content = bytearray(deep(pixels, ".tiff"))
    content += directory_with_orientation(content, orientation)
    photo = read_photo(bytes(content))
    low = Image.fromarray((pixels >> 8).astype(np.uint8))
    low.getexif()[274] = orientation
    upright = np.asarray(ImageOps.exif_transpose(low))
    assert np.array_equal(photo.photo.pixels >> 8, upright)


def test_a_path_is_opened_once_and_kept_with_the_edit(tmp_path: Path) -> None:
    Image.fromarray(noise("RGB")).save(tmp_path / "a.png")
    edit = PhotoEdit(tmp_path / "a.png")
    first = open_photo(edit)
    assert open_photo(edit) is first
    assert edit.digest == first.photo.digest


def test_profile_resolution_and_notes_are_kept() -> None:
    exif = Image.Exif()
    exif[271] = "Maker"
    content = saved(
        Image.fromarray(noise("RGB")), "JPEG", icc_profile=b"profile", dpi=(300, 300), exif=exif
    )
    photo = read_photo(content)
    assert photo.icc == b"profile"
    assert photo.dpi == (300, 300)
    assert photo.exif is not None
    assert b"Maker" in photo.exif
    assert photo.original == content


def test_the_preview_in_the_notes_is_dropped() -> None:
    preview = saved(Image.new("RGB", (16, 16), "red"), "JPEG")
    exif = Image.Exif()
    exif[271] = "Maker"
    block = bytearray(exif.tobytes()[6:])
    order = "<" if block[:2] == b"II" else ">"
    (first,) = struct.unpack_from(f"{order}I", block, 4)
    (count,) = struct.unpack_from(f"{order}H", block, first)
    struct.pack_into(f"{order}I", block, first + 2 + 12 * count, len(block))
    start = len(block) + 2 + 24 + 4
    entries = [(0x201, 4, 1, start), (0x202, 4, 1, len(preview))]
    block += struct.pack(f"{order}H", 2)
    block += b"".join(struct.pack(f"{order}HHII", *entry) for entry in entries) + bytes(4)
    block += preview
    content = saved(Image.fromarray(noise("RGB")), "JPEG", exif=b"Exif\0\0" + bytes(block))
    photo = read_photo(content)
    assert photo.exif is not None
    assert preview not in photo.exif
    assert b"Maker" in photo.exif


def test_a_palette_opens_in_full_colour_and_says_so() -> None:
    image = Image.fromarray(noise("RGB")).quantize(16)
    photo = read_photo(saved(image, "PNG"))
    assert np.array_equal(photo.photo.pixels, np.asarray(image.convert("RGB")))
    assert photo.notices == ("The photo has a palette of colours; it is saved in full colour.",)


def test_one_bit_opens_as_grey_and_says_so() -> None:
    image = Image.fromarray(noise("L")).convert("1")
    photo = read_photo(saved(image, "PNG"))
    assert np.array_equal(photo.photo.pixels, np.asarray(image.convert("L")))
    assert photo.notices[0].startswith("The photo is black and white only")


def test_sixty_four_megapixels_are_read() -> None:
    assert read_photo(blank_png(8192, 8192)).photo.extent == Extent(8192, 8192)


REFUSED: dict[str, tuple[bytes, str]] = {}


def refused(name: str, content: bytes, sentence: str) -> None:
    REFUSED[name] = (content, sentence)


def build_refused() -> None:
    image = Image.fromarray(noise("RGB"))
    png, jpeg = saved(image, "PNG"), saved(image, "JPEG")
    frames = [image, image.rotate(180)]
    refused("0-byte", b"", "The picture is an empty file.")
    refused("no photo", b"hello" * 99, "The picture is not a picture; PNG, JPEG, WebP")
    refused("cut PNG", png[: len(png) // 2], "The picture is damaged or cut short")
    refused("cut JPEG", jpeg[: len(jpeg) // 2], "The picture is damaged or cut short")
    refused("cut 16-bit PNG", deep(noise("RGB", np.uint16), ".png")[:2000], "damaged or cut short")
    tiff = deep(noise("RGB", np.uint16), ".tiff", compressed=False)
    refused("cut 16-bit TIFF", tiff[: len(tiff) // 2], "damaged or cut short")
    refused("CMYK", saved(image.convert("CMYK"), "JPEG"), "The picture is in CMYK; photos in RGB")
    refused("GIF", saved(image, "GIF", save_all=True, append_images=frames[1:]), "animated, with 2")
    refused("APNG", saved(image, "PNG", save_all=True, append_images=frames[1:]), "animated, with")
    refused("pages", saved(image, "TIFF", save_all=True, append_images=frames[1:]), "has 2 pages")
    refused("floats", saved(Image.new("F", (20, 20)), "TIFF"), "The picture is in 32-bit numbers")
    refused("100 megapixels", blank_png(10_000, 10_000), "The picture has over 67 megapixels.")
    refused("bomb", blank_png(16_000, 16_000, rows=0), "The picture has over 67 megapixels.")
    refused("long", blank_png(40_000, 20), "The picture is 40000 x 20 pixels; a side has at most")


def directory_with_orientation(content: bytearray, orientation: int) -> bytes:
    """The TIFF's directory once more, with an orientation, to stand at its end; relinks it."""
    (start,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, start)
    entries = [bytes(content[start + 2 + 12 * n :][:12]) for n in range(count)]
    entries = [entry for entry in entries if struct.unpack("<H", entry[:2])[0] != 274]
    entries.append(struct.pack("<HHIHH", 274, 3, 1, orientation, 0))
    entries.sort(key=lambda entry: struct.unpack("<H", entry[:2])[0])
    if len(content) % 2:
        content.append(0)
    struct.pack_into("<I", content, 4, len(content))
    return struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)


build_refused()


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_photo_is_refused_in_one_sentence(name: str) -> None:
    content, sentence = REFUSED[name]
    with pytest.raises(PictureFileError) as refusal:
        read_photo(content, PHOTO_LIMITS)
    said = str(refusal.value)
    assert sentence in said
    assert "\n" not in said
    assert said.endswith(".")
