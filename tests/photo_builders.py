"""Photo files for tests: noise in every mode, and deep colours that PIL cannot write."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image


def noise(mode: str, kind: type[Any] = np.uint8, size: tuple[int, int] = (40, 27)) -> NDArray[Any]:
    channels = {"L": (), "LA": (2,), "RGB": (3,), "RGBA": (4,)}[mode]
    largest = np.iinfo(kind).max
    return np.random.default_rng(7).integers(0, largest, (*size, *channels), kind, endpoint=True)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def deep(pixels: NDArray[Any], kind: str, *, compressed: bool = True) -> bytes:
    """16 bits a channel, by OpenCV."""
    order = [2, 1, 0, 3][: pixels.shape[2]] if pixels.ndim == 3 else None
    stored = np.ascontiguousarray(pixels[..., order]) if order else pixels
    options = [cv2.IMWRITE_TIFF_COMPRESSION, 5 if compressed else 1] if kind == ".tiff" else []
    done, content = cv2.imencode(kind, stored, options)
    assert done
    return content.tobytes()


def blank_png(width: int, height: int, rows: int | None = None) -> bytes:
    """Black, one bit a pixel; only some of its rows are there."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = bytes(1 + (width + 7) // 8)
    data = zlib.compress(row * (height if rows is None else rows))
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks
