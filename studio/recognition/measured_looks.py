"""How much each part of a picture shows a named colour, and how likely it is of each material."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.project.known_materials import MOST_APART, known_materials
from studio.recognition.finder import Asked, Recall
from studio.recognition.parts import Floats, Parts
from studio.scene.colour_names import COLOURS, SHADES, WITHOUT_SHADES, shaded, to_lab
from studio.scene.region_look import Features, features_of
from studio.segmentation.segmenter import check_cancel

_LEVELS = 24  # steps of each channel in the table of colours
_SOFT = 5.0  # of Lab: a colour so much nearer to a name than another is e times as likely it
_JUDGED_SIDE = 160  # pixels; patches are judged no larger, which is enough for their texture
_SMALLEST_JUDGED = 0.002  # of the picture
_MOST_JUDGED = 400


def colour_shares(parts: Parts, shade: str | None, colour: str | None) -> Floats:
    """(parts,) 0..1: the mean likelihood of a part's pixels to be called so."""
    table = _likelihoods()[:, rows_of(shade, colour)].sum(axis=1)
    pixels = table[_index(parts.looked.working)]
    land = parts.land
    sums = np.bincount(land.labels.ravel(), pixels.ravel(), land.tree.pieces)
    return parts.mean_of_pieces(sums / land.sizes)


def material_likelihoods(parts: Parts, recall: Recall, cancel: Asked) -> Floats:
    """(parts, materials) 0..1, adding up to at most 1; zeros for parts too small to judge."""
    return recall("materials", lambda: _judged(parts, cancel))


def _judged(parts: Parts, cancel: Asked) -> NDArray[np.float32]:
    materials = known_materials()
    likely = np.zeros((len(parts.nodes), len(materials.names)), np.float32)
    wanted = np.flatnonzero(parts.areas >= _SMALLEST_JUDGED)
    for part in wanted[np.argsort(-parts.areas[wanted], kind="stable")][:_MOST_JUDGED]:
        check_cancel(cancel)
        picture, inside = _patch(parts, int(part))
        likely[part] = material_odds(features_of(picture, inside))
    return likely


def material_odds(features: Features) -> NDArray[np.float32]:
    """(materials,): how likely a patch of these features is of each, adding up to 1."""
    materials = known_materials()
    scores = materials.weights @ features + materials.offsets
    apart = np.linalg.norm(materials.tints - 20 * np.asarray(features[1:3]), axis=1)
    takes = np.array(materials.takes_colour)
    scores = scores - np.where(takes, 0, np.maximum(0, apart - MOST_APART))
    odds = np.exp(scores - scores.max())
    return (odds / odds.sum()).astype(np.float32)


def colour_odds(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(pixels, names): how likely each is called by each name, adding up to 1."""
    return _likelihoods()[_index(pixels)]


def _patch(parts: Parts, part: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    left, top, right, bottom = parts.land.boxes[parts.nodes[part]]
    window = np.s_[top:bottom, left:right]
    inside = parts.pieces(part)[parts.land.labels[window]]
    picture = parts.looked.working[window]
    scale = _JUDGED_SIDE / max(inside.shape)
    if scale >= 1:
        return picture, inside
    size = (max(2, round(inside.shape[1] * scale)), max(2, round(inside.shape[0] * scale)))
    small: Any = cv2.resize(inside.astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    is_inside = small > 0
    picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cast("NDArray[np.uint8]", picture), is_inside if is_inside.any() else is_inside | True


def _index(pixels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Where the table of likelihoods has each colour (..., 3)."""
    steps = (pixels.astype(np.int32) * _LEVELS) >> 8
    return (steps[..., 0] * _LEVELS + steps[..., 1]) * _LEVELS + steps[..., 2]


def rows_of(shade: str | None, colour: str | None) -> list[int]:
    """The columns of `colour_odds` that a shade and a colour mean; either may be None."""
    return [
        place
        for place, (its_shade, its_colour) in enumerate(_named())
        if (shade in (None, its_shade) and colour in (None, its_colour))
        # black and white have no shades: whoever asks for one means them too
        or (colour in WITHOUT_SHADES and colour == its_colour)
    ]


@cache
def _named() -> tuple[tuple[str | None, str], ...]:
    return tuple(
        (shade, name)
        for name in COLOURS
        for shade in (None, *(() if name in WITHOUT_SHADES else SHADES))
    )


@cache
def _likelihoods() -> NDArray[np.float32]:
    """(levels^3, names): how likely a colour is called by each name."""
    named = to_lab(np.stack([shaded(np.array(COLOURS[n], np.float32), s) for s, n in _named()]))
    axis = (np.arange(_LEVELS, dtype=np.float32) + 0.5) / _LEVELS
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    apart = np.linalg.norm(to_lab(grid)[:, None] - named[None], axis=2)
    odds = np.exp((apart.min(axis=1, keepdims=True) - apart) / _SOFT)
    return (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
