"""What a click could mean: the parts of the merge tree around it, with what speaks for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.segmentation.click.change_looks import look_features
from studio.segmentation.click.change_shapes import shape_features
from studio.segmentation.click.landscape import Floats, Integers, Landscape, Pieces, WorkingClick
from studio.segmentation.click.merge_tree import MergeTree

CENTRAL = 0  # the column that tells how central the click lies in the change
SMALLEST_STEP = 1.03  # nodes that grow less than this are one option
MOST_CLICKS = 4  # more are as many
TOLD = (0, 1, 2, 6, 13, 14, 15, 28, 29, 30, 39, 41, 42)  # columns that only others give a meaning


@dataclass(frozen=True, eq=False)
class Options:
    """The nodes a click may stand for, small to large, and (n, features) what speaks for each."""

    nodes: list[int]
    features: Floats


def click_options(
    land: Landscape, click: WorkingClick, chosen: Pieces, done: list[WorkingClick]
) -> Options:
    """Options for a click. `chosen` is what is selected so far by the clicks `done`; no option
    holds a click of the other label."""
    others = [one.piece for one in done if one.adds != click.adds and one.piece != click.piece]
    path = [
        node
        for node in land.tree.path(click.piece)
        if not any(land.holds(node, other) for other in others)
    ]
    path = _distinct(land.tree, path) or [click.piece]
    is_open = ~chosen if click.adds else chosen
    entry = _entry(land, path, is_open)
    rows = np.concatenate(
        [
            shape_features(land, path, entry, click, is_open),
            look_features(land, path, entry, is_open),
        ],
        axis=1,
    )
    situation = [click.adds, chosen.any(), min(len(done), MOST_CLICKS)]
    situation = np.tile(np.array(situation, np.float32), (len(rows), 1))
    return Options(path, np.concatenate([rows, _in_context(rows), situation], axis=1))


def _distinct(tree: MergeTree, path: list[int]) -> list[int]:
    """Of nodes nearly as large as the next, keep the one that stands out most."""
    kept: list[int] = []
    for node in path:
        if kept and tree.looks[node, 0] < SMALLEST_STEP * tree.looks[kept[-1], 0]:
            if _persistence(tree, node) > _persistence(tree, kept[-1]):
                kept[-1] = node
        else:
            kept.append(node)
    return kept


def _persistence(tree: MergeTree, node: int) -> float:
    return float(tree.heights[tree.parents[node]] - tree.heights[node])


def _entry(land: Landscape, path: list[int], is_open: Pieces) -> Integers:
    """(pieces,) the first option that would change each piece; len(path) where none would."""
    entry = np.full(land.tree.pieces, len(path), np.int32)
    for index in range(len(path) - 1, -1, -1):
        entry[land.pieces_of(path[index])] = index
    entry[~is_open] = len(path)
    return entry


def _in_context(rows: Floats) -> Floats:
    """Each option against the best of its path, against the larger ones, and beside its two
    neighbours."""
    told = rows[:, TOLD]
    larger = np.maximum.accumulate(told[::-1])[::-1]
    larger = np.concatenate([larger[1:], np.zeros((1, told.shape[1]), np.float32)])
    smaller = np.maximum.accumulate(told)
    smaller = np.concatenate([np.zeros((1, told.shape[1]), np.float32), smaller[:-1]])
    place = np.arange(len(rows), dtype=np.float32)[:, None]
    return np.concatenate(
        [told - told.max(axis=0), told - larger, told - smaller, place, len(rows) - place], axis=1
    ).astype(np.float32)
