"""Photoshop files with layers, written as Adobe's specification of the format describes them.

Channels are stored unpacked: the format's run lengths make a photo no smaller.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from studio.files.openraster import clean_name
from studio.files.xmp_packet import recipe_of, with_recipe
from studio.scene.errors import PictureFileError
from studio.scene.photo import Pixels

_RESOLUTION, _ICC, _EXIF, _XMP = 1005, 1039, 1058, 1060
_OPACITY = -1  # the number of a layer's opacity among its channels
_HIDDEN = 2
_LARGEST = 2**31 - 1


class PsdLayer(NamedTuple):
    """pixels: (h, w), (h, w, 2) with opacity, (h, w, 3) or (h, w, 4); left, top: in the picture."""

    pixels: Pixels
    name: str
    left: int
    top: int
    opacity: float
    is_visible: bool


def psd_bytes(
    merged: Pixels,
    layers: Sequence[PsdLayer],
    *,
    icc: bytes | None = None,
    exif: bytes | None = None,
    dpi: tuple[float, float] | None = None,
    recipe: str | None = None,
) -> bytes:
    """merged: all layers together, for programs that know no layers; layers: the lowest first."""
    height, width = merged.shape[:2]
    planes = _planes(merged)
    depth = 8 * merged.dtype.itemsize
    mode = 1 if len(planes) < 3 else 3
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, len(planes), height, width, depth, mode)
    resources = _resources(icc, exif, dpi, recipe)
    parts = [
        head,
        struct.pack(">I", 0),  # no table of colours
        struct.pack(">I", len(resources)),
        resources,
        *_sections(layers, depth, has_opacity=len(planes) in (2, 4)),
        struct.pack(">H", 0),  # unpacked
        *planes,
    ]
    if sum(map(len, parts)) > _LARGEST:
        raise PictureFileError(
            "The photo and its layers are too large for a Photoshop file (2 GB); save OpenRaster."
        )
    return b"".join(parts)


def psd_recipe(content: bytes, name: str) -> bytes | None:
    """The recipe among the file's resources."""
    try:
        (table,) = struct.unpack_from(">I", content, 26)
        (size,) = struct.unpack_from(">I", content, 30 + table)
    except struct.error as fault:
        raise PictureFileError("{name} is damaged or cut short.", name=name) from fault
    return recipe_of(content[34 + table : 34 + table + size], name)


def _planes(pixels: Pixels) -> list[bytes]:
    """One channel after the other, as the format has them."""
    whole = pixels if pixels.ndim == 3 else pixels[..., None]
    kind = f">u{pixels.dtype.itemsize}"
    return [whole[..., channel].astype(kind).tobytes() for channel in range(whole.shape[2])]


def _resources(
    icc: bytes | None,
    exif: bytes | None,
    dpi: tuple[float, float] | None,
    recipe: str | None,
) -> bytes:
    found: dict[int, bytes] = {}
    if dpi:
        across, down = (round(each * 65536) for each in dpi)
        found[_RESOLUTION] = struct.pack(">IHHIHH", across, 1, 1, down, 1, 1)
    if icc:
        found[_ICC] = icc
    if exif:
        found[_EXIF] = exif
    if recipe is not None:
        found[_XMP] = with_recipe(None, recipe)
    return b"".join(
        struct.pack(">4sHHI", b"8BIM", kind, 0, len(data)) + data + bytes(len(data) % 2)
        for kind, data in found.items()
    )


def _sections(layers: Sequence[PsdLayer], depth: int, *, has_opacity: bool) -> list[bytes]:
    """The layers; those of 16 bits stand in a block of their own."""
    count = len(layers)
    info = [struct.pack(">h", -count if has_opacity else count)]
    channels: list[bytes] = []
    for layer in layers:
        planes = _planes(layer.pixels)
        info.append(_record(layer, [len(plane) for plane in planes]))
        for plane in _stored_order(planes):
            channels += [struct.pack(">H", 0), plane]
    info += channels
    size = sum(map(len, info))
    info.append(bytes(-size % 4))
    size += -size % 4
    if depth == 8:
        length = 4 + size + 4
        return [struct.pack(">II", length, size), *info, struct.pack(">I", 0)]
    length = 4 + 4 + 12 + size
    block = struct.pack(">4s4sI", b"8BIM", b"Lr16", size)
    return [struct.pack(">III", length, 0, 0), block, *info]


def _stored_order(planes: list[bytes]) -> list[bytes]:
    """Opacity comes first."""
    return [planes[-1], *planes[:-1]] if len(planes) in (2, 4) else planes


def _record(layer: PsdLayer, sizes: list[int]) -> bytes:
    height, width = layer.pixels.shape[:2]
    numbers = [_OPACITY, *range(len(sizes) - 1)] if len(sizes) in (2, 4) else range(len(sizes))
    box = struct.pack(">iiii", layer.top, layer.left, layer.top + height, layer.left + width)
    channels = b"".join(struct.pack(">hI", number, sizes[0] + 2) for number in numbers)
    name = clean_name(layer.name)
    extra = struct.pack(">II", 0, 0) + _short_name(name) + _long_name(name)
    look = struct.pack(
        ">4s4sBBBxI",
        b"8BIM",
        b"norm",
        round(layer.opacity * 255),
        0,
        0 if layer.is_visible else _HIDDEN,
        len(extra),
    )
    return box + struct.pack(">H", len(sizes)) + channels + look + extra


def _short_name(name: str) -> bytes:
    """For old programs: up to 31 letters, padded to four bytes."""
    short = name.encode("ascii", "replace")[:31]
    stored = bytes([len(short)]) + short
    return stored + bytes(-len(stored) % 4)


def _long_name(name: str) -> bytes:
    letters = name.encode("utf-16-be")
    data = struct.pack(">I", len(letters) // 2) + letters
    data += bytes(-len(data) % 4)
    return struct.pack(">4s4sI", b"8BIM", b"luni", len(data)) + data
