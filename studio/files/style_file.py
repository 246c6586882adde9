"""Style files in a folder: what each says about itself, without reading its weights."""

from __future__ import annotations

import base64
import binascii
import json
import os
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from studio.files.storage import write_atomic
from studio.scene.errors import DamagedWeights, MissingWeights, RequestError
from studio.scene.style import style_digest

SUFFIX = ".safetensors"
LARGEST_UPLOAD = 50 * 2**20
MOST_FILES = 500
_LONGEST_HEADER = 32 * 2**20
_LARGEST_PICTURE = 8 * 2**20
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".preview.png", ".preview.jpg", ".preview.webp")
_MOST_WORDS = 8
_LONGEST_WORDS = 200
_MIMES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}


@dataclass(frozen=True)
class StyleFile:
    """One style that lies in the folder. fault: why it cannot be used, in one sentence."""

    name: str
    path: Path
    digest: str
    bytes_used: int
    words: tuple[str, ...] = ()  # that its maker trained it on
    licence: str | None = None
    has_picture: bool = False
    fault: str | None = None


def list_styles(folder: Path) -> list[StyleFile]:
    """By name. A file that has not changed is not read again."""
    found: list[StyleFile] = []
    for path in sorted(folder.glob(f"*{SUFFIX}"))[:MOST_FILES]:
        try:
            status = path.stat()
            style = _described(path, status.st_size, status.st_mtime_ns)
        except (OSError, MissingWeights):
            continue  # it has just gone
        found.append(
            replace(style, has_picture=style.has_picture or any(True for _ in _beside(path)))
        )
    return found


def find_style(folder: Path, digest: str) -> Path | None:
    return next((each.path for each in list_styles(folder) if each.digest == digest), None)


def style_picture(style: StyleFile) -> tuple[bytes, str] | None:
    """Its picture and the kind of picture: one beside the file, else the one inside it."""
    for path in _beside(style.path):
        if path.stat().st_size <= _LARGEST_PICTURE:
            return path.read_bytes(), _MIMES[path.suffix]
    text = str(read_header(style.path)[1].get("modelspec.thumbnail", ""))
    kind, _, data = text.partition(";base64,")
    if kind.removeprefix("data:") not in _MIMES.values():
        return None
    try:
        return base64.b64decode(data, validate=True), kind.removeprefix("data:")
    except (binascii.Error, ValueError):
        return None


def keep_style(folder: Path, name: str, content: bytes) -> StyleFile:
    """Write an uploaded style; RequestError for what is none, or a name that is taken."""
    stem = _clean(Path(name.replace("\\", "/")).name)
    if not stem:
        raise RequestError(
            "{name!r:.60} is no name for a style; call it NAME.safetensors.", name=name
        )
    if len(content) > LARGEST_UPLOAD:
        raise RequestError(
            "{name} is over {most} MB; put it into {folder} on the studio's own computer.",
            name=f"{stem}{SUFFIX}",
            most=LARGEST_UPLOAD // 2**20,
            folder="weights/styles",
        )
    _check_header(f"{stem}{SUFFIX}", content)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}{SUFFIX}"
    if path.exists():
        if path.read_bytes() == content:
            return _described(path, len(content), path.stat().st_mtime_ns)
        raise RequestError(
            "There is another style called {name} already; rename one of them.", name=stem
        )
    if len(list_styles(folder)) >= MOST_FILES:
        raise RequestError(
            "There are {most} styles already; remove some from {folder}.",
            most=MOST_FILES,
            folder="weights/styles",
        )
    write_atomic(path, content)
    return _described(path, len(content), path.stat().st_mtime_ns)


