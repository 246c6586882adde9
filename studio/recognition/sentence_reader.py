"""A sentence as the things it names, with how many, how large, and where to each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from studio.recognition.layout_words import (
    ARTICLES,
    COUNTS,
    KINDS,
    NO_THINGS,
    PLACES,
    RELATIONS,
    SILENT,
    SIZES,
    SUPPORTS,
    Kind,
    Relation,
    Where,
    singular,
)

MOST_OF_ONE = 12
_LONGEST_PHRASE = max(len(each.split()) for each in (*RELATIONS, *PLACES))


@dataclass(eq=False)
class Mention:
    """A thing, or several of one kind, as far as the sentence has been read."""

    words: list[str]
    noun: str
    kind: Kind
    count: int = 1
    scale: float = 1.0
    where: list[Where] = field(default_factory=list)
    relation: Relation | None = None
    targets: list[Mention] = field(default_factory=list)

    @property
    def caption(self) -> str:
        """Of one of them: "three red balloons" are a "red balloon" each."""
        if self.count > 1 and self.words[-1:] and " with " not in " ".join(self.words):
            return " ".join((*self.words[:-1], singular(self.words[-1])))
        return " ".join(self.words)


def read_sentence(sentence: str) -> list[Mention]:
    """In the order in which they are named; none for a sentence that names nothing."""
    reader = _Reader()
    for word, tail in _phrases(sentence):
        reader.read(word, tail)
    reader.finish()
    return reader.mentions


def _phrases(sentence: str) -> list[tuple[str, str]]:
    """(what it is, text): "relation", "where", "word" or "mark", the longest phrases first."""
    words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+|[,.;:!?]", sentence.lower())
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + length])
            if phrase in RELATIONS or phrase in PLACES:
                found.append(("relation" if phrase in RELATIONS else "where", phrase))
                at += length
                break
        else:
            is_mark = words[at] in ("and", "with", "while") or not words[at][0].isalnum()
            found.append(("mark" if is_mark else "word", words[at]))
            at += 1
    return found


class _Reader:
    def __init__(self) -> None:
        self.mentions: list[Mention] = []
        self._words: list[str] = []
        self._last: Mention | None = None  # what a relation or a place that follows tells of
        self._relation: tuple[Mention | None, Relation] | None = None  # waits for what it is to
        self._ahead: tuple[Relation, Mention] | None = None  # told before what it tells of
        self._places: list[Where] = []  # the same
        self._is_with = False

    def read(self, kind: str, text: str) -> None:
        if kind == "word":
            if text in SILENT and (self._words or not text.endswith("ing")):
                self._close()
            else:
                self._words.append(text)
            return
        self._close()
        if kind == "relation":
            self._relation = (self._last, RELATIONS[text])
        elif kind == "where":
            (self._last.where if self._last else self._places).append(PLACES[text])
        elif text == "with":
            self._is_with = self._last is not None
        elif not self._waits_for_second(text):
            self._last, self._relation, self._is_with = None, None, False

    def finish(self) -> None:
        self._close()

    def _waits_for_second(self, mark: str) -> bool:
        """ "between a tree and a house" goes on after its "and"."""
        last = self.mentions[-2] if len(self.mentions) > 1 else None
        before = next((each for each in self.mentions if each.relation == "between"), last)
        if mark != "and" or before is None or before.relation != "between":
            return False
        if len(before.targets) != 1 or before.targets[0] is not self._last:
            return False
        self._relation = (before, "between")
        return True

    def _close(self) -> None:
        """The words up to here name something, or refer to what was named before."""
        words, self._words = self._words, []
        if not words:
            return
        found = self._named(words)
        if found is None:
            return
        if self._relation is not None:
            self._relate(found)
        elif self._is_with and self._last is not None:
            self._add_with(found)
        elif self._ahead is not None and found is not self._ahead[1]:
            found.relation, found.targets = self._ahead[0], [self._ahead[1]]
            self._ahead = None
            self._last = found
        else:
            self._last = found
        found.where.extend(self._places)
        self._places = []

    def _relate(self, found: Mention) -> None:
        assert self._relation is not None
        (subject, relation), self._relation = self._relation, None
        if subject is None:
            self._ahead = (relation, found)
            self._last = None
            return
        if subject is not found:
            subject.relation = relation
            subject.targets.append(found)
        self._last = found

    def _add_with(self, found: Mention) -> None:
        """ "A beach with umbrellas" is two things, "a house with a red roof" is one."""
        assert self._last is not None
        self._is_with = False
        if self._last.kind != "thing" or self._last.noun in SUPPORTS or found.count > 1:
            found.relation, found.targets = "on", [self._last]
        else:
            self._last.words.extend(["with", *found.words])
            self.mentions.remove(found)

    def _named(self, words: list[str]) -> Mention | None:
        count, scale = 0, 1.0
        kept: list[str] = []
        for word in words:
            if word in COUNTS or word.isdigit():
                count = min(MOST_OF_ONE, COUNTS.get(word) or int(word[:4]) or 1)
            elif word in SIZES:
                scale *= SIZES[word]
            elif word not in ARTICLES or (word == "of" and kept and not count):
                kept.append(word)
        if not kept or kept[-1] in NO_THINGS:
            return None
        noun = singular(kept[-1])
        if words[0] == "the":
            known = next((each for each in self.mentions if each.noun == noun), None)
            if known is not None:
                return known
        kind = KINDS.get(kept[-1]) or KINDS.get(noun) or "thing"
        is_many = kind == "thing" and not count and noun != kept[-1] and words[0] not in ("a", "an")
        made = Mention(kept, noun, kind, count or (3 if is_many else 1), scale)
        self.mentions.append(made)
        return made
