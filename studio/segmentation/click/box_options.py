"""What a box could mean: parts of the merge tree that fill it, and colours cut by GrabCut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Bounds
from studio.segmentation.click.landscape import Floats, Landscape, Pieces
from studio.segmentation.click.merge_tree import CHANNELS

SHARES_INSIDE = (0.7, 0.85, 0.95)  # of a part that must lie in the box
CUT_SIDE = 144  # pixels: GrabCut's time grows faster than its picture
CUT_ROUNDS = 2
MARGIN = 0.18  # of the box's sides: how far around it the colours are the background's


@dataclass(frozen=True, eq=False)
class BoxOptions:
    """Ways to fill a box, and (n, 16) what speaks for each."""

    selections: list[Pieces]
    features: Floats


def box_options(land: Landscape, working: NDArray[np.uint8], box: Bounds) -> BoxOptions:
    inside = np.zeros(land.labels.shape, np.bool_)
    inside[box.top : box.bottom, box.left : box.right] = True
    shares = land.share_of_pieces(inside)
    node_shares = land.node_sums(shares * land.sizes) / land.tree.looks[:, 0]
    filled = [_filled(land, node_shares, share) for share in SHARES_INSIDE]
    nodes = [_pieces(land, int(node)) for node in _best_nodes(land, box)]
    whole = shares > 0.5 if (shares > 0.5).any() else shares > 0
    cuts = [_cut(land, working, box, one) for one in (whole, *filled[1:], nodes[0])]
    smoothed = [_smoothed(land, one, node_shares) for one in (cuts[0], cuts[1])]
    found = [one for one in (*cuts, *smoothed, *filled, *nodes) if one.any()] or [whole]
    return BoxOptions(found, _features(land, box, found, shares))


def _filled(land: Landscape, node_shares: NDArray[np.float64], least: float) -> Pieces:
    """The union of all nodes that lie in the box by at least this share."""
    chosen = np.zeros(land.tree.pieces, np.bool_)
    for node in np.flatnonzero(node_shares >= least):
        if node >= land.tree.pieces:
            chosen[land.pieces_of(int(node))] = True
    return chosen


def _pieces(land: Landscape, node: int) -> Pieces:
    chosen = np.zeros(land.tree.pieces, np.bool_)
    chosen[land.pieces_of(node)] = True
    return chosen


def _best_nodes(land: Landscape, box: Bounds) -> NDArray[np.int64]:
    """The three nodes whose own boxes agree best with the box."""
    low = np.maximum(land.boxes[:, :2], (box.left, box.top))
    high = np.minimum(land.boxes[:, 2:], (box.right, box.bottom))
    shared = np.clip(high - low, 0, None).prod(axis=1)
    areas = (land.boxes[:, 2:] - land.boxes[:, :2]).prod(axis=1)
    overlap = shared / (areas + box.extent.width * box.extent.height - shared)
    return np.argsort(-overlap, kind="stable")[:3]


def _cut(land: Landscape, working: NDArray[np.uint8], box: Bounds, likely: Pieces) -> Pieces:
    """GrabCut (Rother et al., 2004) in and around the box, from what is likely inside."""
    outer = _grown(box, land.labels.shape)
    rows, columns = slice(outer.top, outer.bottom), slice(outer.left, outer.right)
    scale = min(1.0, CUT_SIDE / max(outer.extent))
    size = (max(8, round(outer.extent.width * scale)), max(8, round(outer.extent.height * scale)))
    picture = cv2.resize(working[rows, columns], size, interpolation=cv2.INTER_AREA)
    hint = np.full(land.labels.shape, cv2.GC_BGD, np.uint8)
    hint[box.top : box.bottom, box.left : box.right] = cv2.GC_PR_BGD
    hint[likely[land.labels] & (hint == cv2.GC_PR_BGD)] = cv2.GC_PR_FGD
    hint = cv2.resize(hint[rows, columns], size, interpolation=cv2.INTER_NEAREST)
    if not (hint == cv2.GC_PR_FGD).any() or not np.isin(hint, (cv2.GC_BGD, cv2.GC_PR_BGD)).any():
        return likely
    cv2.setRNGSeed(7)
    whole: Any = None  # no box: the hint alone decides
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, hint, whole, *models, CUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    kept = np.isin(hint, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    full = np.zeros(land.labels.shape, np.bool_)
    full[rows, columns] = cv2.resize(kept, tuple(outer.extent)) > 0.5
    return land.share_of_pieces(full) > 0.5


def _smoothed(land: Landscape, chosen: Pieces, node_shares: NDArray[np.float64]) -> Pieces:
    """The same selection in whole parts of the tree, which follow edges better than colours do."""
    owned = land.node_sums(chosen * land.sizes) / land.tree.looks[:, 0]
    is_kept = (owned >= 0.75) & (node_shares >= 0.8)
    result = np.zeros_like(chosen)
    for node in np.flatnonzero(is_kept):
        result[land.pieces_of(int(node))] = True
    return result


def _features(
    land: Landscape, box: Bounds, found: list[Pieces], shares: NDArray[np.float64]
) -> Floats:
    """Does it reach the box's sides and stay inside, look unlike the outside, end at edges, and
    agree with the other options?"""
    around = np.zeros(land.labels.shape, np.bool_)
    outer = _grown(box, land.labels.shape)
    around[outer.top : outer.bottom, outer.left : outer.right] = True
    ring = (land.share_of_pieces(around) - shares) * land.sizes
    stack = np.stack(found).astype(np.float32)
    shared = (stack * land.sizes) @ stack.T
    areas = np.diag(shared)
    agreement = shared / (areas[:, None] + areas[None, :] - shared)
    consensus = np.sort(agreement, axis=1)
    rows = [
        [*_place(land, box, one, shares), *_contrast(land, one, ring), *_rim(land, one)]
        for one in found
    ]
    middle = [consensus[:, len(found) // 2], consensus[:, -2:].mean(axis=1)]
    picture = np.full(len(found), np.log(np.count_nonzero(around) / around.size))
    return np.column_stack([np.array(rows), *middle, agreement.mean(axis=1), picture]).astype(
        np.float32
    )


def _place(
    land: Landscape, box: Bounds, chosen: Pieces, shares: NDArray[np.float64]
) -> list[float]:
    """Overlap of the two boxes, the four gaps between them, the share inside, and the fill."""
    boxes = land.boxes[: land.tree.pieces][chosen]
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    wide, tall = box.extent
    corner, far = np.array([box.left, box.top]), np.array([box.right, box.bottom])
    shared = np.clip(np.minimum(high, far) - np.maximum(low, corner), 0, None).prod()
    gaps = np.concatenate([(low - corner) / (wide, tall), (far - high) / (wide, tall)])
    area = float(land.sizes[chosen].sum())
    within = float((land.sizes * shares)[chosen].sum())
    return [
        float(shared / ((high - low).prod() + wide * tall - shared)),
        float(np.clip(gaps, -1, 1).max()),
        float(np.clip(gaps, -1, 1).min()),
        within / area,
        within / (wide * tall),
    ]


def _contrast(land: Landscape, chosen: Pieces, ring: NDArray[np.float64]) -> list[float]:
    """How unlike its colours are to those around the box, and to the rest within it."""
    words = land.tree.looks[: land.tree.pieces, 2 + 2 * CHANNELS :]
    own = words[chosen].sum(axis=0)
    outside = words.T @ (np.where(chosen, 0, ring) / land.sizes)
    if outside.sum() <= 0:
        return [1.0, 0.0]
    alike = np.sqrt(own / own.sum() * (outside / outside.sum())).sum()
    return [float(np.sqrt(max(0.0, 1 - alike))), float(ring[chosen].sum() / ring.sum())]


def _rim(land: Landscape, chosen: Pieces) -> list[float]:
    """Mean edge strength along its outline, and how long that outline is for its size."""
    is_outline = chosen[land.pairs[:, 0]] != chosen[land.pairs[:, 1]]
    border = land.borders[is_outline].sum(axis=0)
    length = max(float(border[0]), 1.0)
    area = float(land.sizes[chosen].sum())
    return [*np.log1p(border[1:] / length), float(np.log(length / np.sqrt(area)))]


def _grown(box: Bounds, shape: tuple[int, int]) -> Bounds:
    by_x, by_y = 2 + MARGIN * box.extent.width, 2 + MARGIN * box.extent.height
    return Bounds(
        max(0, int(box.left - by_x)),
        max(0, int(box.top - by_y)),
        min(shape[1], int(box.right + by_x)),
        min(shape[0], int(box.bottom + by_y)),
    )
