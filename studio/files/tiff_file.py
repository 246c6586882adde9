"""TIFF files: photos written at full depth with the tags that they came with, recipe among them."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from studio.files.photoshop_notes import without_preview
from studio.files.picture_decoder import DECODER_FAULTS
from studio.files.xmp_packet import recipe_of, turned_packet, with_recipe, without_previews
from studio.scene.photo import Pixels

_XMP, _ICC, _PHOTOSHOP = 700, 34675, 34377
_EXIF, _GPS, _INTEROP = 0x8769, 0x8825, 0xA005
_ORIENTATION, _COMPRESSION = 274, 259
_UNPACKED = 1
_STRIP_BYTES = 2**20

Tags = Mapping[int, tuple[Any, int | None]]  # value, and its type if it is known


def tiff_recipe(content: bytes, name: str) -> bytes | None:
    try:
        with Image.open(io.BytesIO(content), formats=("TIFF",)) as image:
            packet = cast("Any", image).tag_v2.get(_XMP)
    except (*DECODER_FAULTS, Image.DecompressionBombError, Warning):
        return None
    return recipe_of(packet, name) if isinstance(packet, bytes) else None


def kept_tags(original: bytes) -> tuple[Tags, bool]:
    """What a changed photo keeps of its TIFF (places on the map too), and whether it was packed."""
    with Image.open(io.BytesIO(original), formats=("TIFF",)) as image:
        directory = cast("Any", image).tag_v2
        given, kinds = dict[int, Any](directory), dict[int, int](directory.tagtype)
        is_packed = given.get(_COMPRESSION, _UNPACKED) != _UNPACKED
        kept: dict[int, tuple[Any, int | None]] = {
            tag: (value, kinds.get(tag)) for tag, value in given.items() if tag not in _OF_PIXELS
        }
        kept |= _directories(image.getexif())
    if _ORIENTATION in kept:
        kept[_ORIENTATION] = (1, 3)
    for tag, clean in _CLEANED.items():
        if tag in kept and isinstance(kept[tag][0], bytes):
            kept[tag] = (clean(kept[tag][0]), kept[tag][1])
    return kept, is_packed


def made_tags(icc: bytes | None, exif: bytes | None, dpi: tuple[float, float] | None) -> Tags:
    """What a photo of another format brings along."""
    made: dict[int, tuple[Any, int | None]] = {}
    if exif:
        notes = Image.Exif()
        notes.load(exif)
        made |= {tag: (value, None) for tag, value in notes.items() if tag not in _OF_PIXELS}
        made |= _directories(notes)
    if icc:
        made[_ICC] = (icc, 7)
    if dpi:
        made |= {282: (dpi[0], 5), 283: (dpi[1], 5), 296: (2, 3)}
    return made


def tiff_bytes(pixels: Pixels, tags: Tags, recipe: str | None, *, is_packed: bool = True) -> bytes:
    """A TIFF in strips; packed ones hold differences to the pixel at the left, deflated."""
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    rows = max(1, min(height, _STRIP_BYTES // (width * channels * pixels.dtype.itemsize)))
    strips = _strips(pixels if pixels.ndim == 3 else pixels[..., None], rows, is_packed)
    notes = dict(tags)
    if recipe is not None:
        packet = notes.get(_XMP, (None, None))[0]
        notes[_XMP] = (with_recipe(packet if isinstance(packet, bytes) else None, recipe), 1)
    directory = _directory(notes)
    shape = {
        256: (width, 4),
        257: (height, 4),
        258: ((8 * pixels.dtype.itemsize,) * channels, 3),
        259: (8 if is_packed else _UNPACKED, 3),
        262: (2 if channels > 2 else 1, 3),
        273: (tuple(np.cumsum([0, *(len(strip) for strip in strips[:-1])]).tolist()), 4),
        277: (channels, 3),
        278: (rows, 4),
        279: (tuple(len(strip) for strip in strips), 4),
        284: (1, 3),
        339: ((1,) * channels, 3),
    }
    if is_packed:
        shape[317] = (2, 3)
    if channels in (2, 4):
        shape[338] = (2, 3)  # opacity, not multiplied into the colours
    for tag, (value, kind) in shape.items():
        _set(directory, tag, value, kind)
    return b"II*\0\x08\0\0\0" + directory.tobytes(8) + b"".join(strips)


def _directories(exif: Image.Exif) -> dict[int, tuple[Any, int | None]]:
    """The directories of their own that camera and position have; a nested one is left out."""
    made: dict[int, tuple[Any, int | None]] = {}
    for tag in (_EXIF, _GPS):
        try:
            entries = {key: each for key, each in exif.get_ifd(tag).items() if key != _INTEROP}
        except DECODER_FAULTS:
            continue
        if entries:
            made[tag] = (entries, 4)
    return made


def _directory(tags: Tags) -> ImageFileDirectory_v2:
    """Without those that cannot be written, as a damaged tag of a kind nobody knows."""
    directory = ImageFileDirectory_v2()
    for tag, (value, kind) in tags.items():
        try:
            alone = ImageFileDirectory_v2()
            _set(alone, tag, value, kind)
            alone.tobytes(8)
        except (*DECODER_FAULTS, Warning):
            continue
        _set(directory, tag, value, kind)
    return directory


def _set(directory: ImageFileDirectory_v2, tag: int, value: Any, kind: int | None) -> None:
    if kind is not None:
        directory.tagtype[tag] = kind
    directory[tag] = value


def _strips(pixels: Pixels, rows: int, is_packed: bool) -> list[bytes]:
    """Bytes in the order of small machines, whatever this one is."""

    def strip(start: int) -> bytes:
        part = pixels[start : start + rows].astype(f"<u{pixels.dtype.itemsize}")
        if is_packed:
            part[:, 1:] -= np.array(part[:, :-1])
            coder = zlib.compressobj(1, zlib.DEFLATED, 15, 8, zlib.Z_RLE)
            return coder.compress(part.tobytes()) + coder.flush()
        return part.tobytes()

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as cores:
        return list(cores.map(strip, range(0, len(pixels), rows)))


def _clean_packet(packet: bytes) -> bytes:
    return turned_packet(without_previews(packet))


_CLEANED = {_XMP: _clean_packet, _PHOTOSHOP: without_preview}
_OF_PIXELS = frozenset(
    {
        *(254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 277, 278, 279, 280, 281, 284, 317, 320),
        *(321, 322, 323, 324, 325, 330, 332, 333, 334, 336, 338, 339, 340, 341, 347),
        *range(512, 533),
        37724,  # Photoshop's layers of the photo as it was
        _EXIF,
        _GPS,
    }
)
