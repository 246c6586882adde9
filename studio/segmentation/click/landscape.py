"""A picture's merge tree laid out for clicks: which pieces are in a part, and where they border."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.segmentation.click.merge_tree import MergeTree
from studio.segmentation.click.superpixels import PieceGraph

Floats = NDArray[Any]  # float32; OpenCV's stubs lose the type
Integers = NDArray[Any]  # int32
Pieces = NDArray[np.bool_]  # (pieces,) which pieces belong


@dataclass(frozen=True, eq=False)
class Landscape:
    """A picture's tree, laid out so that the pieces of every node are one slice of `order`."""

    tree: MergeTree
    labels: Integers  # (h, w) pieces of the working picture
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
        return Landscape(
            tree=tree,
            labels=labels,
            boxes=_node_boxes(tree, labels),
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

    def pieces_of(self, node: int) -> Integers:
        return self.order[self.starts[node] : self.ends[node]]

    def holds(self, node: int, piece: int) -> bool:
        return bool(self.starts[node] <= self.starts[piece] < self.ends[node])

    @property
    def nbytes(self) -> int:
        tree = self.tree
        arrays = (tree.parents, tree.children, tree.heights, tree.looks, tree.edges)
        own = (self.labels, self.boxes, self.order, self.starts, self.ends)
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
