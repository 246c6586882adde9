"""How the model reads a caption: its length in tokens, and words that are cut or not known."""

from __future__ import annotations

import copy
import re
import threading
from functools import lru_cache
from typing import Any, NamedTuple

from studio.engine.network.chinese import chinese_word

_SPECIAL = re.compile(r"<.*>|\[.*\]|")
_MOST_WORDS = 20_000  # a vocabulary of more is made of pieces of words


class CaptionFacts(NamedTuple):
    """How the model reads a caption: tokens with the end token, unknown words once each."""

    tokens: int
    unknown: tuple[str, ...]
    words_cut: int = 0  # at its end, that do not fit in the tokens it may have


def read_caption(tokenizer: Any, caption: str, most: int | None = None) -> CaptionFacts:
    """`most`: the tokens the caption may have; what does not fit is not read. None: all is read."""
    encoded = tokenizer(
        caption,
        truncation=most is not None,
        max_length=most,
        verbose=False,
        return_offsets_mapping=True,
    )
    tokens = encoded["input_ids"]
    pairs = zip(tokens, encoded["offset_mapping"], strict=True)
    read = [(token, span) for token, span in pairs if span[1] > span[0]]
    unknown = (_word_at(caption, *span) for token, span in read if token == tokenizer.unk_token_id)
    end = read[-1][1][1] if read else 0
    return CaptionFacts(len(tokens), tuple(dict.fromkeys(unknown)), len(caption[end:].split()))


class CaptionReader:
    """Has a tokenizer of its own, so that captions can be read while another thread renders."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = copy.deepcopy(tokenizer)
        self._lock = threading.Lock()
        self._cached = lru_cache(maxsize=4096)(self._read)

    def read(self, caption: str) -> CaptionFacts:
        return self._cached(caption)

    @property
    def words(self) -> tuple[str, ...] | None:
        """The words of a word-level vocabulary; None where captions are cut into pieces."""
        with self._lock:
            known = self._tokenizer.get_vocab()
        if len(known) > _MOST_WORDS or any(piece.startswith("\u2581") for piece in known):
            return None
        return tuple(sorted(word for word in known if not _SPECIAL.fullmatch(word)))

    def _read(self, caption: str) -> CaptionFacts:
        with self._lock:
            return read_caption(self._tokenizer, caption)


def _word_at(text: str, start: int, end: int) -> str:
    """The whole word around a span of characters."""
    chinese = chinese_word(text, start, end)
    if chinese is not None:
        return chinese
    while start < end and text[start].isspace():
        start += 1
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end].strip(".,;:!?\"'()")
