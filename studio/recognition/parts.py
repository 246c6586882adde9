"""A picture's parts of every size, as the click segmenter's merge tree has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.recognition.finder import MOST_FINDINGS, Pixels, Recall
from studio.scene.geometry import Extent
from studio.segmentation.click.click_segmenter import ClickSegmenter, Looked
from studio.segmentation.click.landscape import Landscape
from studio.segmentation.click.outline import at_size, sharpened
from studio.segmentation.segmenter import ImageEmbedding

Floats = NDArray[Any]  # float32 or float64
Integers = NDArray[Any]
SMALLEST_SHARE = 0.0006  # of the picture; what is smaller is no part
GROWTH = 1.15  # a node that hardly grows to the next is the same part as it


@dataclass(frozen=True, eq=False)
class Parts:
    """The nodes of a tree that can be things, from small to large."""

    looked: Looked
    extent: Extent
    nodes: Integers  # (parts,)
    above: Integers  # (parts,) the next larger part that holds each one, -1 for the largest

    @property
    def land(self) -> Landscape:
        return self.looked.land

    @property
    def areas(self) -> Floats:
        """(parts,) share of the picture."""
        sizes = self.land.tree.looks[:, 0]
        return sizes[self.nodes] / sizes[-1]

    def pieces(self, part: int) -> NDArray[np.bool_]:
        chosen = np.zeros(self.land.tree.pieces, np.bool_)
        chosen[self.land.pieces_of(int(self.nodes[part]))] = True
        return chosen

    def mean_of_pieces(self, values: Floats) -> Floats:
        """(parts,) the mean over each part's pixels of a value (pieces,)."""
        sums = self.land.node_sums(values * self.land.sizes)
        return sums[self.nodes] / self.land.tree.looks[self.nodes, 0]

    def mask(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Pieces as a mask of the picture, its outline moved to where the colours change."""
        membership = sharpened(chosen[self.land.labels], self.looked.working)
        return at_size(membership, self.extent)


def parts_of(segmenter: ClickSegmenter, image: Pixels, recall: Recall) -> Parts:
    embedding: ImageEmbedding = recall(
        f"embedding:{segmenter.digest}", lambda: segmenter.embed(image)
    )
    looked: Looked = embedding.features
    nodes, above = _thinned(looked.land)
    return Parts(looked, embedding.extent, nodes, above)


def _thinned(land: Landscape) -> tuple[Integers, Integers]:
    tree = land.tree
    sizes = tree.looks[:, 0]
    is_root = tree.parents == np.arange(len(tree.parents))
    grows = (sizes[tree.parents] >= GROWTH * sizes) | is_root
    nodes = np.flatnonzero(grows & (sizes >= SMALLEST_SHARE * sizes[-1]))
    place = np.full(len(tree.parents), -1, np.int64)
    place[nodes] = np.arange(len(nodes))
    above = np.full(len(tree.parents), -1, np.int64)
    for node in range(len(tree.parents) - 2, -1, -1):  # parents come after their children
        parent = tree.parents[node]
        above[node] = place[parent] if place[parent] >= 0 else above[parent]
    return nodes, above[nodes]


def best_cut(parts: Parts, gains: Floats) -> list[int]:
    """The parts, none inside another, whose gains add up to the most; only gains above 0 count."""
    best = np.maximum(gains, 0.0)
    inner = np.zeros(len(gains))
    order = np.argsort(parts.areas, kind="stable")
    for part in order:
        best[part] = max(best[part], inner[part])
        if parts.above[part] >= 0:
            inner[parts.above[part]] += best[part]
    chosen: list[int] = []
    is_open = np.ones(len(gains), np.bool_)
    for part in order[::-1]:
        over = parts.above[part]
        is_open[part] = over < 0 or is_open[over]
        if is_open[part] and best[part] > 0 and gains[part] >= best[part]:
            chosen.append(int(part))
            is_open[part] = False
    return chosen


def likeliest_apart(parts: Parts, likely: Floats, least: float) -> list[int]:
    """The likeliest parts, none inside another, best first."""
    land = parts.land
    starts, ends = land.starts[parts.nodes], land.ends[parts.nodes]
    chosen: list[int] = []
    for part in np.argsort(-likely, kind="stable"):
        if likely[part] < least or len(chosen) == MOST_FINDINGS:
            break
        if all(starts[part] >= ends[one] or ends[part] <= starts[one] for one in chosen):
            chosen.append(int(part))
    return chosen
