"""What the page sends, read field by field; whatever does not fit is refused in one sentence."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Mapping
from typing import Any, cast

from studio.scene.errors import BadInput, SceneError
from studio.scene.geometry import Bounds, Extent
from studio.scene.mask import Mask
from studio.scene.region import Click
from studio.scene.run_lengths import box_of, pixels_of

LARGEST_FILE = 256 * 2**20
_IDENTITY = re.compile(r"[0-9a-f]{12}")
_ABSENT: Any = object()


class Payload:
    """Reads fields by kind. A field that is absent gives its default, or is refused without one."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def has(self, name: str) -> bool:
        return name in self._fields

    def text(self, name: str, default: Any = _ABSENT, *, longest: int = 4000) -> Any:
        value = self._value(name, default)
        if value is default:
            return value
        if not isinstance(value, str):
            raise BadInput(f"{name} is text, not {value!r:.60}.")
        if len(value) > longest:
            raise BadInput(f"{name} has {len(value)} letters; at most {longest}.")
        return clean_text(value)

    def optional_text(self, name: str) -> str | None:
        """Text, or None where it is null or absent."""
        return None if self._fields.get(name) is None else self.text(name)

    def flag(self, name: str, default: Any = _ABSENT) -> bool:
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise BadInput(f"{name} is true or false, not {value!r:.60}.")
        return value

    def whole(self, name: str, low: int, high: int, default: Any = _ABSENT) -> Any:
        value = self._value(name, default)
        if value is default:
            return value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise BadInput(f"{name} is {value!r:.60}; it must be a whole number {low} to {high}.")
        return value

    def number(self, name: str, low: float, high: float, default: Any = _ABSENT) -> Any:
        value = self._value(name, default)
        if value is default:
            return value
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or not low <= value <= high:
            raise BadInput(f"{name} is {value!r:.60}; it must be a number {low:g} to {high:g}.")
        return float(value)

    def items(self, name: str, default: Any = _ABSENT, *, most: int = 1000) -> list[Any]:
        value = self._value(name, default)
        if not isinstance(value, (list, tuple)):
            raise BadInput(f"{name} is a list, not {value!r:.60}.")
        if len(value) > most:
            raise BadInput(f"{name} has {len(value)} entries; at most {most}.")
        return list(cast("list[Any]", value))

    def texts(self, name: str) -> list[str]:
        values = self.items(name)
        if not all(isinstance(value, str) for value in values):
            raise BadInput(f"{name} is a list of texts.")
        return values

    def value(self, name: str, default: Any = _ABSENT) -> Any:
        return self._value(name, default)

    def identity(self, name: str = "id") -> str | None:
        """An id the browser chose for a new region."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not _IDENTITY.fullmatch(value):
            raise BadInput(f"{name} is twelve digits 0-9 a-f.")
        return value

    def mask(self, extent: Extent, name: str = "shape") -> Mask:
        pixels = pixels_of(self._value(name, _ABSENT), extent)
        if not pixels.any():
            raise SceneError("The shape is empty; draw it first.")
        return Mask(pixels)

    def box(self, name: str) -> Bounds:
        return box_of(self._value(name, _ABSENT))

    def clicks(self, name: str = "clicks") -> tuple[Click, ...] | None:
        if self._fields.get(name) is None:
            return None
        return tuple(_click(entry) for entry in self.items(name, most=64))

    def content(self, name: str) -> bytes:
        return content_of(self._value(name, _ABSENT), name)

    def _value(self, name: str, default: Any) -> Any:
        if name in self._fields:
            return self._fields[name]
        if default is _ABSENT:
            raise BadInput(f"The request lacks {name}.")
        return default


def clean_text(text: str) -> str:
    """Text as it is, without what no file or font can hold (NUL, half surrogate pairs)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def content_of(value: Any, name: str) -> bytes:
    """Bytes, or their base64, or a data: URL."""
    if isinstance(value, (bytes, bytearray)):
        content = bytes(value)
    elif isinstance(value, str):
        text = value.partition(",")[2] if value.startswith("data:") else value
        try:
            content = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as fault:
            raise BadInput(f"{name} is not base64.") from fault
    else:
        raise BadInput(f"{name} is a file's bytes.")
    if not content:
        raise BadInput("The file is empty.")
    if len(content) > LARGEST_FILE:
        raise BadInput(f"The file is over {LARGEST_FILE // 2**20} MB.")
    return content


def _click(entry: Any) -> Click:
    if not isinstance(entry, (list, tuple)) or len(cast("list[Any]", entry)) != 3:
        raise BadInput("A click is [x, y, label].")
    x, y, label = cast("list[Any]", entry)
    numbers = all(
        isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        for value in (x, y)
    )
    if not numbers or label not in (0, 1):
        raise BadInput("A click is [x, y, label]: two numbers, and 1 to add or 0 to take away.")
    return Click(float(x), float(y), int(label))
