"""Figures of one picture against its scene: colours, shapes and borders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.colour_names import to_lab

Pixels = NDArray[np.uint8]  # (height, width, 3)
Masks = Sequence[NDArray[np.bool_]]


def nearest_labels(picture: Pixels, masks: Masks) -> NDArray[np.int64]:
    """(height, width): the region whose mean colour each pixel is nearest to; the rest is last.

    The means are taken in the picture itself, so that only its own borders count.
    """
    smooth = cv2.GaussianBlur(picture, (0, 0), 1.0)
    lab = to_lab(smooth.reshape(-1, 3).astype(np.float32) / 255).reshape(*picture.shape)
    means = np.stack([lab[mask].mean(axis=0) for mask in _with_rest(masks)])
    distances = np.stack([np.square(lab - mean).sum(axis=2) for mean in means])
    return distances.argmin(axis=0)


def mean_iou(labels: NDArray[np.int64], masks: Masks) -> float:
    """Mean over the regions of the intersection over union with the labels."""
    scores = []
    for number, mask in enumerate(masks):
        found = labels == number
        scores.append(np.count_nonzero(found & mask) / max(1, np.count_nonzero(found | mask)))
    return float(np.mean(scores))


def boundary_f(labels: NDArray[np.int64], masks: Masks, reach: int = 3) -> float:
    """F of the borders in the picture and in the masks, right within `reach` pixels."""
    wanted = np.zeros(labels.shape, np.int64)
    for number, mask in enumerate(masks, start=1):
        wanted[mask] = number
    found: Any = cv2.medianBlur(labels.astype(np.uint8), 5)
    found_edge = _edges(found)
    wanted_edge = _edges(wanted)
    if not wanted_edge.any() or not found_edge.any():
        return 0.0
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near_wanted = cv2.dilate(wanted_edge.astype(np.uint8), disc) > 0
    near_found = cv2.dilate(found_edge.astype(np.uint8), disc) > 0
    precision = float(near_wanted[found_edge].mean())
    recall = float(near_found[wanted_edge].mean())
    return 2 * precision * recall / max(1e-9, precision + recall)


@dataclass(frozen=True)
class ShapeScores:
    iou: float
    boundary: float


def shape_scores(picture: Pixels, masks: Masks) -> ShapeScores:
    labels = nearest_labels(picture, masks)
    return ShapeScores(mean_iou(labels, masks), boundary_f(labels, masks))


def decibels(made: Pixels, wanted: Pixels) -> float:
    """Peak signal to noise ratio."""
    error = np.square(made.astype(np.float64) - wanted.astype(np.float64)).mean()
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def _with_rest(masks: Masks) -> list[NDArray[np.bool_]]:
    rest = ~np.any(np.stack(list(masks)), axis=0)
    return [*masks, rest] if rest.any() else list(masks)


def _edges(labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    edge = np.zeros(labels.shape, np.bool_)
    edge[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    edge[1:] |= labels[1:] != labels[:-1]
    return edge
