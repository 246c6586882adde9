"""The seam between a picture and features of its patches, by which things can be compared."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.recognition.finder import Pixels
from studio.recognition.recogniser import Recogniser

Features = NDArray[np.float32]  # (rows, columns, channels)


class FeatureReader(Recogniser, Protocol):
    """Holds weights and nothing else."""

    def read(self, image: Pixels) -> Features:
        """One vector a patch, the patches laid over the whole picture row by row."""
        ...


def mean_feature(features: Features, mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(channels,) of length 1: the mean over the patches that a mask covers, by how much."""
    rows, columns, channels = features.shape
    cover = cv2.resize(mask.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    total = cover.reshape(1, -1) @ features.reshape(-1, channels)
    return (total[0] / max(float(np.linalg.norm(total)), 1e-12)).astype(np.float32)
