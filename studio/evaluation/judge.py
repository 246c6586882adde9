"""Tells which material a patch shows: a small linear judge fitted on patches with known answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.evaluation.metrics import core_of

Features = NDArray[np.float64]


def features_of(picture: NDArray[np.uint8], mask: NDArray[np.bool_]) -> Features:
    """Colour statistics, contrast at several sizes, and directions of the edges, in the core."""
    core = core_of(mask, 0.25)
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    parts = [lab[core].mean(axis=0) / 20, np.log1p(lab[core].std(axis=0))]
    light = lab[:, :, 0]
    previous = light
    for size in (1.0, 2.0, 4.0, 8.0):
        smooth = cv2.GaussianBlur(light, (0, 0), size)
        band = (previous - smooth)[core]
        parts.append(np.array([np.log1p(band.std()), _skew(band)]))
        parts.append(_directions(smooth, core))
        previous = smooth
    return np.concatenate(parts).astype(np.float64)


class Judge:
    """Linear discriminant analysis with a shrunken covariance."""

    def __init__(self, features: Sequence[Features], names: Sequence[str]) -> None:
        values = np.stack(list(features))
        self.names = sorted(set(names))
        labels = np.array([self.names.index(name) for name in names])
        means = np.stack([values[labels == i].mean(axis=0) for i in range(len(self.names))])
        spread = values - means[labels]
        covariance = spread.T @ spread / max(1, len(values) - len(self.names))
        covariance += np.eye(len(covariance)) * np.trace(covariance) / len(covariance) * 0.02
        inverse = np.linalg.inv(covariance)
        self._weights = means @ inverse
        self._offsets = -0.5 * np.einsum("ij,ij->i", self._weights, means)

    def best(self, features: Features) -> str:
        return self.names[int((self._weights @ features + self._offsets).argmax())]


def _skew(values: NDArray[Any]) -> float:
    spread = float(values.std()) + 1e-3
    return float(np.clip(np.mean(((values - values.mean()) / spread) ** 3), -3, 3))


def _directions(light: NDArray[Any], core: NDArray[np.bool_]) -> Features:
    """Share of the gradient's strength in four directions, and the log of all of it."""
    dx = cv2.Sobel(light, cv2.CV_32F, 1, 0)[core]
    dy = cv2.Sobel(light, cv2.CV_32F, 0, 1)[core]
    strength = np.hypot(dx, dy)
    sector = (np.floor((np.arctan2(dy, dx) / np.pi + 0.125) * 4).astype(int)) % 4
    shares = np.bincount(sector, strength, 4) / (strength.sum() + 1e-3)
    return np.concatenate([shares, [np.log1p(strength.mean())]])
