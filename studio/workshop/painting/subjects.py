"""What a region shows: a material or a thing with its colours, and the words for it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from studio.scene.colour_names import BASIC, COLOURS
from studio.workshop.painting.colours import Colour, jittered, random_colour
from studio.workshop.painting.form import Form, inner_shade, lit
from studio.workshop.painting.materials import MATERIALS, Material
from studio.workshop.painting.surface import Image
from studio.workshop.painting.things import MADE_OF, THINGS, Thing

Pairs = Literal["seen", "unseen", "any"]
BADGE = next(thing for thing in THINGS if thing.name == "badge")
_METALS = {"gold": (0.90, 0.70, 0.20), "silver": (0.80, 0.82, 0.85)}


@dataclass(frozen=True)
class Subject:
    """A thing, a material, or (both) a thing made of a material."""

    thing: Thing | None = None
    material: Material | None = None
    colour: Colour | None = None
    other: Colour | None = None

    @property
    def name(self) -> str:
        return " ".join(part.name for part in (self.material, self.thing) if part is not None)

    @property
    def basic_colour(self) -> str | None:
        """The basic colour its caption names, when it names one and the region is mostly that."""
        if self.colour is None or self.colour.shade or self.colour.name not in BASIC or self.other:
            return None
        if self.thing is not None and self.thing.name == "boat":  # its sail is larger than its hull
            return None
        is_pattern = self.material is not None and self.material.two_coloured
        return None if is_pattern else self.colour.name

    def painted(self, form: Form, shade: float = 0.0) -> Image:
        if self.thing is None:
            assert self.material is not None
            image = self.material.painted(form, self.colour, self.other)
            return lit(image, inner_shade(form, shade)) if shade else image
        if self.material is None:
            return self.thing.painted(form, self.colour, self.other)
        return self.thing.made_of(self.material, form, self.colour)

    def words(self, rng: np.random.Generator) -> str:
        if self.thing is None:
            assert self.material is not None
            return _material_words(
                rng, _phrase(rng, self.material.phrases), self.colour, self.other
            )
        phrase = _phrase(rng, self.thing.phrases)
        if self.material is None:
            return self._thing_words(rng, phrase)
        stuff = coloured(rng, self.material.name, self.colour)
        if rng.random() < 0.5:
            return f"{stuff} {phrase}"
        return f"{phrase} {rng.choice(['made of', 'of'])} {stuff}"

    def _thing_words(self, rng: np.random.Generator, phrase: str) -> str:
        words = coloured(rng, phrase, self.colour)
        if self.other is None or self.thing is None:
            return words
        joined = rng.choice(["with a", "with", "and"], p=[0.6, 0.3, 0.1])
        return f"{words} {joined} {self.other.words} {self.thing.part}"


def _phrase(rng: np.random.Generator, phrases: tuple[str, ...]) -> str:
    """The usual name half of the time, else one of the others."""
    return phrases[0] if rng.random() < 0.5 else str(rng.choice(list(phrases)))


def coloured(rng: np.random.Generator, phrase: str, colour: Colour | None) -> str:
    if colour is None:
        return phrase
    if rng.random() < 0.78:
        return f"{colour.words} {phrase}"
    return str(rng.choice([f"{phrase} in {colour.words}", f"{phrase}, {colour.words}"]))


def _material_words(
    rng: np.random.Generator, phrase: str, colour: Colour | None, other: Colour | None
) -> str:
    if colour is None or other is None:
        return coloured(rng, phrase, colour)
    if rng.random() < 0.7:
        return f"{colour.words} and {other.words} {phrase}"
    return f"{colour.words} {phrase} on {other.words}"


def is_unseen(name: str, colour: str) -> bool:
    """Whether a pair is kept out of training, to tell what was learned from what was memorised."""
    return zlib.crc32(f"{name}/{colour}".encode()) % 11 == 0


def pick_colour(rng: np.random.Generator, name: str, pairs: Pairs) -> Colour | None:
    """A colour that goes with `name` in these pairs; None if there is none."""
    if pairs != "any" and all(is_unseen(name, each) != (pairs == "unseen") for each in COLOURS):
        return None
    while True:
        colour = random_colour(rng)
        if pairs == "any" or is_unseen(name, colour.name) == (pairs == "unseen"):
            return colour


def random_material(
    rng: np.random.Generator, room: str | None = None, pairs: Pairs = "seen", coloured: float = 0.65
) -> Subject:
    """A material; `coloured` is how often one that can take a colour is given one."""
    choice = [m for m in MATERIALS if room is None or m.room == room]
    material = choice[int(rng.integers(len(choice)))]
    if not material.takes_colour or rng.random() > coloured:
        return Subject(material=material)
    colour = pick_colour(rng, material.name, pairs)
    if colour is None:
        return Subject(material=material)
    other = None
    if material.two_coloured and (rng.random() < 0.5 or colour.name in ("white", "grey", "beige")):
        other = _other_colour(rng, colour)
    return Subject(material=material, colour=colour, other=other)


def _other_colour(rng: np.random.Generator, colour: Colour) -> Colour:
    other = random_colour(rng, shades=0.0)
    for _ in range(19):
        if other.name != colour.name and np.abs(other.rgb - colour.rgb).max() > 0.3:
            return other
        other = random_colour(rng, shades=0.0)
    return other


def random_thing(
    rng: np.random.Generator, pairs: Pairs = "seen", thing: Thing | None = None
) -> Subject:
    thing = thing or THINGS[int(rng.integers(len(THINGS)))]
    if thing.can_be_made and rng.random() < 0.4:
        material = MADE_OF[int(rng.integers(len(MADE_OF)))]
        colour = None
        if material.takes_colour and rng.random() < 0.5:
            colour = pick_colour(rng, material.name, pairs)
        return Subject(thing, material, colour)
    colour = pick_colour(rng, thing.name, pairs) if rng.random() < 0.75 else None
    other = None
    if thing.part and rng.random() < 0.45:
        other = (
            _metal(rng) if thing.part == "rim" and rng.random() < 0.6 else random_colour(rng, 0.0)
        )
    return Subject(thing, None, colour, other)


def _metal(rng: np.random.Generator) -> Colour:
    name = "gold" if rng.random() < 0.6 else "silver"
    return Colour(name, name, None, jittered(rng, np.array(_METALS[name], np.float32)))
