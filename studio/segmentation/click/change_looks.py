"""What each option would change looks like: inside, along its outline, and beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.segmentation.click.landscape import Floats, Integers, Landscape, Pieces
from studio.segmentation.click.merge_tree import CHANNELS, Regions, pair_features
from studio.segmentation.click.superpixels import COLOUR_WORDS

STEP = 1.25  # how much larger the next option is that one is compared with
WEAK = 0.2  # the share of an outline that is weaker than its weak spot
FAR = 6.0  # merge costs beyond are as good as infinite
LEAST = 1e-3  # in place of nothing, so that it can be divided by


@dataclass(frozen=True, eq=False)
class Frontier:
    """The neighbouring pieces of which a click may change one and leave the other."""

    borders: Floats  # (m, 5) length and edges
    outside: Integers  # (m,) the piece that is changed later or not at all
    first: Integers  # (m,) the first option that changes one of the two
    last: Integers  # (m,) the first that changes both
    is_seam: Pieces  # (m,) the outside is as the click wants it already

    @staticmethod
    def of(land: Landscape, entry: Integers, is_open: Pieces) -> Frontier:
        one, other = land.pairs.T
        kept = np.flatnonzero(entry[one] != entry[other])
        one, other = one[kept], other[kept]
        is_inside = entry[one] < entry[other]
        outside = np.where(is_inside, other, one)
        return Frontier(
            borders=land.borders[kept],
            outside=outside,
            first=entry[np.where(is_inside, one, other)],
            last=entry[outside],
            is_seam=~is_open[outside],
        )


def look_features(land: Landscape, path: list[int], entry: Integers, is_open: Pieces) -> Floats:
    """(options, features). `entry` is the first option that changes each piece."""
    looks = _looks(land, len(path), entry)
    frontier = Frontier.of(land, entry, is_open)
    level = np.arange(len(path))[:, None]
    crossed = (frontier.first <= level) & (level < frontier.last)
    outline = (crossed & ~frontier.is_seam).astype(np.float32)
    seam = (crossed & frontier.is_seam).astype(np.float32)
    around, within = outline @ frontier.borders, seam @ frontier.borders
    larger = np.minimum(np.searchsorted(looks[:, 0], STEP * looks[:, 0]), len(path) - 1)
    smaller = np.maximum(np.searchsorted(looks[:, 0], looks[:, 0] / STEP, side="right") - 1, 0)
    rows = [
        *_heights(land, path, frontier, outline),
        *_inside(land, looks),
        *_rims(looks, around, within),
        *_weak_spots(frontier, outline),
        *_contrast(land, looks, frontier, outline, is_open),
    ]
    return np.concatenate(
        [
            np.stack(rows, axis=1),
            _grown(land, looks, around + within, frontier, (level[:, 0], larger)),
            _grown(land, looks, around + within, frontier, (smaller, level[:, 0])),
        ],
        axis=1,
    ).astype(np.float32)


def _looks(land: Landscape, count: int, entry: Integers) -> Floats:
    """(options, look_width) sums over the pieces that each would change."""
    touched = np.flatnonzero(entry < count)
    changes = (entry[touched] <= np.arange(count)[:, None]).astype(np.float32)
    return changes @ land.tree.looks[touched]


def _heights(land: Landscape, path: list[int], frontier: Frontier, outline: Floats) -> list[Floats]:
    """How much each stands out in the tree, and how high the walls around it are."""
    tree = land.tree
    nodes = np.array(path)
    height = tree.heights[nodes]
    above = np.where(tree.parents[nodes] == nodes, 12, tree.heights[tree.parents[nodes]])
    joins = np.append(np.clip(height, -FAR, FAR), FAR)[frontier.last] * frontier.borders[:, 0]
    low = (joins < 0) * frontier.borders[:, 0]
    length = np.maximum(outline @ frontier.borders[:, 0], 1)
    return [
        np.clip(above - height, 0, 12),
        outline @ joins / length,
        outline @ low / length,
        np.clip(height, -12, 12),
        np.clip(above, -12, 12),
    ]


def _inside(land: Landscape, looks: Floats) -> list[Floats]:
    sizes = np.maximum(looks[:, 0], 1)
    mean = looks[:, 2 : 2 + CHANNELS] / sizes[:, None]
    squares = looks[:, 2 + CHANNELS : 2 + 2 * CHANNELS] / sizes[:, None]
    spread = np.sqrt(np.maximum(squares - mean * mean, 0))
    ratios = np.log(sizes[1:] / sizes[:-1])
    return [
        np.log(sizes / land.labels.size),
        np.append(ratios, 0),
        np.insert(ratios, 0, 0),
        spread[:, 0] / 10,
        np.hypot(spread[:, 1], spread[:, 2]) / 10,
        mean[:, 3],
        mean[:, 4],
        spread[:, 3],
        *(_disorder(part) for part in _words(looks)),
    ]


def _words(looks: Floats) -> tuple[Floats, Floats]:
    """Shares of the colour words and of the texture words."""
    first = 2 + 2 * CHANNELS
    parts = looks[:, first : first + COLOUR_WORDS], looks[:, first + COLOUR_WORDS :]
    one, other = (part / np.maximum(part.sum(axis=1, keepdims=True), 1e-6) for part in parts)
    return one, other


def _disorder(shares: Floats) -> Floats:
    return -(shares * np.log(shares + 1e-6)).sum(axis=1)


def _rims(looks: Floats, around: Floats, within: Floats) -> list[Floats]:
    """Edge strengths along the outline and along the seam, and how long they are."""
    length, seam = np.maximum(around[:, 0], 1), np.maximum(within[:, 0], 1)
    whole = around[:, 0] + within[:, 0] + looks[:, 1]
    return [
        *np.log1p(around[:, 1:] / length[:, None]).T,
        *np.log1p(within[:, 1:] / seam[:, None]).T,
        looks[:, 1] / np.maximum(whole, 1),
        within[:, 0] / np.maximum(whole, 1),
        np.log(np.maximum(whole, 1) / np.sqrt(np.maximum(looks[:, 0], 1))),
    ]


def _weak_spots(frontier: Frontier, outline: Floats) -> list[Floats]:
    """How strong the edges are where they are weak, in two of the edge maps."""
    if not len(frontier.outside):
        return [np.zeros(len(outline), np.float32)] * 2
    spots: list[Floats] = []
    for column in (1, 2):
        strength = frontier.borders[:, column] / frontier.borders[:, 0]
        order = np.argsort(strength, kind="stable")
        sums = np.cumsum(outline[:, order] * frontier.borders[order, 0], axis=1)
        at = (sums >= WEAK * sums[:, -1:]).argmax(axis=1)
        spots.append(np.where(sums[:, -1] > 0, np.log1p(strength[order][at]), 0))
    return spots


def _contrast(
    land: Landscape, looks: Floats, frontier: Frontier, outline: Floats, is_open: Pieces
) -> list[Floats]:
    """How unlike the change is to what lies along its outline, and to what is already as the
    click wants it; in colours and in textures, 0..1."""
    pieces = land.tree.looks
    beyond = pieces[frontier.outside]
    beyond = outline @ (beyond * (frontier.borders[:, :1] / beyond[:, :1]))
    fixed = (~is_open).astype(np.float32)[None] @ pieces[: land.tree.pieces]
    own = _words(looks)
    return [
        *(_gap(one, other) for one, other in zip(own, _words(beyond), strict=True)),
        *(_gap(one, other) for one, other in zip(own, _words(fixed), strict=True)),
    ]


def _gap(ones: Floats, others: Floats) -> Floats:
    """Hellinger distance; 1 where there is nothing to compare with."""
    return np.sqrt(np.maximum(0, 1 - np.sqrt(ones * others).sum(axis=1)))


def _grown(
    land: Landscape,
    looks: Floats,
    outlines: Floats,
    frontier: Frontier,
    steps: tuple[Any, Any],
) -> Floats:
    """(options, 33) each option `steps[0]` against what `steps[1]` has more: what the merge tree
    would measure before it joined the two; 0 where there is no more."""
    before, after = steps
    more = looks[after] - looks[before]
    is_border = (frontier.first <= before[:, None]) & (before[:, None] < frontier.last)
    is_border &= frontier.last <= after[:, None]
    common = is_border.astype(np.float32) @ frontier.borders
    is_real = (common[:, 0] > 0) & (more[:, 0] > 0)
    rest = np.maximum(outlines[after] - outlines[before] + 2 * common, common)
    count = len(before)
    regions = Regions(
        looks=np.maximum(np.concatenate([looks[before], more]), LEAST),
        outlines=np.maximum(np.concatenate([outlines[before], rest]), LEAST),
        pairs=np.stack([np.arange(count), np.arange(count) + count], axis=1),
        borders=np.maximum(common, LEAST),
        nodes=np.zeros(0, np.int32),
    )
    features = pair_features(regions, float(land.labels.size))
    return np.column_stack([np.where(is_real[:, None], features, 0), is_real])
