"""Cutting a merge tree into the few regions that a picture falls into."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.segmentation.click.landscape import Landscape

FEWEST, MOST = 5, 40
SMALLEST_SHARE = 0.004  # of the picture; what is smaller joins its neighbours
LIKELY = 0.0  # the merge cost, a logit, at which two parts are as likely two things as one
UNLIKELY = -3.0  # at which they are one thing for sure, 95 of 100


def partition(land: Landscape) -> NDArray[np.int32]:
    """(h, w) numbers 1..n of the working picture, every pixel in one region.

    The tree is cut where merging becomes unlikely, and elsewhere when that gives too few or many;
    but a plain picture is not cut where nothing speaks for a border.
    """
    heights = np.unique(land.tree.heights[land.tree.pieces :])
    cut = LIKELY
    nodes = _nodes_below(land, cut)
    if len(nodes) > MOST:
        cut = _search(land, heights[heights > cut], MOST)
    elif len(nodes) < FEWEST:
        cut = _search(land, heights[(heights <= cut) & (heights > UNLIKELY)], FEWEST)
    nodes = _nodes_below(land, cut)
    labels = np.zeros(land.tree.pieces, np.int32)
    for number, node in enumerate(nodes, start=1):
        labels[land.pieces_of(node)] = number
    return _without_gaps(labels[land.labels])


def _nodes_below(land: Landscape, cut: float) -> list[int]:
    """The largest nodes no higher than the cut that are large enough to be regions."""
    tree = land.tree
    is_low = tree.heights <= cut
    is_top = is_low & (~is_low[tree.parents] | (tree.parents == np.arange(len(tree.parents))))
    is_large = tree.looks[:, 0] >= SMALLEST_SHARE * tree.looks[-1, 0]
    return [int(node) for node in np.flatnonzero(is_top & is_large)] or [len(tree.parents) - 1]


def _search(land: Landscape, cuts: NDArray[np.float32], wanted: int) -> float:
    """The cut that comes closest to the wanted number; it need not fall with every step."""
    if not len(cuts):
        return LIKELY
    tried = cuts[np.unique(np.linspace(0, len(cuts) - 1, 60).astype(int))]
    counts = np.array([len(_nodes_below(land, float(cut))) for cut in tried])
    fits = (counts >= FEWEST) & (counts <= MOST)
    distance = np.where(fits, np.abs(tried - LIKELY), 1e6 + np.abs(counts - wanted))
    return float(tried[int(distance.argmin())])


def _without_gaps(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Give every unnumbered pixel to the nearest region."""
    if labels.all():
        return labels
    _, nearest = cv2.distanceTransformWithLabels(
        (labels == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    owners = np.zeros(int(nearest.max()) + 1, np.int32)
    known = labels > 0
    owners[nearest[known]] = labels[known]
    return owners[nearest]
