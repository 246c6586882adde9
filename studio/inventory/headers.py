"""What a weights file says at its beginning: names, types and shapes; no weight is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.inventory.gguf_header import GGUF_MAGIC, read_gguf
from studio.inventory.tensors import TensorFacts
from studio.scene.errors import DamagedWeights, MissingWeights
from studio.scene.sentences import Sentence, say

SUFFIXES = (".safetensors", ".sft", ".gguf")
_MOST_HEADER = 100 * 10**6  # bytes, the limit of safetensors itself
_POINTER = b"version https://git-lfs"


@dataclass(frozen=True)
class Header:
    """The tensors of one file by name, in the file's order, and the notes beside them.

    `cut`: the file is shorter than its header says; what it is can be told all the same.
    """

    path: Path
    size: int  # bytes of the file
    tensors: Mapping[str, TensorFacts]
    notes: Mapping[str, Any] = field(default_factory=dict)
    cut: Sentence | None = None


def read_header(path: Path) -> Header:
    """Raises where the file is not there or is not what its name says."""
    try:
        size = path.stat().st_size
        with path.open("rb") as source:
            start = source.read(len(_POINTER))
    except OSError as exc:
        raise MissingWeights(
            "{path} cannot be opened ({fault}).", path=path, fault=exc.strerror
        ) from exc
    if start == _POINTER:
        raise DamagedWeights(
            "{path} is a git-lfs pointer, not the weights; run 'git lfs pull'.", path=path
        )
    if start[:4] == GGUF_MAGIC:
        notes, tensors, whole = read_gguf(path)
        return Header(path, size, tensors, notes, _cut(path, size, whole))
    if start[:1] == b"\x80" or start[:2] == b"PK":
        raise DamagedWeights(
            "{path} is a pickle, which can run any code when it is loaded; only safetensors "
            "files are read. Convert it, or fetch the safetensors version.",
            path=path,
        )
    if path.suffix.lower() == ".gguf":
        raise DamagedWeights("{path} is not a gguf file, whatever its name says.", path=path)
    return _read_safetensors(path, size)


def _read_safetensors(path: Path, size: int) -> Header:
    with path.open("rb") as source:
        length = int.from_bytes(source.read(8), "little")
        if not 2 <= length <= _MOST_HEADER or size < 8:
            raise DamagedWeights("{path} is not a safetensors file.", path=path)
        text = source.read(length)
    if len(text) < length:
        raise DamagedWeights(_cut_text(path, size, 8 + length))
    try:
        entries = json.loads(text)
        notes = entries.pop("__metadata__", {})
        tensors = {name: _facts(entry) for name, entry in entries.items()}
        ends = [int(entry["data_offsets"][1]) for entry in entries.values()]
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as exc:
        raise DamagedWeights("{path} is not a safetensors file.", path=path) from exc
    whole = 8 + length + max(ends, default=0)
    known = notes if isinstance(notes, dict) else {}
    return Header(path, size, tensors, known, _cut(path, size, whole))


def _facts(entry: dict[str, Any]) -> TensorFacts:
    shape = tuple(int(side) for side in entry["shape"])
    begin, end = entry["data_offsets"]
    return TensorFacts(str(entry["dtype"]), shape, int(end) - int(begin))


def _cut(path: Path, size: int, whole: int) -> Sentence | None:
    return None if size >= whole else _cut_text(path, size, whole)


def _cut_text(path: Path, size: int, whole: int) -> Sentence:
    return say(
        "{path} is cut: it has {size:,} of {whole:,} bytes; the download did not finish, fetch "
        "it again.",
        path=path,
        size=size,
        whole=whole,
    )
