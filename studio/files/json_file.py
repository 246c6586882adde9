"""Reading JSON of unknown origin: every surprise is one sentence that names the place."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from studio.files.limits import DEEPEST_JSON, LARGEST_JSON, LONGEST_TEXT
from studio.files.picture_decoder import shown
from studio.scene.errors import BadInput, SceneFileError
from studio.scene.style import Style, style_from_json

Entry = dict[str, Any]


def parse_json(content: str | bytes) -> Any:
    """ValueError for what is not JSON, is nested too deeply, or holds NaN or an infinite number."""
    try:
        found = json.loads(content, parse_constant=_finite, parse_float=_finite)
    except RecursionError as fault:
        raise ValueError("it is nested too deeply") from fault
    level: list[Any] = [found]
    for _ in range(DEEPEST_JSON):
        level = [inner for outer in level for inner in _inside(outer) if type(inner) in _NESTED]
        if not level:
            return found
    raise ValueError(f"it is nested more than {DEEPEST_JSON} deep")


def read_json(path: Path) -> Entry:
    """The object in a JSON file."""
    name = shown(path.name)
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise SceneFileError(
                "{name} is larger than {megabytes} MB.", name=name, megabytes=LARGEST_JSON // 2**20
            )
        content = parse_json(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as fault:
        raise SceneFileError("{path} does not exist.", path=shown(str(path))) from fault
    except OSError as fault:
        raise SceneFileError(
            "{name} cannot be read: {reason}.", name=name, reason=fault.strerror
        ) from fault
    except UnicodeDecodeError as fault:
        raise SceneFileError("{name} is not JSON: it is not UTF-8 text.", name=name) from fault
    except ValueError as fault:
        raise SceneFileError("{name} is not JSON: {fault}.", name=name, fault=fault) from fault
    if not isinstance(content, dict):
        raise SceneFileError("{name} must hold one JSON object in braces.", name=name)
    return cast("Entry", content)


def holds_list(path: Path) -> bool:
    """Whether the file begins as a JSON list does."""
    try:
        with path.open("rb") as file:
            return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")
    except OSError:
        return False


def entries(content: Entry, key: str, where: str) -> list[Entry]:
    """The list of objects under `key`."""
    found: Any = content.get(key)
    if not isinstance(found, list):
        raise SceneFileError("{where} lacks the list {key!r}.", where=where, key=key)
    for entry in cast("list[Any]", found):
        if not isinstance(entry, dict):
            raise SceneFileError(
                "{where}: an entry of {key!r} is not an object: {entry!r:.60}.",
                where=where,
                key=key,
                entry=entry,
            )
    return cast("list[Entry]", found)


def text(content: Entry, key: str, where: str) -> str:
    found = optional_text(content, key, where)
    if found is None:
        raise SceneFileError("{where} lacks {key!r}.", where=where, key=key)
    return found


def optional_text(content: Entry, key: str, where: str) -> str | None:
    found: Any = content.get(key)
    if found is not None and not isinstance(found, str):
        raise SceneFileError(
            "{where}: {key!r} is {found!r:.60}; it must be text.", where=where, key=key, found=found
        )
    if found is not None and len(found) > LONGEST_TEXT:
        raise SceneFileError(
            "{where}: {key!r} has {count} letters; at most {most}.",
            where=where,
            key=key,
            count=len(found),
            most=LONGEST_TEXT,
        )
    return found


def whole_number(content: Entry, key: str, where: str, default: int | None = None) -> int:
    found: Any = content.get(key, default)
    if not isinstance(found, int) or isinstance(found, bool):
        raise SceneFileError(
            "{where}: {key!r} is {found!r:.60}; it must be a whole number.",
            where=where,
            key=key,
            found=found,
        )
    return found


def optional_number(content: Entry, key: str, where: str) -> float | None:
    found: Any = content.get(key)
    if found is None:
        return None
    if not isinstance(found, (int, float)) or isinstance(found, bool):
        raise SceneFileError(
            "{where}: {key!r} is {found!r:.60}; it must be a number.",
            where=where,
            key=key,
            found=found,
        )
    return found


def optional_style(content: Entry, where: str) -> Style | None:
    """A region's style: {"name": ..., "digest": ..., "strength": ...}."""
    found: Any = content.get("style")
    if found is None:
        return None
    try:
        return style_from_json(found)
    except BadInput as fault:
        raise SceneFileError("{where}: {fault}", where=where, fault=fault) from fault


_NESTED = (dict, list)


def _inside(outer: Any) -> Iterable[Any]:
    if isinstance(outer, dict):
        return cast("Entry", outer).values()
    return cast("list[Any]", outer) if isinstance(outer, list) else ()


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text:.20} is no number")
    return number
