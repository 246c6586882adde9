"""Painted scenes of several things of one kind among others: what "select similar" is asked on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Extent
from studio.workshop.painting.ambience import AMBIENCES
from studio.workshop.painting.colours import random_colour
from studio.workshop.painting.layouts import Layer
from studio.workshop.painting.materials import BY_NAME
from studio.workshop.painting.outlines import Outline, coverage_of, placed, polygon, rectangle
from studio.workshop.painting.painter import compose
from studio.workshop.painting.subjects import Subject, random_thing
from studio.workshop.painting.things import THINGS

Kind = Literal["balloons", "roofs", "trees", "things"]
KINDS: tuple[Kind, ...] = ("balloons", "roofs", "trees")  # that have a bar
EXTENT = Extent(512, 512)
_THING = {thing.name: thing for thing in THINGS}
_GROUNDS = {
    "balloons": ("sky", "clouds", "storm clouds", "sunset", "fog", "grass", "meadow", "paper"),
    "roofs": ("grass", "soil", "concrete", "road", "meadow", "sand", "gravel", "moss"),
    "trees": ("grass", "meadow", "sand", "snow", "soil", "gravel"),
    "things": ("grass", "paper", "wood", "tiles", "sand", "carpet", "sky", "concrete", "leaves"),
}
_OTHERS = {
    "balloons": ("bird", "butterfly", "star", "moon", "sun", "badge", "umbrella", "heart"),
    "roofs": ("car", "boat", "button", "tree", "umbrella", "badge"),
    "trees": ("house", "car", "mushroom", "cat", "lamp", "flower", "tower", "umbrella"),
    "things": tuple(_THING),
}


@dataclass(frozen=True, eq=False)
class AlikeScene:
    """A picture, and the masks of the things of one kind in it, as far as they can be seen."""

    kind: Kind
    pixels: NDArray[np.uint8]
    things: tuple[NDArray[np.bool_], ...]


def alike_scenes(kind: Kind, count: int, first_seed: int) -> Iterator[AlikeScene]:
    """Four to nine of the kind, of one colour, two to four other things, nothing overlapping."""
    seed = first_seed
    while count:
        scene = _scene(kind, np.random.default_rng(seed))
        seed += 1
        if len(scene.things) >= 4:
            count -= 1
            yield scene


def _scene(kind: Kind, rng: np.random.Generator) -> AlikeScene:
    side = min(EXTENT)
    ground = Subject(material=BY_NAME[str(rng.choice(list(_GROUNDS[kind])))])
    layers = [Layer(np.ones(EXTENT.shape, np.float32), ground)]
    if kind == "trees":
        sky = Subject(material=BY_NAME[str(rng.choice(["sky", "clouds", "sunset", "fog"]))])
        cover = np.zeros(EXTENT.shape, np.float32)
        cover[: int(rng.uniform(0.2, 0.45) * EXTENT.height)] = 1
        layers.append(Layer(cover, sky))
    own = _subject(kind, rng)
    wanted = int(rng.integers(4, 10))
    size = side * rng.uniform(0.11, 0.2)
    taken = np.zeros(EXTENT.shape, np.bool_)
    numbers: list[int] = []
    for number in range(wanted + int(rng.integers(2, 5))):
        is_own = number < wanted
        subject = own if is_own else _other(kind, rng, own)
        scale = size * rng.uniform(0.8, 1.25) * (1 if is_own else rng.uniform(0.8, 1.6))
        cover = _placed(rng, subject, scale, kind if is_own else None, taken)
        if cover is None:
            continue
        taken |= cv2.dilate((cover > 0.02).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
        if is_own:
            numbers.append(len(layers))
        layers.append(Layer(cover, subject, kind != "roofs" or not is_own or rng.random() < 0.5))
    ambience = AMBIENCES[int(rng.integers(len(AMBIENCES)))] if rng.random() < 0.15 else None
    painted = compose(rng, layers, ambience)
    pixels = np.round(np.clip(painted.image, 0, 1) * 255).astype(np.uint8)
    things = tuple(layers[number].cover > 0.5 for number in numbers)
    return AlikeScene(kind, pixels, things)


def _subject(kind: Kind, rng: np.random.Generator) -> Subject:
    if kind == "roofs":
        colour = random_colour(rng) if rng.random() < 0.5 else None
        return Subject(material=BY_NAME["roof tiles"], colour=colour)
    if kind == "trees":
        return Subject(_THING[str(rng.choice(["tree", "fir"]))])
    if kind == "things":
        return random_thing(rng, "any")
    return Subject(_THING["balloon"], None, random_colour(rng))


def _other(kind: Kind, rng: np.random.Generator, own: Subject) -> Subject:
    """Another thing, now and then in the very colour of the kind."""
    names = [name for name in _OTHERS[kind] if own.thing is None or name != own.thing.name]
    thing = _THING[str(rng.choice(names))]
    if own.colour is not None and rng.random() < 0.25:
        return Subject(thing, None, own.colour)
    return random_thing(rng, "any", thing)


def _placed(
    rng: np.random.Generator,
    subject: Subject,
    size: float,
    kind: Kind | None,
    taken: NDArray[np.bool_],
) -> NDArray[Any] | None:
    """A cover where nothing else is; None where no place is found."""
    outline: Outline
    for _ in range(12):
        aspect, turn = rng.uniform(0.6, 1.6), rng.uniform(-0.6, 0.6)
        if subject.thing is not None:
            outline, aspect = subject.thing.outline(rng), subject.thing.aspect
            turn = rng.normal(0, 0.1)
        else:
            outline = (rectangle if rng.random() < 0.8 else polygon)(rng)
        width, height = (size, size / aspect) if aspect > 1 else (size * aspect, size)
        left = rng.uniform(0.02, 0.98) * (EXTENT.width - width)
        top = rng.uniform(0.02, 0.98) * (EXTENT.height - height)
        if kind == "trees":
            top = rng.uniform(0.15, 0.96) * (EXTENT.height - height)
        cover = coverage_of(placed(outline, left, top, width, height, turn), *EXTENT.shape)
        if not (taken & (cover > 0.02)).any():
            return cover
    return None
