"""A changed photo as a file: format, depth, profile, notes and resolution as they came in."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from PIL import Image, JpegImagePlugin

from studio.files.exif_block import PREFIX
from studio.files.jpeg_blocks import with_changed_blocks
from studio.files.jpeg_file import kept_notes, merged_notes, own_notes, with_notes
from studio.files.orientation import turned, turned_back
from studio.files.photo_decoder import PhotoFile
from studio.files.png_file import kept_chunks, made_chunks, png_bytes
from studio.files.tiff_file import kept_tags, made_tags, tiff_bytes
from studio.scene.errors import PictureFileError
from studio.scene.photo import Pixels, in_eight_bits
from studio.scene.photo_layer import outside
from studio.scene.sentences import say

SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF"}
_QUALITY = 95
_NAME = say("The picture")


@dataclass(frozen=True, eq=False)
class WrittenPhoto:
    """A file of the format, and what a reader gets from it: the pixels, or a JPEG's nearest."""

    content: bytes
    format: str
    stored: Pixels
    notices: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        return {"JPEG": "jpg", "TIFF": "tif"}.get(self.format, "png")


def photo_bytes(
    photo: PhotoFile,
    pixels: Pixels,
    format: str | None = None,
    recipe: Mapping[str, Any] | None = None,
    quality: int | None = None,
) -> bytes:
    """The file alone; see `write_photo`."""
    return write_photo(photo, pixels, format, recipe, quality).content


def write_photo(
    photo: PhotoFile,
    pixels: Pixels,
    format: str | None = None,
    recipe: Mapping[str, Any] | None = None,
    quality: int | None = None,
) -> WrittenPhoto:
    """The pixels, of the photo's shape and depth, as PNG, JPEG or TIFF; None: as it came.

    What changes nothing gives the original file, byte for byte. quality: of a JPEG; None keeps the
    original's blocks where nothing changed, or its tables.
    """
    wanted = format or (photo.format if photo.format in SUFFIXES.values() else "PNG")
    notices: list[str] = []
    if format is None and wanted != photo.format:
        notices.append(
            say("The photo was a {format} file; it is saved as PNG.", format=photo.format)
        )
    if (
        wanted == photo.format
        and photo.original is not None
        and quality is None
        and np.array_equal(pixels, photo.photo.pixels)
    ):
        return WrittenPhoto(photo.original, wanted, pixels, tuple(notices))
    text = None if recipe is None else recipe_text(recipe)
    if wanted == "JPEG":
        content = _jpeg(photo, pixels, text, quality, notices)
        stored = _decoded(content, photo)
        _tell_of_blocks(photo, pixels, stored, notices)
        return WrittenPhoto(content, wanted, stored, tuple(notices))
    content = (_tiff if wanted == "TIFF" else _png)(photo, pixels, text)
    return WrittenPhoto(content, wanted, pixels, tuple(notices))


def recipe_text(recipe: Mapping[str, Any]) -> str:
    """ASCII, the same for the same recipe."""
    return json.dumps(recipe, sort_keys=True, separators=(",", ":"))


def _png(photo: PhotoFile, pixels: Pixels, recipe: str | None) -> bytes:
    if photo.format != "PNG" or photo.original is None:
        return png_bytes(pixels, made_chunks(photo.icc, photo.exif, photo.dpi), recipe)
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    kind = (8 * pixels.dtype.itemsize, {1: 0, 2: 4, 3: 2, 4: 6}[channels])
    chunks = kept_chunks(
        photo.original,
        _NAME,
        same_kind=tuple(photo.original[24:26]) == kind,
        was_turned=photo.orientation != 1,
    )
    return png_bytes(pixels, chunks, recipe)


def _tiff(photo: PhotoFile, pixels: Pixels, recipe: str | None) -> bytes:
    if pixels.dtype == np.uint16 and pixels.ndim == 3 and pixels.shape[2] == 2:
        raise PictureFileError(
            "Hardly any program reads 16-bit grey with opacity as TIFF; save the photo as PNG."
        )
    if photo.format != "TIFF" or photo.original is None:
        return tiff_bytes(pixels, made_tags(photo.icc, photo.exif, photo.dpi), recipe)
    tags, is_packed = kept_tags(photo.original)
    return tiff_bytes(pixels, tags, recipe, is_packed=is_packed)


def _jpeg(
    photo: PhotoFile, pixels: Pixels, recipe: str | None, quality: int | None, notices: list[str]
) -> bytes:
    if pixels.ndim == 3 and pixels.shape[2] in (2, 4):
        raise PictureFileError("JPEG keeps no transparency; save the photo as PNG or TIFF.")
    if pixels.dtype == np.uint16:
        notices.append(say("JPEG keeps 8 of the photo's 16 bits; PNG and TIFF keep all."))
        pixels = in_eight_bits(pixels)
    if photo.format != "JPEG" or photo.original is None:
        return _new_jpeg(photo, pixels, recipe, quality)
    notes = kept_notes(photo.original, photo.orientation, _NAME)
    after = turned_back(pixels, photo.orientation)
    if quality is None:
        before = turned_back(photo.photo.pixels, photo.orientation)
        coded = with_changed_blocks(photo.original, before, after)
        if coded is not None:
            return with_notes(coded, notes, recipe, _NAME)
    notices.append(
        say("The JPEG was encoded again as a whole; PNG keeps the photo outside the regions.")
    )
    coded = _coded(after, **_same_coding(photo.original, quality))
    return with_notes(coded, merged_notes(notes, own_notes(coded, _NAME)), recipe, _NAME)


def _new_jpeg(photo: PhotoFile, pixels: Pixels, recipe: str | None, quality: int | None) -> bytes:
    options: dict[str, Any] = {"quality": _QUALITY if quality is None else quality}
    if photo.icc:
        options["icc_profile"] = photo.icc
    if photo.dpi:
        options["dpi"] = photo.dpi
    if photo.exif and len(photo.exif) < 65_000:
        options["exif"] = PREFIX + photo.exif
    coded = _coded(pixels, subsampling=0, **options)
    return with_notes(coded, own_notes(coded, _NAME), recipe, _NAME)


def _same_coding(original: bytes, quality: int | None) -> dict[str, Any]:
    with Image.open(io.BytesIO(original), formats=("JPEG",)) as image:
        sampling = JpegImagePlugin.get_sampling(image)
        options: dict[str, Any] = {"subsampling": max(sampling, 0)}
        if quality is None:
            tables = cast("Any", image).quantization
            return {**options, "qtables": [list(tables[key]) for key in sorted(tables)]}
    return {**options, "quality": quality}


def _coded(pixels: Pixels, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", **options)
    return file.getvalue()


def _decoded(content: bytes, photo: PhotoFile) -> Pixels:
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
        return turned(np.asarray(image), photo.orientation if photo.format == "JPEG" else 1)


def _tell_of_blocks(photo: PhotoFile, pixels: Pixels, stored: Pixels, notices: list[str]) -> None:
    """What moved though nobody changed it."""
    before = photo.photo.pixels
    if stored.dtype != before.dtype or stored.shape != before.shape:
        return
    differs = pixels != before
    moved = outside(before, stored, differs if differs.ndim == 2 else differs.any(axis=2))
    if moved.count:
        notices.append(
            say(
                "JPEG stores blocks of pixels: {count} beside the changed ones moved with their "
                "block, by at most {largest} of 255. PNG and TIFF keep them exactly.",
                count=moved.count,
                largest=moved.largest,
            )
        )
