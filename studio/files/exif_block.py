"""A camera's notes (EXIF), patched in place: makers' notes hold offsets that must not move."""

from __future__ import annotations

import struct
from typing import NamedTuple

_ORIENTATION = 0x0112
_THUMBNAIL = ((0x0201, 0x0202), (0x0111, 0x0117))  # where a preview begins, and its bytes
PREFIX = b"Exif\0\0"


def clean_exif(block: bytes, orientation: int = 1) -> bytes | None:
    """The notes without their preview, for pixels that are stored in that orientation.

    The preview would show the photo as it was. None for what is no EXIF.
    """
    content = bytearray(block.removeprefix(PREFIX))
    try:
        order = {b"II": "<", b"MM": ">"}[bytes(content[:2])]
        (first,) = struct.unpack_from(f"{order}I", content, 4)
        entries, link = _entries(content, first, order)
        if _ORIENTATION in entries:
            place = entries[_ORIENTATION].place - 6  # of its type; a short number, as it should be
            struct.pack_into(f"{order}HIHH", content, place, 3, 1, orientation, 0)
        (second,) = struct.unpack_from(f"{order}I", content, link)
        if second:
            struct.pack_into(f"{order}I", content, link, 0)
            return _without_preview(content, second, order)
    except (KeyError, struct.error):
        return None
    return bytes(content)


def orientation_alone(orientation: int) -> bytes:
    """Notes that say no more than that."""
    entry = struct.pack("<HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    return b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)


class _Entry(NamedTuple):
    place: int  # of the value
    value: int


def _entries(content: bytearray, start: int, order: str) -> tuple[dict[int, _Entry], int]:
    """The entries of a directory by their tag, and where its link to the next one is."""
    (count,) = struct.unpack_from(f"{order}H", content, start)
    entries: dict[int, _Entry] = {}
    for place in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, _, value = struct.unpack_from(f"{order}HHII", content, place)
        if kind == 3:
            (value,) = struct.unpack_from(f"{order}H", content, place + 8)
        entries[tag] = _Entry(place + 8, value)
    return entries, start + 2 + 12 * count


def _without_preview(content: bytearray, directory: int, order: str) -> bytes:
    """Blank the preview, or cut it off where nothing follows it."""
    try:
        entries, _ = _entries(content, directory, order)
    except struct.error:
        return bytes(content)
    for begins, size in _THUMBNAIL:
        if begins in entries and size in entries:
            start = entries[begins].value
            end = start + entries[size].value
            if end >= len(content) > start > 8:
                del content[start:]
            elif 8 < start < end:
                content[start:end] = bytes(end - start)
    return bytes(content)
