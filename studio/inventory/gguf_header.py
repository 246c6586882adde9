"""The header of a gguf file: its notes, and the names, types and shapes of its tensors.

The layout is that of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from studio.inventory.tensors import TensorFacts
from studio.scene.errors import DamagedWeights

GGUF_MAGIC = b"GGUF"
_NUMBERS = "BbHhIif?"  # by their type number, 0 to 7
_STRING, _ARRAY = 8, 9
_LONG_NUMBERS = {10: "Q", 11: "q", 12: "d"}
_MOST_ENTRIES, _MOST_TEXT, _MOST_SIDES = 100_000, 2**24, 8
# name, weights in a block, bytes of a block
_TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    20: ("IQ4_NL", 32, 18),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    30: ("BF16", 1, 2),
}


Notes = dict[str, Any]
Tensors = dict[str, TensorFacts]


def read_gguf(path: Path) -> tuple[Notes, Tensors, int]:
    """(notes, tensors, bytes that the whole file has).

    Shapes are outermost first, as everywhere else; lists among the notes are left out.
    """
    with path.open("rb") as source:
        try:
            return _read(path, source)
        except (struct.error, ValueError, EOFError, OSError, OverflowError, RecursionError) as exc:
            raise DamagedWeights(
                "{path} is cut or damaged within its first part; fetch it again.", path=path
            ) from exc


def _read(path: Path, source: BinaryIO) -> tuple[Notes, Tensors, int]:
    source.seek(len(GGUF_MAGIC))
    version = _number(source, "I")
    if version not in (2, 3):
        raise DamagedWeights(
            "{path} is gguf version {version}; versions 2 and 3 are read.",
            path=path,
            version=version,
        )
    tensor_count, note_count = _count(source), _count(source)
    notes: Notes = {}
    for _ in range(note_count):
        name = _text(source)
        notes[name] = _value(source, _number(source, "I"))
    tensors: Tensors = {}
    for _ in range(tensor_count):
        name = _text(source)
        tensors[name] = _tensor(path, name, source)
    step = notes.get("general.alignment", 32)
    if not isinstance(step, int) or step < 1:
        raise EOFError
    begin = -(-source.tell() // step) * step
    whole = begin + max((each.offset + each.size for each in tensors.values()), default=0)
    return notes, tensors, whole


def _tensor(path: Path, name: str, source: BinaryIO) -> TensorFacts:
    sides = _number(source, "I")
    if sides > _MOST_SIDES:
        raise EOFError
    shape = tuple(reversed([_number(source, "Q") for _ in range(sides)]))
    number = _number(source, "I")
    offset = _number(source, "Q")
    if number not in _TYPES:
        raise DamagedWeights(
            "{path}: the tensor {name} is stored in a way that is not known here (gguf type "
            "{number}); Q2_K to Q8_0, IQ4_NL, IQ4_XS, BF16, F16 and F32 are read.",
            path=path,
            name=name,
            number=number,
        )
    kind, in_block, block_bytes = _TYPES[number]
    facts = TensorFacts(kind, shape, 0, offset)
    return facts._replace(size=-(-facts.weights // in_block) * block_bytes)


def _value(source: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _text(source)
    if kind == _ARRAY:
        return _array(source)
    return _number(source, _format(kind))


def _array(source: BinaryIO) -> list[Any] | None:
    """None for lists of numbers, which are stepped over, and for long lists of texts."""
    kind, count = _number(source, "I"), _number(source, "Q")
    if kind in (_STRING, _ARRAY):
        read: Callable[[BinaryIO], Any] = _text if kind == _STRING else _array
        if count > 10 * _MOST_ENTRIES:
            raise EOFError
        for _ in range(count):
            read(source)
        return None
    source.seek(count * struct.calcsize("<" + _format(kind)), 1)
    return None


def _format(kind: int) -> str:
    if kind in _LONG_NUMBERS:
        return _LONG_NUMBERS[kind]
    if kind >= len(_NUMBERS):
        raise EOFError
    return _NUMBERS[kind]


def _count(source: BinaryIO) -> int:
    count = _number(source, "Q")
    if count > _MOST_ENTRIES:
        raise EOFError
    return count


def _text(source: BinaryIO) -> str:
    length = _number(source, "Q")
    if length > _MOST_TEXT:
        raise EOFError
    text = source.read(length)
    if len(text) < length:
        raise EOFError
    return text.decode("utf-8")


def _number(source: BinaryIO, form: str) -> Any:
    size = struct.calcsize("<" + form)
    return struct.unpack("<" + form, source.read(size))[0]
