"""From many overlapping mask proposals to the few that stand for the things of a picture."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Extent


def point_grid(per_side: int, extent: Extent) -> NDArray[np.float32]:
    """(per_side ** 2, 2): the centres of a regular grid of cells, row by row, in pixels."""
    steps = (np.arange(per_side, dtype=np.float32) + 0.5) / per_side
    x, y = np.meshgrid(steps * extent.width, steps * extent.height)
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)


def stability(logits: NDArray[np.float32], offset: float = 1.0) -> NDArray[np.float32]:
    """IoU of each mask (n, h, w) cut `offset` above and below zero; 0 where nothing is covered."""
    inner = np.count_nonzero(logits > offset, axis=(1, 2))
    outer = np.count_nonzero(logits > -offset, axis=(1, 2))
    return (inner / np.maximum(outer, 1)).astype(np.float32)


def mask_boxes(masks: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(n, 4) half-open boxes x0, y0, x1, y1 of (n, h, w) masks; zeros for an empty mask."""
    boxes = np.zeros((len(masks), 4), np.float32)
    for box, mask in zip(boxes, masks, strict=True):
        columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
        if len(rows):
            box[:] = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    return boxes


def box_overlaps(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, n): IoU of every box with every other."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return shared / np.maximum(areas[:, None] + areas[None, :] - shared, 1e-9)


def shared_areas(masks: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(n, n): how many pixels each pair of masks shares; its diagonal holds the areas."""
    flat = masks.reshape(len(masks), masks.shape[1] * masks.shape[2]).astype(np.float32)
    return flat @ flat.T


def mask_overlaps(masks: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(n, n): IoU of every mask with every other."""
    shared = shared_areas(masks)
    areas = np.diag(shared)
    return (shared / np.maximum(areas[:, None] + areas[None, :] - shared, 1.0)).astype(np.float32)


def suppress(
    overlaps: NDArray[np.float32], scores: NDArray[np.float32], threshold: float
) -> list[int]:
    """Non-maximum suppression: the best first, without those that overlap a better one more."""
    kept: list[int] = []
    for index in np.argsort(-scores, kind="stable"):
        if all(overlaps[index, other] <= threshold for other in kept):
            kept.append(int(index))
    return kept


def top_level(
    masks: NDArray[np.bool_], smallest_share: float = 0.0025, inside: float = 0.85
) -> list[int]:
    """Indices, largest first, without small masks and those that lie inside a kept one, as
    SACap-1M was built."""
    shared = shared_areas(masks)
    areas = np.diag(shared)
    smallest = smallest_share * masks[0].size if len(masks) else 0
    kept: list[int] = []
    for index in np.argsort(-areas, kind="stable"):
        is_nested = any(shared[index, other] > inside * areas[index] for other in kept)
        if areas[index] >= max(smallest, 1) and not is_nested:
            kept.append(int(index))
    return kept


def clean_mask(
    mask: NDArray[np.bool_], largest_hole: int = 0, largest_island: int = 0
) -> NDArray[np.bool_]:
    """Fill holes and drop islands of at most so many pixels; the largest piece always stays."""
    cleaned = mask.copy()
    if largest_hole > 0:
        cleaned |= _small_parts(~cleaned, largest_hole)
    if largest_island > 0:
        cleaned &= ~_small_parts(cleaned, largest_island)
    return cleaned


def _small_parts(mask: NDArray[np.bool_], largest: int) -> NDArray[np.bool_]:
    found: Any = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    _, labels, stats, _ = found
    is_small = stats[:, cv2.CC_STAT_AREA] <= largest
    is_small[0] = False
    if len(stats) > 1:
        is_small[1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())] = False
    return is_small[labels]
