"""Tells which material a patch shows: a small linear judge fitted on patches with known answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.scene.region_look import Features


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
        self.weights = means @ inverse
        self.offsets = -0.5 * np.einsum("ij,ij->i", self.weights, means)

    def best(self, features: Features) -> str:
        return self.names[int((self.weights @ features + self.offsets).argmax())]
