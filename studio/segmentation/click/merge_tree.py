"""Pieces merged step by step, most alike first: a tree from small parts to the whole picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.segmentation.click.superpixels import COLOUR_WORDS, PieceGraph, sum_by_pair

Floats = NDArray[Any]  # float32; OpenCV's stubs lose the type
Integers = NDArray[Any]  # int32

SHARE_A_ROUND = 0.35  # of the mutually best pairs; the rest waits, since merging changes the costs


@dataclass(frozen=True, eq=False)
class MergeTree:
    """Nodes 0..n-1 are the pieces; each later node is two earlier ones; the last is the picture."""

    parents: Integers  # (nodes,) the root is its own parent
    children: Integers  # (nodes, 2), -1 for pieces
    heights: Floats  # (nodes,) how unlike the two parts were, never below its parts' heights
    looks: Floats  # (nodes, look_width): see `Regions`
    edges: Floats  # (nodes, borders' width): the whole outline's length and edge strengths

    @property
    def pieces(self) -> int:
        return (len(self.parents) + 1) // 2

    def path(self, piece: int) -> list[int]:
        """The nodes that hold a piece, from itself to the root."""
        path = [piece]
        while self.parents[path[-1]] != path[-1]:
            path.append(int(self.parents[path[-1]]))
        return path


@dataclass(eq=False)
class Regions:
    """The regions of one round. A look's columns: size, rim, then sums, squares, words."""

    looks: Floats
    outlines: Floats
    pairs: Integers
    borders: Floats
    nodes: Integers

    @staticmethod
    def of(graph: PieceGraph) -> Regions:
        looks = np.concatenate(
            [
                graph.sizes[:, None],
                graph.rims[:, None],
                graph.sums,
                graph.squares,
                graph.colours,
                graph.textures,
            ],
            axis=1,
        )
        outlines = np.zeros((len(looks), graph.borders.shape[1]), np.float32)
        for end in (0, 1):
            np.add.at(outlines, graph.pairs[:, end], graph.borders)
        nodes = np.arange(len(looks), dtype=np.int32)
        return Regions(looks, outlines, graph.pairs, graph.borders, nodes)


Cost = Callable[[Floats], Floats]
CHANNELS = 7


