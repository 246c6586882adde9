"""A word that the model knows, for one that it does not: near in meaning, or in spelling."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

_LIST = Path(__file__).with_name("near_words.txt")
_SHORTEST = 4  # letters; shorter words resemble too many others
_LIKE = 0.8  # of difflib's ratio: one letter of five may differ


def nearest_known(word: str, vocabulary: Sequence[str]) -> str | None:
    """What may have been meant by `word`, or None where nothing is near."""
    known = set(vocabulary)
    forms = _singular(word.lower())
    for form in forms:
        if form in known:
            return form
        near = next((other for other in _near().get(form, ()) if other in known), None)
        if near is not None:
            return near
    return _spelled_like(word.lower(), vocabulary)


def reworded(caption: str, meant: Mapping[str, str]) -> str:
    """The caption with known words in the place of unknown ones."""
    for word, known in meant.items():
        caption = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", known, caption)
    return caption


@cache
def _near() -> Mapping[str, tuple[str, ...]]:
    """For each word of the list the words it may be told as, the nearest first."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _LIST.read_text(encoding="utf-8").splitlines():
        known, mark, others = line.partition(":")
        if mark and not line.startswith("#"):
            for other in others.split(","):
                word = other.strip()
                found[word] = (*found.get(word, ()), known)
    return found


def _singular(word: str) -> tuple[str, ...]:
    """The word, and what it may be the plural of."""
    forms = [word]
    if word.endswith("ies"):
        forms.append(f"{word[:-3]}y")
    if word.endswith("ves"):
        forms.append(f"{word[:-3]}f")
    if word.endswith("es"):
        forms.append(word[:-2])
    if word.endswith("s"):
        forms.append(word[:-1])
    return tuple(forms)


def _spelled_like(word: str, vocabulary: Iterable[str]) -> str | None:
    if len(word) < _SHORTEST:
        return None
    alike = [known for known in vocabulary if known[:1] == word[0] and len(known) >= _SHORTEST]
    swapped = next((known for known in alike if sorted(known) == sorted(word)), None)
    if swapped is not None:
        return swapped
    found = difflib.get_close_matches(word, alike, n=1, cutoff=_LIKE)
    return found[0] if found else None
