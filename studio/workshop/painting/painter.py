"""Paints whole scenes: picture, masks and captions that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Extent
from studio.workshop.painting import layouts
from studio.workshop.painting.ambience import AMBIENCES, Ambience
from studio.workshop.painting.cutouts import Drawings
from studio.workshop.painting.form import Form
from studio.workshop.painting.layouts import Layer
from studio.workshop.painting.stand_ins import large, rows_of_things, with_stand_ins
from studio.workshop.painting.subjects import Pairs, Subject
from studio.workshop.painting.surface import Image
from studio.workshop.painting.thin import with_thin_regions

SMALLEST_SHARE = 0.0025  # of the picture; a smaller rest of a region is given to nobody
_LEAST_SIDE = 6  # pixels; what covers fewer rows or columns is not painted, unless it is thin


@dataclass(frozen=True)
class PaintedRegion:
    mask: NDArray[np.bool_]
    caption: str
    subject: Subject


@dataclass(frozen=True)
class PaintedScene:
    """A picture (height, width, 3), 0..1, with what a user would have said to get it."""

    image: Image
    caption: str | None
    regions: tuple[PaintedRegion, ...]
    ambience: str | None
    ground: Subject | None = None  # of the lowest layer where that is no region


_LAYOUTS = (
    (0.24, layouts.bands),
    (0.14, layouts.patches),
    (0.14, layouts.aerial),
    (0.30, layouts.objects),
    (0.12, layouts.many),
    (0.06, layouts.plain),
)


# With drawings, scenes are of these kinds; the rest of the time one of those above.
_LARGE, _ROWS = 0.28, 0.18
_THIN = 0.15  # of the scenes with drawings have a road, poles or wires


def paint_scene(
    rng: np.random.Generator,
    extent: Extent,
    pairs: Pairs = "seen",
    moods: float = 0.34,
    drawings: Drawings | None = None,
) -> PaintedScene:
    """A random scene; `moods` is how often it has an ambience. With `drawings`, things are cut out
    of them and thin regions are among the others."""
    if drawings is not None and rng.random() < _LARGE + _ROWS:
        is_large = rng.random() < _LARGE / (_LARGE + _ROWS)
        layers = (large if is_large else rows_of_things)(rng, extent, drawings, pairs)
        return compose(rng, layers, _ambience(rng, moods), rng.random() < 0.5)
    shares = [share for share, _ in _LAYOUTS]
    layout = _LAYOUTS[int(rng.choice(len(_LAYOUTS), p=shares))][1]
    layers = layout(rng, extent, pairs)
    if drawings is not None:
        layers = with_stand_ins(rng, extent, layers, drawings, pairs)
        if rng.random() < _THIN:
            layers = with_thin_regions(rng, extent, layers, pairs)
    ambience = _ambience(rng, moods)
    is_named = layout in (layouts.bands, layouts.patches, layouts.aerial)
    has_ground = rng.random() < (0.9 if is_named else 0.5)
    return compose(rng, layers, ambience, has_ground)


def _ambience(rng: np.random.Generator, moods: float) -> Ambience | None:
    return AMBIENCES[int(rng.integers(len(AMBIENCES)))] if rng.random() < moods else None


def compose(
    rng: np.random.Generator,
    layers: list[Layer],
    ambience: Ambience | None = None,
    names_ground: bool = True,
) -> PaintedScene:
    """Paint layers from the lowest up. Unless `names_ground`, the lowest is no region of its own
    but is told in the scene's caption."""
    image = paint_layers(rng, layers)
    if ambience is not None:
        image = ambience.over(image, rng)
    labels = np.zeros(image.shape[:2], np.int32)
    for number, layer in enumerate(layers):
        labels[layer.region > 0.5] = number
    regions = []
    for number, layer in enumerate(layers):
        mask = labels == number
        if mask.mean() < SMALLEST_SHARE or (number == 0 and not names_ground):
            continue
        regions.append(PaintedRegion(mask, layer.subject.words(rng), layer.subject))
    ground = None if names_ground else layers[0].subject
    caption = _scene_caption(rng, [region.subject for region in regions], ground, ambience)
    mood = None if ambience is None else ambience.name
    return PaintedScene(image, caption, tuple(regions), mood, ground)


def paint_layers(rng: np.random.Generator, layers: list[Layer]) -> Image:
    height, width = layers[0].cover.shape
    image = np.full((height, width, 3), 0.8, np.float32)
    for layer in layers:
        box = _box(layer.cover, 1 if layer.is_thin else _LEAST_SIDE)
        if box is None:
            continue
        if layer.is_solid:
            image = _with_shadow(image, layer.cover, box)
        cover = layer.cover[box]
        shade = 0.45 if layer.is_solid else 0.15 * (rng.random() < 0.5)
        paint = layer.subject.painted(Form(rng, cover, (box[1].start, box[0].start)), shade)
        cover = cover[..., None]
        image[box] = image[box] * (1 - cover) + paint * cover
    return image


def _box(cover: NDArray[Any], least: int) -> tuple[slice, slice] | None:
    rows, columns = (
        np.flatnonzero(cover.max(axis=1) > 0.02),
        np.flatnonzero(cover.max(axis=0) > 0.02),
    )
    if len(rows) < least or len(columns) < least:
        return None
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _with_shadow(image: Image, cover: NDArray[Any], box: tuple[slice, slice]) -> Image:
    size = min(box[0].stop - box[0].start, box[1].stop - box[1].start)
    shift = max(1.0, size * 0.05)
    move = np.array([[1, 0, shift * 0.7], [0, 1, shift]], np.float32)
    shadow = cv2.warpAffine(cover, move, cover.shape[::-1])
    shadow = cv2.GaussianBlur(shadow, (0, 0), max(1.0, size * 0.045))
    return image * (1 - 0.42 * shadow[..., None])


def _scene_caption(
    rng: np.random.Generator,
    subjects: list[Subject],
    ground: Subject | None,
    ambience: Ambience | None,
) -> str | None:
    """Mood, what is seen, the ground, in a free order; None now and then when nothing is lost."""
    content = ""
    if ground is not None:
        content = _ground_words(rng, subjects, ground)
    elif subjects and rng.random() < 0.5:
        content = _listed(rng, subjects)
    mood = "" if ambience is None else _phrase(rng, ambience.phrases)
    parts = [part for part in (mood, content) if part]
    if rng.random() < 0.4:
        parts.reverse()
    return ", ".join(parts) or None


def _phrase(rng: np.random.Generator, phrases: tuple[str, ...]) -> str:
    return phrases[0] if rng.random() < 0.5 else str(rng.choice(list(phrases)))


def _listed(rng: np.random.Generator, subjects: list[Subject]) -> str:
    chosen = rng.permutation(len(subjects))[: int(rng.integers(1, 4))]
    return " and ".join(subjects[i].words(rng) for i in sorted(chosen))


def _ground_words(rng: np.random.Generator, subjects: list[Subject], ground: Subject) -> str:
    words = ground.words(rng)
    if not subjects or rng.random() < 0.25:
        return (
            str(rng.choice([words, f"{words} background", f"background of {words}"]))
            if subjects
            else words
        )
    if rng.random() < 0.4:
        return f"on {words}"
    joined = rng.choice(["on", "in front of", "over"], p=[0.7, 0.2, 0.1])
    return f"{_listed(rng, subjects)} {joined} {words}"


paint_unseen_scene = partial(paint_scene, pairs="unseen", moods=0.0)
