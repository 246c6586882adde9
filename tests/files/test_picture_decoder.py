"""Pictures from outside: what is refused, and how the rest is brought to upright 8-bit sRGB."""

from __future__ import annotations

import io
import resource
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from studio.files.limits import Limits
from studio.files.picture_decoder import decode_picture, read_picture
from studio.scene.errors import PictureFileError


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def gradient(width: int = 32, height: int = 24) -> Image.Image:
    columns = np.linspace(0, 255, width).astype(np.uint8)
    rows = np.linspace(0, 255, height).astype(np.uint8)
    red, green = np.meshgrid(columns, rows)
    return Image.fromarray(np.dstack([red, green, np.full_like(red, 90)]))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def blank_png(width: int, height: int) -> bytes:
    """A one-bit PNG that is tiny on disk whatever its size."""
    packed = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    body = b"".join(packed.compress(row) for _ in range(height)) + packed.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def test_a_plain_picture_comes_through_unchanged() -> None:
    decoded = read_picture(saved(gradient()))
    assert decoded.image.mode == "RGB"
    assert np.array_equal(np.asarray(decoded.image), np.asarray(gradient()))
    assert decoded.notices == ()
    assert decoded.opacity is None


PNG = saved(gradient())
JPEG = saved(gradient(200, 200), "JPEG")
REFUSED = {
    "an empty file": (b"", "empty file"),
    "text": (b"this is no picture, only its name says so", "is not a picture"),
    "a PNG cut after 60 bytes": (PNG[:60], "damaged"),
    "a PNG cut in its pixels": (PNG[:-40], "damaged"),
    "a JPEG cut in the middle": (JPEG[: len(JPEG) // 2], "damaged"),
    "a JPEG's first bytes": (JPEG[:8], "damaged"),
    "an SVG": (b"<?xml version='1.0'?><svg onload='alert(1)'/>", "SVG"),
    "a PDF": (b"%PDF-1.7 ...", "PDF"),
    "a Photoshop file": (b"8BPS\0\1", "Photoshop"),
    "a PostScript file": (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
    "a HEIC photo": (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
    "a bitmap": (saved(gradient(), "BMP"), "BMP"),
    "a picture of one pixel": (saved(gradient(1, 1)), "too small"),
    "a line": (saved(gradient(9000, 16)), "a side has at most 8192"),
    "a standing line": (blank_png(1, 30000), "a side has at most 8192"),
    "too many pixels": (blank_png(8000, 8000), "over 40 megapixels"),
    "a bomb": (blank_png(14000, 14000), "refused|megapixels|at most 8192"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_in_one_sentence(name: str) -> None:
    content, words = REFUSED[name]
    with pytest.raises(PictureFileError, match=words) as refusal:
        decode_picture(content)
    assert "\n" not in str(refusal.value)


def test_a_wrong_checksum_is_refused() -> None:
    at = PNG.index(b"IDAT") + 4
    length = struct.unpack(">I", PNG[at - 8 : at - 4])[0]
    wrong = PNG[: at + length] + b"\0\0\0\0" + PNG[at + length + 4 :]
    with pytest.raises(PictureFileError, match="damaged"):
        decode_picture(wrong)


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kB on Linux only")
def test_a_bomb_is_refused_before_it_takes_memory() -> None:
    content = blank_png(8000, 8000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PictureFileError):
        decode_picture(content)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(60 * 2**20)
    with pytest.raises(PictureFileError, match="has 60 MB; at most 50 MB"):
        decode_picture(path)


def test_paths_that_are_no_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureFileError, match="does not exist"):
        decode_picture(tmp_path / "no.png")
    with pytest.raises(PictureFileError, match="is no file"):
        decode_picture(tmp_path)
    with pytest.raises(PictureFileError):
        decode_picture(tmp_path / ("x" * 300))
    with pytest.raises(PictureFileError):
        decode_picture(Path("a\0b"))


def test_a_name_cannot_break_the_message_into_lines(tmp_path: Path) -> None:
    path = tmp_path / "two\nlines.png"
    path.write_bytes(b"no")
    with pytest.raises(PictureFileError, match=r"two\?lines\.png is not a picture"):
        decode_picture(path)


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(JPEG)
    assert decode_picture(path).size == (200, 200)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation: int) -> None:
    back = {5: 5, 6: 8, 8: 6}.get(orientation, orientation)
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    lying = gradient().transpose(turns[back]) if back in turns else gradient()
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind in ("PNG", "WEBP"):
        options = {"lossless": True} if kind == "WEBP" else {}
        upright = decode_picture(saved(lying, kind, exif=exif, **options))
        assert np.array_equal(np.asarray(upright), np.asarray(gradient())), kind


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")  # Pillow's own remark
def test_damaged_camera_notes_do_not_matter() -> None:
    content = saved(gradient(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xffrubbish")
    assert decode_picture(content).size == (32, 24)


def test_no_metadata_survives() -> None:
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "secret")
    image = decode_picture(saved(gradient(), exif=exif, pnginfo=info))
    assert image.info == {}
    assert not image.getexif()
    assert b"camera" not in saved(image)


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    values = np.linspace(0, 65535, 64).astype(np.uint16)[None].repeat(16, axis=0)
    for kind in ("PNG", "TIFF"):
        grey = np.asarray(decode_picture(saved(Image.fromarray(values), kind)))[0, :, 0]
        assert grey[0] == 0, kind
        assert grey[-1] == 255, kind
        assert (np.diff(grey.astype(int)) >= 0).all(), kind
        assert np.abs(grey - values[0] / 257).max() <= 0.5, kind


def test_numbers_that_are_none_are_refused() -> None:
    values = np.full((20, 20), 0.5, np.float32)
    half = decode_picture(saved(Image.fromarray(values), "TIFF"))
    assert half.getpixel((3, 3)) == (128, 128, 128)
    values[4, 4] = np.nan
    with pytest.raises(PictureFileError, match="NaN"):
        decode_picture(saved(Image.fromarray(values), "TIFF"))


def test_hidden_colour_does_not_shine_through() -> None:
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[..., 0] = 255  # red everywhere, visible on the left
    pixels[:, :10, 3] = 255
    decoded = read_picture(saved(Image.fromarray(pixels)), background=(0, 0, 255))
    assert decoded.image.getpixel((2, 2)) == (255, 0, 0)
    assert decoded.image.getpixel((15, 2)) == (0, 0, 255)
    assert decoded.opacity is not None
    assert decoded.opacity[0].tolist() == [255] * 10 + [0] * 10


def test_a_wholly_transparent_picture_is_told() -> None:
    decoded = read_picture(saved(Image.new("RGBA", (20, 20))))
    assert "wholly transparent" in decoded.notices[0]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = gradient().convert(mode)
    assert np.array_equal(
        np.asarray(decode_picture(saved(image))), np.asarray(image.convert("RGB"))
    )


def test_a_palette_with_a_transparent_colour() -> None:
    image = Image.new("P", (20, 20), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.paste(1, (10, 0, 20, 20))
    decoded = decode_picture(saved(image, transparency=0))
    assert decoded.getpixel((2, 2)) == (255, 255, 255)
    assert decoded.getpixel((15, 2)) == (0, 255, 0)


def test_a_cmyk_photo_keeps_its_colours() -> None:
    image = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    red = decode_picture(saved(image, "JPEG", quality=95)).getpixel((9, 9))
    assert red == pytest.approx((255, 0, 0), abs=3)


def test_a_broken_colour_profile_is_ignored_and_told() -> None:
    decoded = read_picture(saved(gradient(), icc_profile=b"no profile"))
    assert "profile" in decoded.notices[0]
    assert np.array_equal(np.asarray(decoded.image), np.asarray(gradient()))


def test_a_colour_profile_is_applied() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    image = Image.new("LAB", (20, 20), (255, 128, 128))  # L* 100: white
    decoded = decode_picture(saved(image, "TIFF", icc_profile=lab))
    assert min(decoded.getpixel((3, 3))) >= 250


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_taken(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    content = saved(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    decoded = read_picture(content)
    assert decoded.image.getpixel((3, 3)) == (255, 0, 0)
    assert "first frame" in decoded.notices[0]


def test_trailing_bytes_are_dropped() -> None:
    again = saved(decode_picture(PNG + b"<script>alert(1)</script>"))
    assert b"script" not in again


def test_limits_are_the_callers_choice() -> None:
    assert decode_picture(saved(gradient(4, 4)), Limits(smallest_side=1)).size == (4, 4)


SOURCES = [
    saved(gradient(), kind, **options)
    for kind, options in (
        ("PNG", {}),
        ("JPEG", {}),
        ("GIF", {}),
        ("WEBP", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    )
]


@pytest.mark.filterwarnings("ignore")  # Pillow remarks on what it finds
@settings(max_examples=300, deadline=2000)
@given(
    st.sampled_from(SOURCES),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=6),
    st.integers(0, 5000) | st.none(),
)
def test_damage_of_any_kind_is_refused_or_harmless(
    source: bytes, changes: list[tuple[int, int]], cut: int | None
) -> None:
    content = bytearray(source)
    for position, value in changes:
        content[position % len(content)] = value
    try:
        image = decode_picture(bytes(content[:cut]))
    except PictureFileError:
        return
    assert image.mode == "RGB"
    assert image.info == {}
