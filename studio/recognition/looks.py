"""What each part of a picture looks like, and how unlike two looks are, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.recognition.parts import Parts
from studio.segmentation.click.merge_tree import CHANNELS
from studio.segmentation.click.superpixels import COLOUR_WORDS

Floats = NDArray[Any]  # float32 or float64
GRID = 10  # a part's box is looked at in so many rows and columns
_SPLIT = 2 + 2 * CHANNELS  # where a look's words begin, see merge_tree.Regions


@dataclass(frozen=True, eq=False)
class Looks:
    """Of each part one row."""

    looks: Floats  # (n, ...) as in the merge tree: size, rim, sums, squares, words
    outlines: Floats  # (n, 1 + gradients): length, and edge strengths along it
    sides: Floats  # (n, 2) width and height of its box
    shapes: Floats  # (n, GRID, GRID) how much of each cell of its box it covers
    lights: Floats  # (n, GRID, GRID) brightness there, 0 outside, centred and of length 1
    standing: Floats  # (n,) how much it stands out from what it would next be merged with

    @property
    def nbytes(self) -> int:
        arrays = (self.looks, self.outlines, self.sides, self.shapes, self.lights, self.standing)
        return sum(array.nbytes for array in arrays)


def looks_of_parts(parts: Parts) -> Looks:
    land, tree, nodes = parts.land, parts.land.tree, parts.nodes
    rank = np.empty(tree.pieces, np.int64)
    rank[land.order] = np.arange(tree.pieces)
    ranks = rank[land.labels]
    light = _brightness(parts)
    boxes = land.boxes[nodes]
    shapes = np.zeros((len(nodes), GRID, GRID), np.float32)
    lights = np.zeros_like(shapes)
    for place, node in enumerate(nodes):
        left, top, right, bottom = boxes[place]
        window = np.s_[top:bottom, left:right]
        inside = (ranks[window] >= land.starts[node]) & (ranks[window] < land.ends[node])
        shapes[place], lights[place] = _template(inside, light[window])
    return Looks(
        looks=tree.looks[nodes].astype(np.float64),
        outlines=tree.edges[nodes].astype(np.float64),
        sides=(boxes[:, 2:] - boxes[:, :2]).astype(np.float64),
        shapes=shapes,
        lights=lights,
        standing=(tree.heights[tree.parents[nodes]] - tree.heights[nodes]).astype(np.float64),
    )


def looks_of_region(parts: Parts, own: NDArray[np.bool_]) -> Looks:
    """One row: of the pieces that a region has."""
    land, tree = parts.land, parts.land.tree
    inside = own[land.labels]
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    shape, light = _template(inside[window], _brightness(parts)[window])
    one, other = land.pairs.T
    crossed = own[one] != own[other]
    return Looks(
        looks=tree.looks[: tree.pieces][own].sum(axis=0, keepdims=True, dtype=np.float64),
        outlines=land.borders[crossed].sum(axis=0, keepdims=True, dtype=np.float64),
        sides=np.array([inside[window].shape[::-1]], np.float64),
        shapes=shape[None],
        lights=light[None],
        standing=np.zeros(1),
    )


def unlikeness(looks: Looks, own: Looks) -> Floats:
    """(n, features): how each part differs from one region, and what speaks for it as a part."""
    sizes, own_size = looks.looks[:, 0], own.looks[0, 0]
    mean, own_mean = (_means(each) for each in (looks, own))
    spread, own_spread = _spreads(looks, mean), _spreads(own, own_mean)
    colour, texture = _word_gaps(looks, own)
    apart = np.abs(mean - own_mean)
    fill, own_fill = (_fills(each) for each in (looks, own))
    round_, own_round = (_roundness(each) for each in (looks, own))
    edge, own_edge = (_edges(each) for each in (looks, own))
    aspect, own_aspect = (np.log(each.sides[:, 0] / each.sides[:, 1]) for each in (looks, own))
    shape = np.abs(looks.shapes - own.shapes).mean(axis=(1, 2))
    light = (looks.lights * own.lights).sum(axis=(1, 2))
    growth = np.log(sizes / own_size)
    columns = [
        colour,
        texture,
        np.log1p(apart[:, 0]),
        np.log1p(np.hypot(apart[:, 1], apart[:, 2])),
        *apart[:, 3:].T,
        *np.abs(np.log1p(spread) - np.log1p(own_spread)).T,
        np.abs(growth),
        growth,
        np.abs(aspect - own_aspect),
        np.abs(fill - own_fill),
        fill,
        np.abs(round_ - own_round),
        round_,
        shape,
        light,
        *np.abs(edge - own_edge).T,
        *edge.T,
        np.clip(looks.standing, 0, 20),
        np.minimum(looks.looks[:, 1] / np.sqrt(sizes), 2),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _brightness(parts: Parts) -> Floats:
    grey: Any = cv2.cvtColor(parts.looked.working, cv2.COLOR_RGB2GRAY)
    return grey.astype(np.float32)


def _template(inside: NDArray[np.bool_], light: Floats) -> tuple[Floats, Floats]:
    cover: Any = cv2.resize(inside.astype(np.float32), (GRID, GRID), interpolation=cv2.INTER_AREA)
    lit: Any = cv2.resize(light * inside, (GRID, GRID), interpolation=cv2.INTER_AREA)
    centred = lit - cover * (lit.sum() / max(float(cover.sum()), 1e-6))
    return cover, centred / max(float(np.linalg.norm(centred)), 1e-6)


def _means(looks: Looks) -> Floats:
    return looks.looks[:, 2 : 2 + CHANNELS] / looks.looks[:, :1]


def _spreads(looks: Looks, mean: Floats) -> Floats:
    second = looks.looks[:, 2 + CHANNELS : _SPLIT] / looks.looks[:, :1]
    return np.sqrt(np.maximum(second - mean * mean, 1e-4))


def _word_gaps(looks: Looks, own: Looks) -> tuple[Floats, Floats]:
    """Hellinger distances of the colour words and of the texture words."""
    shares = [np.sqrt(each.looks[:, _SPLIT:] / each.looks[:, :1]) for each in (looks, own)]
    both = shares[0] * shares[1]
    colour = np.sqrt(np.maximum(0, 1 - both[:, :COLOUR_WORDS].sum(axis=1)))
    return colour, np.sqrt(np.maximum(0, 1 - both[:, COLOUR_WORDS:].sum(axis=1)))


def _fills(looks: Looks) -> Floats:
    return looks.looks[:, 0] / looks.sides.prod(axis=1)


def _roundness(looks: Looks) -> Floats:
    """Log of the outline's length against a square's of the same area."""
    around = looks.outlines[:, 0] + looks.looks[:, 1]
    return np.log(np.maximum(around, 1) / (4 * np.sqrt(looks.looks[:, 0])))


def _edges(looks: Looks) -> Floats:
    """(n, gradients) log of the mean edge along the outline."""
    return np.log1p(looks.outlines[:, 1:] / np.maximum(looks.outlines[:, :1], 1))
