"""What a click could mean: the parts of the merge tree around it, measured and judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.segmentation.merge_tree import CHANNELS, MergeTree
from studio.segmentation.superpixels import PieceGraph

Floats = NDArray[Any]  # float32; OpenCV's stubs lose the type
Integers = NDArray[Any]  # int32
Pieces = NDArray[np.bool_]  # (pieces,) which pieces belong

COARSE = 4  # pixels of the working picture to one of the coarse map
CENTRAL = 16  # the column that tells how central the click lies in the change
SMALLEST_STEP = 1.02  # nodes that grow less than this are one option


@dataclass(frozen=True, eq=False)
class Landscape:
    """A picture's tree, laid out so that the pieces of every node are one slice of `order`."""

    tree: MergeTree
    labels: Integers  # (h, w) pieces of the working picture
    coarse: Integers  # the same, a quarter as wide and high
    boxes: Integers  # (nodes, 4): x0, y0, x1, y1, half-open
    pairs: Integers  # neighbouring pieces and the edges between them, see PieceGraph
    borders: Floats
    order: Integers
    starts: Integers
    ends: Integers

    @staticmethod
    def of(tree: MergeTree, graph: PieceGraph) -> Landscape:
        labels = graph.labels
        nodes = len(tree.parents)
        counts = np.ones(nodes, np.int32)
        for node in range(tree.pieces, nodes):
            counts[node] = counts[tree.children[node]].sum()
        starts = np.zeros(nodes, np.int32)
        for node in range(nodes - 1, tree.pieces - 1, -1):
            one, other = tree.children[node]
            starts[one] = starts[node]
            starts[other] = starts[node] + counts[one]
        order = np.empty(tree.pieces, np.int32)
        order[starts[: tree.pieces]] = np.arange(tree.pieces)
        coarse = np.ascontiguousarray(labels[2::COARSE, 2::COARSE])
        if not coarse.size:
            coarse = labels
        boxes = _node_boxes(tree, labels)
        return Landscape(
            tree=tree,
            labels=labels,
            coarse=coarse,
            boxes=boxes,
            pairs=graph.pairs,
            borders=graph.borders,
            order=order,
            starts=starts,
            ends=starts + counts,
        )

    @property
    def sizes(self) -> Floats:
        """(pieces,) pixels"""
        return self.tree.looks[: self.tree.pieces, 0]

    def node_sums(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """(nodes,) from (pieces,): the values of each node's pieces added up."""
        totals = np.concatenate([[0.0], np.cumsum(values[self.order], dtype=np.float64)])
        return totals[self.ends] - totals[self.starts]

    def share_of_pieces(self, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(pieces,) how much of each piece a mask on the working picture covers."""
        covered = np.bincount(self.labels[mask], minlength=self.tree.pieces)
        return covered / self.sizes

    def coarse_place(self, x: int, y: int) -> tuple[int, int]:
        """Row and column of the coarse map for a point of the working picture."""
        height, width = self.coarse.shape
        step = COARSE if self.coarse is not self.labels else 1
        return min(y // step, height - 1), min(x // step, width - 1)

    def pieces_of(self, node: int) -> Integers:
        return self.order[self.starts[node] : self.ends[node]]

    def holds(self, node: int, piece: int) -> bool:
        return bool(self.starts[node] <= self.starts[piece] < self.ends[node])

    @property
    def nbytes(self) -> int:
        tree = self.tree
        arrays = (tree.parents, tree.children, tree.heights, tree.looks, tree.edges)
        own = (self.labels, self.coarse, self.boxes, self.order, self.starts, self.ends)
        return sum(array.nbytes for array in (*arrays, *own, self.pairs, self.borders))


def _node_boxes(tree: MergeTree, labels: Integers) -> Integers:
    nodes = len(tree.parents)
    low, high = np.full((nodes, 2), 1 << 30, np.int32), np.zeros((nodes, 2), np.int32)
    rows, columns = np.indices(labels.shape, np.int32)
    flat = labels.ravel()
    for axis, places in enumerate((columns.ravel(), rows.ravel())):
        order = np.lexsort((places, flat))
        first = np.searchsorted(flat[order], np.arange(tree.pieces + 1))
        low[: tree.pieces, axis] = places[order[first[:-1]]]
        high[: tree.pieces, axis] = places[order[first[1:] - 1]] + 1
    for node in range(tree.pieces, nodes):
        low[node] = low[tree.children[node]].min(axis=0)
        high[node] = high[tree.children[node]].max(axis=0)
    return np.concatenate([low, high], axis=1)


@dataclass(frozen=True, eq=False)
class WorkingClick:
    """A click on the working picture."""

    x: int
    y: int
    piece: int
    adds: bool

    @staticmethod
    def at(land: Landscape, x: int, y: int, adds: bool) -> WorkingClick:
        return WorkingClick(x, y, int(land.labels[y, x]), adds)


@dataclass(frozen=True, eq=False)
class Options:
    """The nodes a click may stand for, and (n, 31) what speaks for each."""

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
    entry = np.full(land.tree.pieces, len(path), np.int32)
    for index in range(len(path) - 1, -1, -1):
        entry[land.pieces_of(path[index])] = index
    is_open = ~chosen if click.adds else chosen
    steps = np.where(is_open, entry, len(path))[land.coarse]
    place = land.coarse_place(click.x, click.y)
    rows = np.array(
        [_measured(land, path, index, steps <= index, place, chosen) for index in range(len(path))],
        np.float32,
    )
    context = _context(rows, click.adds, bool(chosen.any()))
    return Options(path, np.concatenate([rows, context], axis=1))


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


def _measured(
    land: Landscape,
    path: list[int],
    index: int,
    change: NDArray[np.bool_],
    place: tuple[int, int],
    chosen: Pieces,
) -> list[float]:
    """One option's features; `change` is what it would add or take away, on the coarse map."""
    tree, node = land.tree, path[index]
    look, edge = tree.looks[node], tree.edges[node]
    total = float(tree.looks[-1, 0])
    size, rim = float(look[0]), float(look[1])
    mean = look[2 : 2 + CHANNELS] / size
    deviation = np.sqrt(np.maximum(look[2 + CHANNELS : 2 + 2 * CHANNELS] / size - mean * mean, 0))
    outline = max(float(edge[0]), 1.0)
    larger = path[min(index + 1, len(path) - 1)]
    height, above = float(tree.heights[node]), float(tree.heights[tree.parents[node]])
    selected = chosen[land.pieces_of(node)]
    return [
        float(np.log(size / total)),
        height,
        above if node != tree.parents[node] else 12.0,
        min(above - height, 12.0),
        float(np.log(tree.looks[larger, 0] / size)),
        *np.log1p(edge[1:] / outline),
        rim / (rim + outline),
        float(np.log((outline + rim) / np.sqrt(size))),
        float(deviation[0]) / 10,
        float(np.hypot(deviation[1], deviation[2])) / 10,
        float(mean[3]),
        float(selected.mean()),
        *_shape(change, place),
    ]


def _shape(change: NDArray[np.bool_], place: tuple[int, int]) -> list[float]:
    """Size, how central the click is, compactness, and which sides are touched."""
    area = float(np.count_nonzero(change))
    if not area:
        return [float(np.log(0.5 / change.size)), 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    framed = cv2.copyMakeBorder(change.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1]
    deepest = max(float(depth.max()), 1.0)
    rows, columns = np.flatnonzero(change.any(axis=1)), np.flatnonzero(change.any(axis=0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    moments = cv2.moments(change.astype(np.uint8), binaryImage=True)
    away = np.hypot(moments["m10"] / area - place[1], moments["m01"] / area - place[0])
    touched = sum(
        (
            rows[0] == 0,
            columns[0] == 0,
            rows[-1] == change.shape[0] - 1,
            columns[-1] == change.shape[1] - 1,
        )
    )
    return [
        float(np.log(area / change.size)),
        float(depth[place]) / deepest,
        deepest / np.sqrt(area),
        float(away) / np.sqrt(area),
        area / float(height * width),
        float(touched),
        float(np.log(height / width)),
    ]


def _context(rows: Floats, adds: bool, is_edit: bool) -> Floats:
    """Each option also against the best of its path."""
    persistence, central = rows[:, 3], rows[:, CENTRAL]
    columns = [
        persistence - persistence.max(),
        rows[:, 5] - rows[:, 5].max(),
        rows[:, 6] - rows[:, 6].max(),
        central - central.max(),
        np.concatenate([[0], rows[:-1, 3]]),  # how much the next smaller option stands out
        np.concatenate([rows[1:, 3], [0]]),
        np.concatenate([rows[1:, CENTRAL], [0]]),
        np.full(len(rows), float(adds)),
        np.full(len(rows), float(is_edit)),
    ]
    return np.stack(columns, axis=1).astype(np.float32)