def read_header(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tensors that a safetensors file announces, and what it says about itself."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if not 0 < length <= _LONGEST_HEADER:
                raise ValueError("its header has no possible length")
            tensors, metadata = _parsed(file.read(length))
            size = os.fstat(file.fileno()).st_size
    except (OSError, ValueError) as fault:
        raise DamagedWeights(
            "{name} is cut or is not safetensors ({fault}).", name=path.name, fault=fault
        ) from fault
    _check_length(path.name, tensors, size - 8 - length)
    return tensors, metadata


@lru_cache(maxsize=2 * MOST_FILES)
def _described(path: Path, size: int, changed: int) -> StyleFile:
    del changed  # part of the key: another time is another file
    digest = style_digest(path)
    try:
        tensors, metadata = read_header(path)
        _check_is_lora(path.name, tensors)
    except DamagedWeights as fault:
        return StyleFile(path.stem, path, digest, size, fault=str(fault))
    licence = metadata.get("modelspec.license")
    return StyleFile(
        name=str(metadata.get("modelspec.title") or path.stem)[:80],
        path=path,
        digest=digest,
        bytes_used=size,
        words=_words(metadata),
        licence=None if licence is None else str(licence)[:120],
        has_picture="modelspec.thumbnail" in metadata,
    )


def _words(metadata: dict[str, Any]) -> tuple[str, ...]:
    """What its maker names, else the tags most of its pictures had."""
    named = metadata.get("modelspec.trigger_phrase") or metadata.get("trigger_words")
    if named:
        words = [word.strip() for word in str(named)[:_LONGEST_WORDS].split(",")]
        return tuple(word for word in words if word)[:_MOST_WORDS]
    counted: Counter[str] = Counter()
    try:
        folders = json.loads(str(metadata.get("ss_tag_frequency") or "{}"))
        for tags in folders.values():
            counted.update({str(tag).strip(): int(count) for tag, count in tags.items()})
    except (ValueError, TypeError, AttributeError, RecursionError):
        return ()
    return tuple(word[:60] for word, _ in counted.most_common(_MOST_WORDS) if word)


def _beside(path: Path) -> Iterator[Path]:
    for suffix in _PICTURES:
        picture = path.with_suffix(suffix)
        if picture.is_file():
            yield picture


def _check_header(name: str, content: bytes) -> None:
    length = struct.unpack("<Q", content[:8])[0] if len(content) >= 8 else 0
    try:
        if not 0 < length <= min(_LONGEST_HEADER, len(content) - 8):
            raise ValueError("its header has no possible length")
        tensors, _ = _parsed(content[8 : 8 + length])
    except ValueError as fault:
        raise RequestError(
            "{name} is cut or is not safetensors ({fault}).", name=name, fault=fault
        ) from fault
    try:
        _check_length(name, tensors, len(content) - 8 - length)
        _check_is_lora(name, tensors)
    except DamagedWeights as fault:
        raise RequestError(str(fault)) from fault


def _parsed(header: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        found = json.loads(header)
    except RecursionError:
        raise ValueError("its header is nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("its header is no object")
    tensors = cast("dict[str, Any]", found)
    metadata = tensors.pop("__metadata__", {})
    return tensors, cast("dict[str, Any]", metadata) if isinstance(metadata, dict) else {}


def _check_length(name: str, tensors: dict[str, Any], length: int) -> None:
    try:
        wanted = max((int(each["data_offsets"][1]) for each in tensors.values()), default=0)
    except (KeyError, TypeError, ValueError, IndexError) as fault:
        raise DamagedWeights(
            "{name} is cut or is not safetensors ({fault}).", name=name, fault=fault
        ) from fault
    if wanted != length:
        raise DamagedWeights(
            "{name} is not whole: it announces {wanted} bytes and holds {length}; fetch it again.",
            name=name,
            wanted=wanted,
            length=length,
        )


def _check_is_lora(name: str, tensors: dict[str, Any]) -> None:
    marks = (".lora_A.", ".lora_down.", "lora1.down", "lora2.down", "lora.down")
    if not any(mark in key for key in tensors for mark in marks):
        raise DamagedWeights("{name} is no LoRA: it has no pair of low-rank matrices.", name=name)


def _clean(name: str) -> str:
    """A file name that every system takes, without its ending."""
    stem = name[: -len(SUFFIX)] if name.lower().endswith(SUFFIX) else ""
    kept = "".join(sign if sign.isalnum() or sign in "-_ .()" else "_" for sign in stem)
    return kept.strip(" .")[:80]
