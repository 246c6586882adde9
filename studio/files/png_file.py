"""PNG files, chunk by chunk: the recipe inside them, and photos written at full depth.

PIL writes 16 bits in grey alone, and neither PIL nor OpenCV keeps what a camera or an editor noted
beside the pixels. So what is not pixels is copied as it is, and the pixels are packed here.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, cast

import numpy as np

from studio.files.exif_block import clean_exif
from studio.files.limits import LARGEST_RECIPE
from studio.files.xmp_packet import turned_packet
from studio.scene.errors import PictureFileError
from studio.scene.photo import Pixels

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = "seg2any"
PIECE = 500_000  # other programs refuse text chunks over 1 MB, so a longer recipe is split
_XMP = b"XML:com.adobe.xmp\0"


class Chunk(NamedTuple):
    kind: bytes  # four letters
    data: bytes


def chunks_of(content: bytes, name: str) -> Iterator[Chunk]:
    """All chunks up to the end, checked. Read by hand: nothing is decoded."""
    position = len(SIGNATURE)
    while position + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[position : position + 8])
        data = content[position + 8 : position + 8 + length]
        check = content[position + 8 + length : position + 12 + length]
        if len(check) != 4 or zlib.crc32(kind + data) != int.from_bytes(check, "big"):
            break
        yield Chunk(kind, data)
        if kind == b"IEND":
            return
        position += 12 + length
    raise PictureFileError("{name} is damaged or cut short.", name=name)


def png_recipe(content: bytes, name: str) -> bytes | None:
    """The joined iTXt chunks of ours."""
    pieces: list[bytes] = []
    left = LARGEST_RECIPE
    for kind, data in chunks_of(content, name):
        if kind == b"iTXt" and data.startswith(KEYWORD.encode()):
            piece = _unpack(data, left, name)
            pieces.append(piece)
            left -= len(piece)
    return b"".join(pieces) or None


def recipe_pieces(text: str) -> Iterator[tuple[str, str]]:
    """Keyword and text of each chunk that a recipe takes."""
    for number, start in enumerate(range(0, len(text), PIECE)):
        keyword = KEYWORD if number == 0 else f"{KEYWORD}-{number + 1}"
        yield keyword, text[start : start + PIECE]


def png_bytes(pixels: Pixels, beside: Iterable[Chunk], recipe: str | None) -> bytes:
    """A PNG of 8 or 16 bits, grey or colour, with opacity or without."""
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    colour_type = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    depth = 8 * pixels.dtype.itemsize
    head = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    chunks = [Chunk(b"IHDR", head), *beside]
    for keyword, text in recipe_pieces(recipe or ""):
        packed = zlib.compress(text.encode("utf-8", "strict"))
        chunks.append(Chunk(b"iTXt", keyword.encode() + b"\0\1\0\0\0" + packed))
    chunks += (Chunk(b"IDAT", data) for data in _packed(pixels, channels))
    chunks.append(Chunk(b"IEND", b""))
    return SIGNATURE + b"".join(_written(chunk) for chunk in chunks)


def kept_chunks(original: bytes, name: str, *, same_kind: bool, was_turned: bool) -> list[Chunk]:
    """What a changed photo keeps of its PNG.

    same_kind: depth and channels are those of the file; was_turned: the file's pixels were stored
    turned, and are not any more.
    """
    kept: list[Chunk] = []
    for kind, data in chunks_of(original, name):
        if kind in _OF_PIXELS or (kind in _OF_KIND and not same_kind):
            continue
        if kind not in _KNOWN and not kind[3:].islower():
            continue  # by the standard, unsafe to copy once pixels have changed
        if kind == b"iTXt" and data.startswith(KEYWORD.encode()):
            continue
        if kind == b"eXIf":
            data = clean_exif(data) or b""
        elif was_turned and data.startswith(b"Raw profile type "):
            continue  # notes as text, with the old orientation
        elif kind == b"iTXt" and data.startswith(_XMP) and data[len(_XMP)] == 0:
            data = turned_packet(data) if was_turned else data
        if data or kind == b"tIME":
            kept.append(Chunk(kind, data))
    return kept


def made_chunks(
    icc: bytes | None, exif: bytes | None, dpi: tuple[float, float] | None
) -> list[Chunk]:
    """What a photo of another format brings along."""
    made: list[Chunk] = []
    if icc:
        made.append(Chunk(b"iCCP", b"profile\0\0" + zlib.compress(icc)))
    if dpi:
        across, down = (round(each / 0.0254) for each in dpi)
        made.append(Chunk(b"pHYs", struct.pack(">IIB", across, down, 1)))
    if exif:
        made.append(Chunk(b"eXIf", exif))
    return made


def _written(chunk: Chunk) -> bytes:
    check = zlib.crc32(chunk.kind + chunk.data).to_bytes(4, "big")
    return len(chunk.data).to_bytes(4, "big") + chunk.kind + chunk.data + check


def _packed(pixels: Pixels, channels: int) -> list[bytes]:
    """The image data: differences to the pixel at the left, deflated by all cores at once.

    Each piece knows the 32 kB before it and ends at a full byte, so together they are one stream:
    the same for every number of cores. Run lengths and Huffman codes are all that is left to find
    in a photo's differences: as small as a search for repetitions makes it, in half the time.
    """
    height = pixels.shape[0]
    if pixels.dtype == np.uint16:
        pixels = pixels.astype(">u2")
    raw: Any = cast("Any", np.ascontiguousarray(pixels)).view(np.uint8).reshape(height, -1)
    step = channels * pixels.dtype.itemsize
    rows = np.empty((height, raw.shape[1] + 1), np.uint8)
    rows[:, 0] = 1  # the filter "Sub"
    rows[:, 1 : 1 + step] = raw[:, :step]
    np.subtract(raw[:, step:], raw[:, :-step], out=rows[:, 1 + step :])
    data = memoryview(cast("Any", rows).reshape(-1))

    def pack(start: int) -> bytes:
        before = bytes(data[max(0, start - 2**15) : start])
        coder = zlib.compressobj(1, zlib.DEFLATED, -15, 8, zlib.Z_RLE, before)
        is_last = start + _BLOCK >= len(data)
        flush = zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH
        return coder.compress(data[start : start + _BLOCK]) + coder.flush(flush)

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as cores:
        packed = list(cores.map(pack, range(0, len(data), _BLOCK)))
    packed[0] = b"\x78\x01" + packed[0]
    packed[-1] += zlib.adler32(data).to_bytes(4, "big")
    return packed


def _unpack(data: bytes, most: int, name: str) -> bytes:
    _, _, rest = data.partition(b"\0")  # keyword; then flag, method, language, translated keyword
    try:
        packed = rest[2:].split(b"\0", 2)[2]
        plain = zlib.decompressobj().decompress(packed, most + 1) if rest[0] else packed
    except (zlib.error, IndexError) as fault:
        raise PictureFileError("{name} holds a damaged recipe.", name=name) from fault
    if len(plain) > most:
        raise PictureFileError(
            "{name} holds a recipe over {megabytes} MB.",
            name=name,
            megabytes=LARGEST_RECIPE // 2**20,
        )
    return plain


_BLOCK = 2**22
_OF_PIXELS = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"hIST", b"acTL", b"fcTL", b"fdAT")
_OF_KIND = (b"sBIT", b"bKGD", b"tRNS")
_KNOWN = (
    *_OF_KIND,
    *(b"cHRM", b"gAMA", b"iCCP", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"pHYs", b"tIME", b"oFFs"),
    *(b"pCAL", b"sCAL", b"sTER", b"sPLT"),
)
