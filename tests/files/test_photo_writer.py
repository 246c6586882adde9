"""A changed photo comes out as it went in: format, depth, profile, notes, resolution, pixels."""

from __future__ import annotations

import io
import struct
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from studio.files.jpeg_blocks import can_keep_blocks, changed_units
from studio.files.photo_file import PhotoFile, photo_bytes, read_photo
from studio.files.photo_writer import write_photo
from studio.files.picture_file import has_recipe, read_recipe
from studio.files.png_file import Chunk, chunks_of, png_bytes
from studio.scene.errors import PictureFileError
from studio.scene.photo import Photo
from tests.photo_builders import noise, saved

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
RECIPE = {"version": 1, "text": "grün"}


class Case(NamedTuple):
    content: bytes
    mode: str
    orientation: int
    has_profile: bool
    dpi: tuple[float, float] | None
    maker: str | None


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A photo file of any kind."""
    kind = draw(st.sampled_from(["PNG", "TIFF", "JPEG"]))
    modes = {
        "PNG": ["L", "LA", "RGB", "RGBA", "I;16", "LA;16", "RGB;16", "RGBA;16"],
        "TIFF": ["L", "LA", "RGB", "RGBA", "I;16", "RGB;16", "RGBA;16"],
        "JPEG": ["L", "RGB"],
    }[kind]
    mode = draw(st.sampled_from(modes))
    size = draw(st.integers(17, 90)), draw(st.integers(17, 90))
    orientation = draw(st.integers(1, 8))
    has_profile = draw(st.booleans())
    dpi = draw(st.sampled_from([None, (72, 72), (300, 300), (240, 120)]))
    maker = draw(st.sampled_from([None, "Maker"]))
    plain = {"I;16": "L"}.get(mode, mode.removesuffix(";16"))
    pixels = noise(plain, np.uint16 if "16" in mode else np.uint8, size)
    exif = Image.Exif()
    exif[274] = orientation
    if maker:
        exif[271] = maker
    options: dict[str, Any] = {"exif": exif}
    if has_profile:
        options["icc_profile"] = PROFILE
    if dpi:
        options["dpi"] = dpi
    if kind == "JPEG":
        options |= {
            "quality": draw(st.sampled_from([60, 90, 98])),
            "subsampling": draw(st.integers(0, 2)) if mode == "RGB" else 0,
            "progressive": draw(st.booleans()),
        }
    if kind == "TIFF":
        options["compression"] = draw(st.sampled_from(["raw", "tiff_lzw", "tiff_adobe_deflate"]))
    if "16" not in mode:
        content = saved(Image.fromarray(pixels), kind, **options)
    elif kind == "PNG":
        content = png_bytes(pixels, chunks_beside(options), None)
    else:
        content = deep_tiff(pixels, options)
    return Case(content, mode, orientation, has_profile, dpi, maker)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(), st.data())
@pytest.mark.slow
def test_a_changed_photo_comes_out_as_it_went_in(case: Case, data: st.DataObject) -> None:
    photo = read_photo(case.content)
    assert photo.mode == case.mode
    before = photo.photo.pixels
    mask = np.zeros(before.shape[:2], bool)
    height, width = mask.shape
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    mask[top : top + data.draw(st.integers(1, height)), left : left + 9] = True
    after = before.copy()
    after[mask] = 255 - before[mask] if before.dtype == np.uint8 else 65535 - before[mask]

    written = write_photo(photo, after, recipe=RECIPE)
    again = read_photo(written.content)

    assert (again.format, again.mode) == (photo.format, photo.mode)
    assert again.icc == (PROFILE if case.has_profile else None)
    assert (again.dpi or (0, 0)) == pytest.approx(photo.dpi or (0, 0), rel=1e-3)
    assert (b"Maker" in (again.exif or b"")) == (case.maker is not None)
    assert again.orientation == (case.orientation if photo.format == "JPEG" else 1)
    assert read_recipe(written.content) == RECIPE
    assert np.array_equal(again.photo.pixels, written.stored)
    if photo.format == "JPEG":
        assert_same_blocks(case.content, written.content, photo, after)
    else:
        assert np.array_equal(again.photo.pixels, after)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_an_unchanged_photo_is_the_file_that_came(case: Case) -> None:
    photo = read_photo(case.content)
    assert photo_bytes(photo, photo.photo.pixels.copy(), recipe=RECIPE) == case.content


@pytest.mark.skipif(not can_keep_blocks(), reason="jpeglib is not made for this processor")
@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0"])
def test_a_jpeg_keeps_every_block_that_holds_no_change(sampling: str) -> None:
    pixels = smooth(165, 231)
    content = saved(Image.fromarray(pixels), "JPEG", quality=85, subsampling=sampling)
    photo = read_photo(content)
    after = photo.photo.pixels.copy()
    after[40:70, 50:100] = (200, 30, 60)
    written = write_photo(photo, after)
    assert_same_blocks(content, written.content, photo, after)
    made = np.asarray(Image.open(io.BytesIO(written.content))).astype(int)
    assert abs(made[50:60, 64:80] - (200, 30, 60)).max() <= 12
    assert np.array_equal(made[:24], photo.photo.pixels[:24])


def test_a_jpeg_says_how_many_pixels_moved_with_their_block() -> None:
    content = saved(Image.fromarray(smooth(64, 64)), "JPEG", quality=85)
    photo = read_photo(content)
    after = photo.photo.pixels.copy()
    after[20:30, 20:30] = 0
    written = write_photo(photo, after)
    moved = (written.stored != photo.photo.pixels).any(axis=2)
    moved[20:30, 20:30] = False
    assert written.notices[-1].startswith(f"JPEG stores blocks of pixels: {moved.sum()} beside")


def test_a_jpeg_at_another_quality_is_coded_anew_and_says_so() -> None:
    photo = read_photo(saved(Image.fromarray(smooth(64, 64)), "JPEG", quality=95))
    written = write_photo(photo, photo.photo.pixels, quality=40)
    assert "encoded again as a whole" in written.notices[0]
    assert len(written.content) < len(photo.original or b"")


def test_a_jpeg_in_rgb_is_coded_anew_with_its_own_tables_and_says_so() -> None:
    content = saved(Image.fromarray(smooth(64, 64)), "JPEG", quality=92, keep_rgb=True)
    photo = read_photo(content)
    after = photo.photo.pixels.copy()
    after[16:32, 16:32] = (200, 30, 60)
    written = write_photo(photo, after, recipe=RECIPE)
    assert written.notices[0].startswith("The JPEG was encoded again as a whole; PNG keeps")
    assert abs(written.stored.astype(int) - after)[:8].max() <= 12
    before, made = (Image.open(io.BytesIO(each)) for each in (content, written.content))
    assert made.quantization[0] == before.quantization[0]
    assert read_recipe(written.content) == RECIPE


def test_a_long_recipe_takes_several_comments_of_a_jpeg() -> None:
    long = {"text": np.random.default_rng(0).integers(0, 9, 400_000).astype(str).tolist()}
    photo = read_photo(saved(Image.fromarray(smooth(64, 64)), "JPEG", comment=b"mine"))
    content = photo_bytes(photo, 255 - photo.photo.pixels, recipe=long)
    assert content.count(b"seg2any ") > 2
    assert read_recipe(content) == long
    assert Image.open(io.BytesIO(content)).info["comment"] == b"mine"
    again = read_photo(content)
    assert read_recipe(photo_bytes(again, photo.photo.pixels, recipe=RECIPE)) == RECIPE


def test_the_notes_of_an_editor_stay_and_the_recipe_joins_them() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
        b'"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        b'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:title="mine"/></rdf:RDF></x:xmpmeta>'
    )
    content = saved(Image.fromarray(smooth(64, 64)), "TIFF", tiffinfo={700: packet})
    photo = read_photo(content)
    made = photo_bytes(photo, 255 - photo.photo.pixels, recipe=RECIPE)
    again = photo_bytes(read_photo(made), photo.photo.pixels, recipe={"version": 2})
    assert read_recipe(made) == RECIPE
    assert read_recipe(again) == {"version": 2}
    kept = Image.open(io.BytesIO(again)).tag_v2[700]
    assert b'dc:title="mine"' in kept
    assert kept.count(b"seg2any:recipe") == 1


def test_places_on_the_map_stay_in_an_aerial_picture() -> None:
    info = {33550: (0.5, 0.5, 0.0), 33922: (0.0, 0.0, 0.0, 440720.0, 3751320.0, 0.0)}
    content = saved(Image.fromarray(smooth(64, 64)), "TIFF", tiffinfo=info)
    photo = read_photo(content)
    made = Image.open(io.BytesIO(photo_bytes(photo, 255 - photo.photo.pixels)))
    assert {tag: made.tag_v2[tag] for tag in info} == info


def test_a_png_keeps_its_colours_and_text_and_loses_what_no_longer_holds() -> None:
    beside = [
        Chunk(b"gAMA", struct.pack(">I", 45455)),
        Chunk(b"cICP", bytes((12, 13, 0, 1))),
        Chunk(b"tEXt", b"Author\0Anna"),
        Chunk(b"caBX", b"vouches for the pixels as they were"),
    ]
    photo = read_photo(png_bytes(noise("RGB"), beside, None))
    kinds = {kind for kind, _ in chunks_of(photo_bytes(photo, 255 - photo.photo.pixels), "a")}
    assert {b"gAMA", b"cICP", b"tEXt"} <= kinds
    assert b"caBX" not in kinds


def test_a_colour_that_stands_for_clear_stays_one() -> None:
    pixels = noise("RGB")
    content = saved(Image.fromarray(pixels), "PNG", transparency=(1, 2, 3))
    photo = read_photo(content)
    made = Image.open(io.BytesIO(photo_bytes(photo, 255 - pixels)))
    assert made.info["transparency"] == (1, 2, 3)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_pillow_and_opencv_read_what_is_written(format: str, mode: str, kind: Any) -> None:
    pixels = noise(mode, kind)
    if (format, mode, kind) == ("TIFF", "LA", np.uint16):
        with pytest.raises(PictureFileError, match="save the photo as PNG"):
            photo_bytes(PhotoFile(Photo.of(pixels)), pixels, format)
        return
    content = photo_bytes(PhotoFile(Photo.of(pixels)), pixels, format)
    if kind == np.uint8:
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(content))), pixels)
    elif mode == "LA":  # known to neither of them
        assert np.array_equal(read_photo(content).photo.pixels, pixels)
    else:
        read: Any = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
        order = [2, 1, 0, 3][: pixels.shape[2]] if pixels.ndim == 3 else ...
        assert np.array_equal(read[..., order] if pixels.ndim == 3 else read, pixels)


def test_a_photo_without_a_file_takes_profile_notes_and_resolution_to_every_format() -> None:
    exif = Image.Exif()
    exif[271] = "Maker"
    jpeg = saved(Image.fromarray(smooth(64, 64)), "JPEG", icc_profile=PROFILE, dpi=(300, 300))
    photo = read_photo(saved(Image.open(io.BytesIO(jpeg)), "JPEG", quality="keep", exif=exif))
    photo = read_photo(
        saved(
            Image.fromarray(smooth(64, 64)), "JPEG", icc_profile=PROFILE, dpi=(300, 300), exif=exif
        )
    )
    for format in ("PNG", "TIFF"):
        made = read_photo(photo_bytes(photo, photo.photo.pixels, format))
        assert made.icc == PROFILE
        assert made.dpi == pytest.approx((300, 300), rel=1e-3)
        assert b"Maker" in (made.exif or b"")
        assert np.array_equal(made.photo.pixels, photo.photo.pixels)
        back = read_photo(photo_bytes(made, made.photo.pixels, "JPEG"))
        assert back.icc == PROFILE
        assert b"Maker" in (back.exif or b"")


def test_a_jpeg_of_a_transparent_photo_is_refused() -> None:
    photo = PhotoFile(Photo.of(noise("RGBA")))
    with pytest.raises(PictureFileError, match="JPEG keeps no transparency"):
        photo_bytes(photo, photo.photo.pixels, "JPEG")


def test_a_jpeg_of_sixteen_bits_says_what_is_lost() -> None:
    photo = PhotoFile(Photo.of(noise("RGB", np.uint16)))
    assert write_photo(photo, photo.photo.pixels, "JPEG").notices[0].startswith("JPEG keeps 8 of")


def test_a_webp_comes_out_as_png_and_says_so() -> None:
    photo = read_photo(saved(Image.fromarray(smooth(64, 64)), "WEBP", lossless=True))
    written = write_photo(photo, 255 - photo.photo.pixels)
    assert written.format == "PNG"
    assert written.notices == ("The photo was a WEBP file; it is saved as PNG.",)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF"])
def test_a_damaged_recipe_is_refused_in_one_sentence(format: str) -> None:
    photo = PhotoFile(Photo.of(noise("RGB")))
    content = photo_bytes(photo, photo.photo.pixels, format, RECIPE)
    assert has_recipe(content)
    assert not has_recipe(photo_bytes(photo, photo.photo.pixels, format))
    if format != "PNG":
        start = content.index(b"seg2any 1/1 " if format == "JPEG" else b"seg2any:recipe=") + 18
        with pytest.raises(PictureFileError, match="damaged recipe"):
            read_recipe(content[:start] + b"AAAA" + content[start + 4 :])


def assert_same_blocks(original: bytes, made: bytes, photo: PhotoFile, after: Any) -> None:
    """Coefficient by coefficient, in every block that holds no changed pixel."""
    jpeglib = pytest.importorskip("jpeglib")
    stored = [np.asarray(Image.open(io.BytesIO(original)))]
    back = {6: 8, 8: 6}.get(photo.orientation, photo.orientation)
    image = Image.fromarray(after)
    image.getexif()[274] = back
    stored.append(np.asarray(ImageOps.exif_transpose(image)))
    first, second = (_coefficients(jpeglib, content) for content in (original, made))
    factors = first[1]
    tall, wide = (max(each) for each in zip(*factors, strict=True))
    units = changed_units(stored[0], stored[1], 8 * tall, 8 * wide)
    for (old, new), (v, h) in zip(zip(first[0], second[0], strict=True), factors, strict=True):
        changed = np.zeros(old.shape[:2], bool)
        for row, column in units:
            changed[row * v : row * v + v, column * h : column * h + h] = True
        assert np.array_equal(old[~changed], new[~changed])
    assert np.array_equal(first[2], second[2])


def _coefficients(jpeglib: Any, content: bytes) -> tuple[list[Any], list[tuple[int, int]], Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jpg"
        path.write_bytes(content)
        read = jpeglib.read_dct(str(path))
        planes = [plane for plane in (read.Y, read.Cb, read.Cr) if plane is not None]
        factors = [(int(v), int(h)) for v, h in read.samp_factor]
        return planes, factors if len(planes) > 1 else [(1, 1)], read.qt


def smooth(height: int, width: int) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:height, :width]
    planes = [rows * 2 % 256, columns * 2 % 256, (rows + columns) % 256]
    return cv2.GaussianBlur(np.stack(planes, -1).astype(np.uint8), (0, 0), 3)


def chunks_beside(options: dict[str, Any]) -> list[Chunk]:
    """As PIL writes them, of a small picture with the same options."""
    content = saved(Image.new("L", (1, 1)), "PNG", **options)
    kept = (b"iCCP", b"pHYs", b"eXIf")
    return [chunk for chunk in chunks_of(content, "a") if chunk.kind in kept]


def deep_tiff(pixels: NDArray[Any], options: dict[str, Any]) -> bytes:
    """16 bits by tifffile, with the tags that PIL would write."""
    file = io.BytesIO()
    extra: list[Any] = []
    if "icc_profile" in options:
        extra.append((34675, 7, len(PROFILE), PROFILE, True))
    exif = options["exif"]
    extra.append((274, 3, 1, exif[274], True))
    if 271 in exif:
        extra.append((271, 2, 0, exif[271], True))
    more: dict[str, Any] = {}
    if "dpi" in options:
        more = {"resolution": options["dpi"], "resolutionunit": "INCH"}
    if pixels.ndim == 3:
        more |= {"photometric": "rgb"}
        if pixels.shape[2] == 4:
            more |= {"extrasamples": ["unassalpha"]}
    packed = {"raw": None}.get(options["compression"], "zlib")
    tifffile.imwrite(file, pixels, extratags=extra, compression=packed, metadata=None, **more)
    return file.getvalue()


def test_an_orientation_that_only_an_editor_noted_is_applied_once() -> None:
    packet = b'<x:xmpmeta><rdf:RDF><rdf:Description tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    pixels = smooth(64, 96)
    for kind in ("JPEG", "TIFF"):
        options: dict[str, Any] = {"xmp": packet} if kind == "JPEG" else {"tiffinfo": {700: packet}}
        photo = read_photo(saved(Image.fromarray(pixels), kind, **options))
        again = read_photo(photo_bytes(photo, 255 - photo.photo.pixels))
        assert again.photo.pixels.shape == photo.photo.pixels.shape
        assert again.orientation == (photo.orientation if kind == "JPEG" else 1)


def test_damaged_notes_do_not_turn_a_photo() -> None:
    exif = Image.Exif()
    exif[274] = 6
    content = saved(Image.fromarray(smooth(64, 96)), "JPEG", exif=exif)
    damaged = content.replace(b"Exif\0\0MM\0*", b"Exif\0\0MM\0\xff")
    photo = read_photo(damaged)
    again = read_photo(photo_bytes(photo, 255 - photo.photo.pixels))
    assert again.photo.pixels.shape == photo.photo.pixels.shape


def test_a_bomb_holds_no_recipe() -> None:
    content = bytearray(saved(Image.fromarray(smooth(64, 96)), "TIFF"))
    (start,) = struct.unpack_from("<I", content, 4)
    for entry in range(start + 2, start + 26, 12):  # width and height come first
        struct.pack_into("<HIHH", content, entry + 2, 4, 1, 0xFFFF, 0)
    assert not has_recipe(bytes(content))
