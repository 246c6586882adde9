"""A style: a LoRA file by its content, and how strongly it is applied."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from studio.scene.checks import check_number
from studio.scene.errors import MissingWeights, RequestError
from studio.scene.sentences import say

WEAKEST, STRONGEST = -2.0, 2.0
MOST_STYLES = 8  # of one picture, and of all its regions
_LONGEST_NAME = 200


class StyleName(NamedTuple):
    """A style of which a recipe tells no more than what it is called and its digest."""

    name: str
    digest: str


class Style:
    """A style at a strength from -2 to 2; at 0 it does nothing. It never changes.

    file: a safetensors file, or a `StyleName` for one that lies in weights/styles. Two styles are
    equal if their files hold the same bytes and their strengths are equal.
    """

    name: str
    digest: str  # of the file's bytes
    strength: float
    path: Path | None  # None: it is found by its digest

    def __init__(self, file: str | Path | StyleName, strength: float = 1.0) -> None:
        check_style_strength(strength)
        if isinstance(file, StyleName):
            name, digest = _checked(file)
            path = None
        else:
            path = Path(file).expanduser()
            name, digest = path.stem, style_digest(path)
        values = {"name": name, "digest": digest, "strength": float(strength), "path": path}
        for field, value in values.items():
            object.__setattr__(self, field, value)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"A style never changes; make another one with {name}={value!r}.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Style) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        return f"Style({self.name!r}, {self.strength:g}, digest={self.digest[:8]})"

    def _identity(self) -> tuple[str, float]:
        return self.digest, self.strength


def style_to_json(style: Style) -> dict[str, Any]:
    return {"name": style.name, "digest": style.digest, "strength": style.strength}


def style_from_json(entry: Any) -> Style:
    """RequestError for what is not a style."""
    if isinstance(entry, Style):
        return entry
    if not isinstance(entry, dict):
        raise RequestError(
            "A style is {entry!r:.60}; it has a name, a digest and a strength.", entry=entry
        )
    given = cast("dict[str, Any]", entry)
    name = StyleName(given.get("name", ""), given.get("digest", ""))
    return Style(name, given.get("strength", 1.0))


def check_styles(given: Any) -> tuple[Style, ...]:
    """Those of a whole picture: few enough, and none of them twice."""
    if not isinstance(given, (list, tuple)):
        raise RequestError("styles is {given!r:.60}; it must be a list of styles.", given=given)
    styles = [style_from_json(each) for each in cast("Sequence[Any]", given)]
    if len(styles) > MOST_STYLES:
        raise RequestError(
            "There are {count} styles; one picture takes {most} at most.",
            count=len(styles),
            most=MOST_STYLES,
        )
    digests = [style.digest for style in styles]
    for style in styles:
        if digests.count(style.digest) > 1:
            raise RequestError(
                "The style {name} is given twice; give it once, with the strength you want.",
                name=style.name,
            )
    return tuple(styles)


def check_style_strength(strength: Any) -> None:
    if strength is None:
        raise RequestError("A style's strength must be given: a number.")
    between = (WEAKEST, STRONGEST)
    check_number(say("A style's strength"), strength, between, RequestError)


def style_digest(path: Path) -> str:
    content = hashlib.blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while piece := file.read(2**20):
                content.update(piece)
    except (OSError, ValueError) as fault:
        raise MissingWeights(
            "The style {path} cannot be read: {reason}.",
            path=path,
            reason=getattr(fault, "strerror", None) or fault,
        ) from fault
    return content.hexdigest()


def _checked(named: StyleName) -> StyleName:
    name: Any = named.name
    digest: Any = named.digest
    is_digest = isinstance(digest, str) and len(digest) == 32
    if not is_digest or not all(sign in "0123456789abcdef" for sign in digest):
        raise RequestError(
            "A style's digest is {digest!r:.60}; it must be 32 hexadecimal digits.", digest=digest
        )
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        raise RequestError("A style's name is {name!r:.60}; it must be a short text.", name=name)
    return StyleName(name, digest)