def pair_features(regions: Regions, total: float) -> Floats:
    """(pairs, 32): how alike two neighbours are, and how sharp the border between them is.
    `total` is the picture's size in pixels."""
    u, v = regions.pairs.T
    sizes = regions.looks[:, 0]
    mean = regions.looks[:, 2 : 2 + CHANNELS] / sizes[:, None]
    second = regions.looks[:, 2 + CHANNELS : 2 + 2 * CHANNELS] / sizes[:, None]
    deviation = np.sqrt(np.maximum(second - mean * mean, 1e-4))
    split = 2 + 2 * CHANNELS + COLOUR_WORDS
    colours = np.sqrt(regions.looks[:, 2 + 2 * CHANNELS : split] / sizes[:, None])
    textures = np.sqrt(regions.looks[:, split:] / sizes[:, None])
    difference = np.abs(mean[u] - mean[v])
    pooled = deviation[u] + deviation[v]
    length = regions.borders[:, 0]
    edge = regions.borders[:, 1:] / length[:, None]
    around_u = regions.outlines[u, 0] + regions.looks[u, 1]
    around_v = regions.outlines[v, 0] + regions.looks[v, 1]
    inside = regions.outlines[:, 1:] / np.maximum(regions.outlines[:, :1], 1)
    smaller, larger = np.minimum(sizes[u], sizes[v]), np.maximum(sizes[u], sizes[v])
    colour_gap = np.sqrt(np.maximum(0, 1 - (colours[u] * colours[v]).sum(axis=1)))
    texture_gap = np.sqrt(np.maximum(0, 1 - (textures[u] * textures[v]).sum(axis=1)))
    rim = np.minimum(regions.looks[:, 1] / np.sqrt(sizes), 2)
    small_is_u = sizes[u] <= sizes[v]
    columns = [
        colour_gap,
        texture_gap,
        np.log1p(difference[:, 0]),
        np.log1p(np.hypot(difference[:, 1], difference[:, 2])),
        difference[:, 3],
        difference[:, 4],
        np.hypot(difference[:, 5], difference[:, 6]),
        difference[:, 0] / (pooled[:, 0] + 1),
        np.hypot(difference[:, 1], difference[:, 2]) / (pooled[:, 1] + pooled[:, 2] + 1),
        *np.log1p(edge).T,
        # the border against the usual outline of both: a gap in a strong outline is a leak
        *(np.log1p(edge) - np.log1p(np.minimum(inside[u], inside[v]))).T,
        *(np.log1p(edge) - np.log1p(np.maximum(inside[u], inside[v]))).T,
        np.log(smaller / total),
        np.log(larger / total),
        length / np.minimum(around_u, around_v),
        length / np.maximum(around_u, around_v),
        length / np.sqrt(smaller),
        np.where(small_is_u, rim[u], rim[v]),
        np.where(small_is_u, rim[v], rim[u]),
        np.minimum(deviation[u, 0], deviation[v, 0]) / 10,
        np.maximum(deviation[u, 0], deviation[v, 0]) / 10,
        np.minimum(mean[u, 3], mean[v, 3]),
        np.maximum(mean[u, 3], mean[v, 3]),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def build_merge_tree(
    graph: PieceGraph, cost: Cost, watch: Callable[[Regions, Floats], None] | None = None
) -> MergeTree:
    """`watch` sees every round's regions and features: that is how the cost is learnt."""
    regions = Regions.of(graph)
    pieces = len(regions.nodes)
    nodes = 2 * pieces - 1
    parents = np.arange(nodes, dtype=np.int32)
    children = np.full((nodes, 2), -1, np.int32)
    heights = np.full(nodes, -12.0, np.float32)
    looks = np.zeros((nodes, regions.looks.shape[1]), np.float32)
    edges = np.zeros((nodes, regions.outlines.shape[1]), np.float32)
    looks[:pieces], edges[:pieces] = regions.looks, regions.outlines
    next_node = pieces
    while len(regions.nodes) > 1:
        features = pair_features(regions, float(graph.labels.size))
        if watch is not None:
            watch(regions, features)
        costs = cost(features)
        chosen = _mutually_best(regions.pairs, costs, len(regions.nodes))
        new = np.arange(next_node, next_node + len(chosen), dtype=np.int32)
        ends = regions.nodes[regions.pairs[chosen]]
        parents[ends] = new[:, None]
        children[new] = ends
        heights[new] = np.maximum(costs[chosen], heights[ends].max(axis=1))
        regions = _merged(regions, chosen, new)
        at = regions.nodes >= next_node
        looks[regions.nodes[at]], edges[regions.nodes[at]] = regions.looks[at], regions.outlines[at]
        next_node += len(chosen)
    return MergeTree(parents, children, heights, looks, edges)


def _mutually_best(pairs: Integers, costs: Floats, count: int) -> NDArray[np.int64]:
    """Indices of the cheapest among the pairs in which each is the other's best neighbour."""
    order = np.argsort(-costs, kind="stable")  # the cheapest is written last, so it stays
    best = np.full(count, -1, np.int64)
    rank = np.empty(len(costs), np.int64)
    rank[order] = np.arange(len(costs))
    best_rank = np.full(count, -1, np.int64)
    for end in (0, 1):
        np.maximum.at(best_rank, pairs[:, end], rank)
    has = best_rank >= 0
    best[has] = order[best_rank[has]]
    own = np.arange(len(pairs))
    mutual = own[(best[pairs[:, 0]] == own) & (best[pairs[:, 1]] == own)]
    cheapest = mutual[np.argsort(costs[mutual], kind="stable")]
    return cheapest[: max(1, int(np.ceil(SHARE_A_ROUND * len(cheapest))))]


def _merged(regions: Regions, chosen: NDArray[np.int64], new: Integers) -> Regions:
    count = len(regions.nodes)
    low, high = regions.pairs[chosen].T
    target = np.arange(count)
    target[high] = low
    keeps = np.ones(count, bool)
    keeps[high] = False
    compact = np.cumsum(keeps) - 1
    looks, outlines, nodes = regions.looks.copy(), regions.outlines.copy(), regions.nodes.copy()
    looks[low] += looks[high]
    outlines[low] += outlines[high] - 2 * regions.borders[chosen]
    nodes[low] = new
    number = compact[target]
    pairs = np.sort(number[regions.pairs], axis=1)
    stays = pairs[:, 0] != pairs[:, 1]
    left = int(keeps.sum())
    keys = pairs[stays, 0].astype(np.int64) * left + pairs[stays, 1]
    merged_pairs, borders = sum_by_pair(keys, regions.borders[stays], left)
    return Regions(looks[keeps], outlines[keeps], merged_pairs, borders, nodes[keeps])
