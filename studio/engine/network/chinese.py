"""Captions in Simplified Chinese, for models whose vocabulary is a list of English words."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import normalizers

_LIST = Path(__file__).with_name("chinese.txt")


def reading_chinese(tokenizer: Any) -> Any:
    """The tokenizer, reading Chinese words as the English ones that it may know.

    Every token still says where in the caption as written it comes from. English is read as
    before, and a tokenizer that cuts words into pieces is returned as it is.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None or type(backend.model).__name__ != "WordLevel":
        return tokenizer
    made = copy.deepcopy(tokenizer)
    own = made.backend_tokenizer.normalizer
    steps = [normalizers.Replace(chinese, f" {english} ") for chinese, english in words()]
    made.backend_tokenizer.normalizer = normalizers.Sequence([*steps, *([own] if own else [])])
    return made


def chinese_word(text: str, start: int, end: int) -> str | None:
    """The Chinese word at a token's place in a caption; None where there is no Chinese.

    Of a word that was read as English the place is its last character.
    """
    if not _is_chinese(text[start:end]):
        return None
    listed = _listed()
    starts = range(max(0, end - max(map(len, listed))), start)
    return next((text[s:end] for s in starts if text[s:end] in listed), text[start:end])


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@cache
def _listed() -> frozenset[str]:
    return frozenset(chinese for chinese, _ in words())


@cache
def words() -> tuple[tuple[str, str], ...]:
    """(Chinese, English), a longer word before those that are part of it."""
    found: dict[str, str] = {}
    for line in _LIST.read_text(encoding="utf-8").splitlines():
        english, mark, chinese = line.partition(":")
        if mark and not line.startswith("#"):
            for word in chinese.split(","):
                found.setdefault(word.strip(), english.strip())
    return tuple(sorted(found.items(), key=lambda pair: -len(pair[0])))
