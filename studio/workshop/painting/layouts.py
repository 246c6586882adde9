"""Where things are: the layers of a scene, from the lowest up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Extent
from studio.workshop.painting.materials import BY_NAME
from studio.workshop.painting.outlines import FREE, coverage_of, ellipse, placed
from studio.workshop.painting.subjects import Pairs, Subject, random_material, random_thing
from studio.workshop.painting.surface import Surface
from studio.workshop.painting.things import THINGS

Cover = NDArray[Any]  # (height, width), 0..1
_SKIES = ("sky", "clouds", "storm clouds", "sunset", "night sky", "fog")
_FAR = ("mountain", "forest", "rock", "dunes", "sea", "lake", "waterfall")
_GROUND = (
    "grass", "meadow", "sand", "snow", "soil", "gravel", "moss", "sea", "waves", "lake", "ice",
    "planks", "tiles", "carpet", "road", "leaves", "river", "concrete", "dunes", "flood water",
    "crop rows",
)  # fmt: skip
_IN_THE_SKY = ("sun", "moon", "bird", "balloon", "butterfly", "star")
_ON_THE_GROUND = (
    "tree",
    "fir",
    "house",
    "tower",
    "boat",
    "car",
    "mushroom",
    "flower",
    "cat",
    "lamp",
    "umbrella",
)
_THING = {thing.name: thing for thing in THINGS}


@dataclass(frozen=True)
class Layer:
    """A subject with its cover. A solid layer casts a shadow on what is below."""

    cover: Cover
    subject: Subject
    is_solid: bool = False
    mask: Cover | None = None  # the region, where that is more than what is painted
    is_thin: bool = False  # painted however few rows or columns it covers

    @property
    def region(self) -> Cover:
        return self.cover if self.mask is None else self.mask


def full_cover(extent: Extent) -> Cover:
    return np.ones(extent.shape, np.float32)


def bands(rng: np.random.Generator, extent: Extent, pairs: Pairs) -> list[Layer]:
    """A landscape: sky, perhaps something far, ground, and a few things standing there."""
    layers = [Layer(full_cover(extent), _named(rng, _SKIES))]
    horizon = rng.uniform(0.3, 0.62)
    if rng.random() < 0.6:
        layers.append(
            Layer(_below(rng, extent, horizon - rng.uniform(0.1, 0.25), 0.10), _named(rng, _FAR))
        )
    layers.append(
        Layer(_below(rng, extent, horizon, rng.choice([0.01, 0.05])), _named(rng, _GROUND))
    )
    if rng.random() < 0.3:
        layers.append(
            Layer(_below(rng, extent, rng.uniform(0.72, 0.85), 0.04), _named(rng, _GROUND))
        )
    side = min(extent)
    for _ in range(int(rng.integers(0, 5))):
        is_high = rng.random() < 0.35
        subject = random_thing(
            rng, pairs, _THING[str(rng.choice(_IN_THE_SKY if is_high else _ON_THE_GROUND))]
        )
        size = side * rng.uniform(0.18, 0.34) if is_high else side * rng.uniform(0.24, 0.5)
        foot = rng.uniform(0.1, horizon) if is_high else rng.uniform(horizon + 0.1, 0.95)
        layers.append(_standing(rng, extent, subject, size, foot))
    return layers


def _named(rng: np.random.Generator, names: tuple[str, ...]) -> Subject:
    return Subject(material=BY_NAME[str(rng.choice(list(names)))])


def _below(rng: np.random.Generator, extent: Extent, level: float, rough: float) -> Cover:
    surface = Surface(rng, 1, extent.width)
    line = level * extent.height + surface.fractal(40, 3)[0] * rough * extent.height
    rows = np.arange(extent.height, dtype=np.float32)[:, None]
    return np.clip(rows - line[None] + 0.5, 0, 1).astype(np.float32)


def _standing(
    rng: np.random.Generator, extent: Extent, subject: Subject, size: float, foot: float
) -> Layer:
    assert subject.thing is not None
    width, height = _sides(subject.thing.aspect, size)
    left = rng.uniform(-0.1 * width, extent.width - 0.9 * width)
    outline = placed(
        subject.thing.outline(rng), left, foot * extent.height - height, width, height, 0.0
    )
    return Layer(coverage_of(outline, extent.height, extent.width), subject, True)


def _sides(aspect: float, size: float) -> tuple[float, float]:
    return (size, size / aspect) if aspect > 1 else (size * aspect, size)


def patches(
    rng: np.random.Generator, extent: Extent, pairs: Pairs, room: str | None = None
) -> list[Layer]:
    """The canvas cut into a few free areas, each of a material."""
    count = int(rng.integers(2, 7))
    points = rng.random((count, 2)) * extent
    surface = Surface(rng, extent.height, extent.width)
    wobble = min(extent) * rng.choice([0.0, 0.10])
    x = surface.x + surface.noise(50) * wobble
    y = surface.y + surface.noise(50) * wobble
    far = [(x - px) ** 2 + (y - py) ** 2 for px, py in points]
    owner = np.argmin(np.stack(far), axis=0)
    return [
        Layer((owner == i).astype(np.float32), random_material(rng, room, pairs))
        for i in range(count)
    ]


def aerial(rng: np.random.Generator, extent: Extent, pairs: Pairs) -> list[Layer]:
    layers = patches(rng, extent, pairs, "aerial")
    if rng.random() < 0.4:
        strip = Subject(material=BY_NAME[str(rng.choice(["road", "runway", "river"]))])
        wide = rng.uniform(0.16, 0.3) * min(extent)
        outline = [np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)]
        if rng.random() < 0.5:
            box = (-5, rng.uniform(0, extent.height - wide), extent.width + 10, wide)
        else:
            box = (rng.uniform(0, extent.width - wide), -5, wide, extent.height + 10)
        cover = coverage_of(
            placed(outline, *box, rng.uniform(-0.15, 0.15)), extent.height, extent.width
        )
        layers.append(Layer(cover, strip))
    return layers


def objects(rng: np.random.Generator, extent: Extent, pairs: Pairs) -> list[Layer]:
    """A few large things and free shapes on a ground."""
    layers = [Layer(full_cover(extent), random_material(rng, None, pairs))]
    for _ in range(int(rng.integers(1, 6))):
        size = min(extent) * rng.uniform(0.25, 0.75)
        layers.append(_free(rng, extent, pairs, size, rng.random(2)))
    return layers


def _free(
    rng: np.random.Generator, extent: Extent, pairs: Pairs, size: float, at: NDArray[np.float64]
) -> Layer:
    """A thing in its own outline, or a material (now and then a thing) in a free shape."""
    is_thing = rng.random() < 0.6
    subject = random_thing(rng, pairs) if is_thing else random_material(rng, None, pairs)
    own = subject.thing.outline if subject.thing is not None and rng.random() < 0.85 else None
    aspect = subject.thing.aspect if own and subject.thing else rng.uniform(0.6, 1.6)
    outline = own or FREE[int(rng.integers(len(FREE)))]
    width, height = _sides(aspect * rng.uniform(0.85, 1.18), size)
    turn = rng.normal(0, 0.15) if subject.thing is not None else rng.uniform(-0.6, 0.6)
    left = at[0] * max(1.0, extent.width - width)
    top = at[1] * max(1.0, extent.height - height)
    cover = coverage_of(
        placed(outline(rng), left, top, width, height, turn), extent.height, extent.width
    )
    return Layer(cover, subject, rng.random() < 0.85)


def many(rng: np.random.Generator, extent: Extent, pairs: Pairs) -> list[Layer]:
    """Rows of small things of one kind, each in its own colour."""
    layers = [Layer(full_cover(extent), random_material(rng, None, pairs))]
    cell = rng.uniform(34, 60)
    columns, rows = max(1, int(extent.width / cell)), max(1, int(extent.height / cell))
    kind = _THING[
        str(
            rng.choice(
                ["badge", "badge", "ball", "button", "star", "heart", "balloon", "flower", "fish"]
            )
        )
    ]
    is_plain = rng.random() < 0.25
    for row in range(rows):
        for column in range(columns):
            if rng.random() < 0.12:
                continue
            subject = (
                random_material(rng, None, pairs) if is_plain else random_thing(rng, pairs, kind)
            )
            outline = ellipse if is_plain else kind.outline
            width, height = _sides(1.0 if is_plain else kind.aspect, cell * rng.uniform(0.72, 0.9))
            left = (column + 0.5) * extent.width / columns - width / 2 + rng.normal(0, 1.5)
            top = (row + 0.5) * extent.height / rows - height / 2 + rng.normal(0, 1.5)
            box = placed(outline(rng), left, top, width, height, 0.0)
            layers.append(Layer(coverage_of(box, extent.height, extent.width), subject, True))
    return layers


def plain(rng: np.random.Generator, extent: Extent, pairs: Pairs) -> list[Layer]:
    return [Layer(full_cover(extent), random_material(rng, None, pairs))]
