"""Photoshop's own notes in JPEG and TIFF files: resources in a row, previews among them."""

from __future__ import annotations

import struct

_HEAD = b"Photoshop 3.0\0"
_PREVIEWS = (0x0409, 0x040C)


def without_preview(data: bytes) -> bytes:
    """The same notes without small pictures of what the photo was; others come back as they are."""
    head = _HEAD if data.startswith(_HEAD) else b""
    kept, position = [head], len(head)
    while data[position : position + 4] == b"8BIM":
        name = position + 6
        size_at = name + 2 * (data[name] // 2 + 1) if name < len(data) else len(data)
        if size_at + 4 > len(data):
            break
        (kind,) = struct.unpack_from(">H", data, position + 4)
        (size,) = struct.unpack_from(">I", data, size_at)
        end = size_at + 4 + size + size % 2
        if kind not in _PREVIEWS:
            kept.append(data[position:end])
        position = end
    return b"".join(kept) + data[position:]
