"""Pictures with their recipe inside: PNG files that the studio writes and reads as requests."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import PngImagePlugin

from studio.files.json_file import parse_json
from studio.files.limits import LARGEST_PICTURE, LARGEST_RECIPE
from studio.files.picture_decoder import decode_picture as decode_picture
from studio.files.picture_decoder import shown
from studio.files.recipe import request_from_json, request_to_json
from studio.files.storage import write_atomic as write_atomic
from studio.scene.errors import BadInput, PictureFileError
from studio.scene.request import Picture, RenderRequest

KEYWORD = "seg2any"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIECE = 500_000  # other programs refuse text chunks over 1 MB, so a longer recipe is split


def save_picture(picture: Picture, path: str | Path, index: int = 0) -> None:
    """Write image `index` as PNG with the recipe inside. The same recipe gives the same bytes."""
    write_atomic(Path(path), picture_bytes(picture, index))


def picture_bytes(picture: Picture, index: int = 0) -> bytes:
    """The PNG file of image `index`."""
    recipe = {
        **request_to_json(picture.request),
        "index": index,
        "made_with": dict(sorted(picture.made_with.items())),
    }
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":"))
    info = PngImagePlugin.PngInfo()
    for number, start in enumerate(range(0, len(text), _PIECE)):
        keyword = KEYWORD if number == 0 else f"{KEYWORD}-{number + 1}"
        info.add_itxt(keyword, text[start : start + _PIECE], zip=True)
    file = io.BytesIO()
    picture.images[index].save(file, "PNG", pnginfo=info)
    return file.getvalue()


def read_request(path: str | Path) -> RenderRequest:
    """The request that made a picture of ours."""
    return request_from_recipe(read_recipe(path), shown(Path(path).name))


def request_from_recipe(recipe: dict[str, Any], name: str = "The picture") -> RenderRequest:
    try:
        return request_from_json(recipe)
    except BadInput as fault:
        raise PictureFileError("{name}: {fault}", name=name, fault=fault) from fault


def read_recipe(source: str | Path | bytes) -> dict[str, Any]:
    """All that is written in a picture of ours: request, index, and the model that made it."""
    name = "The picture" if isinstance(source, bytes) else shown(Path(source).name)
    content = source if isinstance(source, bytes) else _read(Path(source))
    text = _recipe_text(content, name)
    if text is None:
        raise PictureFileError("{name} holds no recipe; it was not saved by the studio.", name=name)
    try:
        recipe = parse_json(text)
    except ValueError as fault:
        raise PictureFileError("{name} holds a damaged recipe.", name=name) from fault
    if not isinstance(recipe, dict):
        raise PictureFileError("{name} holds a damaged recipe.", name=name)
    return recipe  # pyright: ignore[reportUnknownVariableType]


def has_recipe(source: str | Path | bytes) -> bool:
    try:
        read_recipe(source)
    except PictureFileError:
        return False
    return True


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_PICTURE:
            raise PictureFileError(
                "{path} is too large for a picture of the studio.", path=shown(path.name)
            )
        return path.read_bytes()
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise PictureFileError(
            "{path} cannot be read: {reason}.", path=shown(str(path)), reason=reason
        ) from fault


def _recipe_text(content: bytes, name: str) -> bytes | None:
    """The joined iTXt chunks of ours. Read by hand: nothing is decoded, nothing else trusted."""
    if not content.startswith(_SIGNATURE):
        raise PictureFileError("{name} is not a PNG file.", name=name)
    pieces: list[bytes] = []
    position, left = len(_SIGNATURE), LARGEST_RECIPE
    while position + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[position : position + 8])
        data = content[position + 8 : position + 8 + length]
        check = content[position + 8 + length : position + 12 + length]
        if len(check) != 4 or zlib.crc32(kind + data) != int.from_bytes(check, "big"):
            raise PictureFileError("{name} is damaged or cut short.", name=name)
        if kind == b"iTXt" and data.startswith(KEYWORD.encode()):
            piece = _unpack(data, left, name)
            pieces.append(piece)
            left -= len(piece)
        position += 12 + length
        if kind == b"IEND":
            return b"".join(pieces) or None
    raise PictureFileError("{name} is damaged or cut short.", name=name)


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
