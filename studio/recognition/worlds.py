"""Three worlds that would suit a subject that is kept: by a language model, else by rules."""

from __future__ import annotations

import re
from typing import Protocol

from studio.recognition.captioner import LanguageModel
from studio.recognition.finder import Asked, Pixels
from studio.recognition.layout_words import FLYING, listed, singular

Worlds = tuple[str, str, str]
_QUESTION = (
    "A photo shows {subject}. It will be cut out and placed in a new world. Suggest three very "
    "different worlds that suit it, each as a short phrase of at most eight words that does not "
    "name the subject, one a line, without numbers."
)
_BY_KIND: tuple[tuple[frozenset[str], Worlds], ...] = (
    (
        listed("boat ship yacht canoe fish whale dolphin shark duck swan"),
        ("sea with waves at sunset", "lake and mountains in fog", "harbour at night"),
    ),
    (
        listed("car bus truck van motorcycle bicycle train scooter"),
        (
            "road through sand dunes",
            "city street at night with neon lights",
            "mountain road in snow",
        ),
    ),
    (
        listed(
            "cup mug plate bowl bottle vase book lamp clock apple orange cake bread teapot "
            "coin shoe bag toy guitar phone camera badge button spoon"
        ),
        ("wooden table", "grey marble", "green leaves and moss"),
    ),
    (
        listed("house castle church tower tree barn lighthouse statue bridge"),
        ("meadow with flowers under a blue sky", "snow field in winter", "sand dunes at sunset"),
    ),
    (
        listed(
            "man woman boy girl child person astronaut cameraman dancer bride face portrait helmet"
        ),
        (
            "forest in autumn",
            "city street at night with neon lights",
            "sand beach and sea at sunset",
        ),
    ),
    (
        listed(
            "dog cat horse cow sheep lion tiger wolf fox bear rabbit deer elephant goat pig "
            "monkey zebra leopard mouse"
        ),
        ("green meadow with flowers", "snow and fir forest in winter", "sand dunes at sunset"),
    ),
    (FLYING, ("blue sky with clouds", "sunset over the sea", "night sky over mountains")),
)
_USUAL: Worlds = ("green meadow under a blue sky", "snow field in winter", "sea at sunset")


class WorldSuggester(Protocol):
    def suggest(
        self, subject: str, image: Pixels | None = None, cancel: Asked = None
    ) -> Worlds: ...


class RuleWorlds:
    """By what kind of thing the subject's caption names."""

    def suggest(self, subject: str, image: Pixels | None = None, cancel: Asked = None) -> Worlds:
        del image, cancel
        words = re.findall(r"[^\W\d_]+", subject.lower())
        for word in (*map(singular, reversed(words)), *reversed(words)):
            for names, worlds in _BY_KIND:
                if word in names:
                    return worlds
        return _USUAL


class LanguageWorlds:
    """Asks a language model; what it leaves out is filled by the rules."""

    def __init__(self, language: LanguageModel) -> None:
        self._language = language

    def suggest(self, subject: str, image: Pixels | None = None, cancel: Asked = None) -> Worlds:
        question = _QUESTION.format(subject=subject or "the thing in this picture")
        answer = self._language.answer(question, image, cancel)
        found = list(dict.fromkeys(filter(None, map(_prompt, answer.splitlines()))))
        found += [each for each in RuleWorlds().suggest(subject) if each not in found]
        return found[0], found[1], found[2]


def suggester(language: LanguageModel | None) -> WorldSuggester:
    return RuleWorlds() if language is None else LanguageWorlds(language)


def _prompt(line: str) -> str:
    """A line of an answer as a prompt; empty for what cannot be one."""
    text = re.sub(r"^[\s\d.)*-]+", "", line).strip().strip("\"'").rstrip(".").strip()
    return text if 0 < len(text) <= 200 else ""
