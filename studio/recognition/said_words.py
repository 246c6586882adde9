"""Which colours and materials a few words name, and what is near to words that name none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from studio.engine.network.chinese import words as chinese_words
from studio.project.known_materials import known_materials
from studio.project.known_words import nearest_known
from studio.scene.colour_names import COLOURS, SHADES

_SILENT = frozenset(
    ("a", "an", "the", "of", "all", "every", "some", "any", "in", "on", "with", "and", "is", "are")
)
_SAME_COLOUR = {
    "gray": "grey", "golden": "yellow", "violet": "purple", "teal": "turquoise",
    "cyan": "turquoise", "cream": "beige", "tan": "beige", "navy": "dark blue",
    "crimson": "dark red", "maroon": "dark red", "scarlet": "bright red", "silver": "light grey",
    "reddish": "red", "blueish": "blue", "greenish": "green", "whitish": "white",
}  # fmt: skip
# words for what the judge calls by other names; the first are the usual ones
_SHOWN_BY = {
    "water": ("sea", "lake", "river", "waves", "waterfall", "flood water", "harbour"),
    "ocean": ("sea", "waves"),
    "tree": ("forest", "leaves", "forest from above", "moss"),
    "bush": ("leaves", "forest", "moss"),
    "plant": ("leaves", "grass", "meadow", "crop rows", "moss"),
    "cloud": ("clouds", "storm clouds", "fog"),
    "sky": ("sky", "clouds", "night sky", "sunset", "storm clouds", "fog"),
    "roof": ("roof tiles", "rooftops"),
    "wall": ("brick wall", "stone wall", "concrete"),
    "stone": ("stone wall", "rock", "gravel", "marble"),
    "cloth": ("fabric", "denim", "knit", "carpet"),
    "ground": ("soil", "sand", "gravel", "grass"),
    "field": ("fields", "crop rows", "meadow", "snow field"),
    "hill": ("mountain", "dunes"),
    "street": ("road", "runway"),
    "desert": ("dunes", "sand"),
    "beach": ("sand",),
    "lawn": ("grass",),
    "building": ("brick wall", "concrete", "rooftops", "city from above"),
    "house": ("brick wall", "roof tiles", "rooftops"),
}


@dataclass(frozen=True)
class Said:
    """What of a query can be measured, and what cannot."""

    colours: tuple[tuple[str | None, str | None], ...]  # (shade, colour), either may be None
    materials: frozenset[str]  # names of the judge's; empty: none is named
    unread: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not self.colours and not self.materials


@cache
def read(query: str) -> Said:
    colours: list[tuple[str | None, str | None]] = []
    materials: set[str] = set()
    unread: list[str] = []
    shade: str | None = None
    for word in _words(query):
        if word in SHADES:
            shade = word
        elif word in COLOURS:
            colours.append((shade, word))
            shade = None
        elif shown := _materials_of(word):
            materials = materials & shown or materials | shown if materials else set(shown)
        else:
            unread.append(word)
    if shade is not None:
        colours.append((shade, None))
    return Said(tuple(colours), frozenset(materials), tuple(unread))


def nearest_readable(word: str) -> str | None:
    """A colour or material that may have been meant."""
    found = nearest_known(word, sorted(readable_words()))
    return None if found == word else found


@cache
def readable_words() -> frozenset[str]:
    named = {word for name in known_materials().names for word in name.split()}
    return frozenset({*COLOURS, *SHADES, *named, *_SHOWN_BY} - {"from", "above", "night"})


def _words(query: str) -> list[str]:
    text = query.lower()
    for chinese, english in chinese_words():
        if chinese in text:
            text = text.replace(chinese, f" {english} ")
    found: list[str] = []
    for word in re.findall(r"[^\W\d_]+", text):
        found.extend(str(_SAME_COLOUR.get(word, word)).split())
    return [word for word in found if word not in _SILENT]


def _materials_of(word: str) -> frozenset[str]:
    for form in _forms(word):
        if form in _SHOWN_BY:
            return frozenset(_SHOWN_BY[form])
        shown = frozenset(name for name in known_materials().names if form in _all(name))
        if shown:
            return shown
    return frozenset()


def _all(name: str) -> Iterable[str]:
    """The words by which a material can be called: each of its own, in both numbers."""
    own = [word for word in name.split() if word not in ("from", "above", "night", "field")]
    return {form for word in own for form in _forms(word)}


def _forms(word: str) -> tuple[str, ...]:
    forms = [word]
    if word.endswith("es"):
        forms.append(word[:-2])
    if word.endswith("s"):
        forms.append(word[:-1])
    return tuple(forms)
