"""Select similar by features: parts of the picture whose features point the same way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.recognition.features import FeatureReader, mean_feature
from studio.recognition.finder import (
    Asked,
    Finding,
    Pixels,
    Recall,
    anew,
    check_region,
)
from studio.recognition.parts import Parts, likeliest_apart, parts_of
from studio.recognition.similar_finder import pieces_of_region
from studio.segmentation.click.click_segmenter import ClickSegmenter
from studio.segmentation.segmenter import check_cancel

LEAST_LIKENESS = 0.55  # not measured with published weights yet
_LARGEST_GROWTH = 6.0  # a part so many times larger or smaller is no other one
_SIZE_COUNTS = 0.15  # a part of half the size, or twice, is a tenth less like it
_OVERLAP = 0.2  # with the region itself


@dataclass(frozen=True, eq=False)
class FeatureFinder:
    """Knows what things are as far as its features do; the parts are the click segmenter's."""

    features: FeatureReader
    segmenter: ClickSegmenter = field(default_factory=ClickSegmenter)

    @property
    def name(self) -> str:
        return self.features.name

    @property
    def digest(self) -> str:
        return f"alike:{self.features.digest}:{self.segmenter.digest}"

    @property
    def needs_device(self) -> bool:
        return self.features.needs_device

    def find_similar(
        self, image: Pixels, mask: NDArray[np.bool_], cancel: Asked = None, recall: Recall = anew
    ) -> list[Finding]:
        check_region(image, mask)
        parts = parts_of(self.segmenter, image, recall)
        features = recall(f"features:{self.features.digest}", lambda: self.features.read(image))
        check_cancel(cancel)
        wanted = mean_feature(features, mask)
        own = pieces_of_region(parts, mask)
        alike = _of_parts(parts, features) @ wanted
        growth = parts.areas / max(float(parts.land.sizes[own].sum()) / _picture(parts), 1e-9)
        is_other = parts.mean_of_pieces(own.astype(np.float64)) <= _OVERLAP
        is_size = (growth < _LARGEST_GROWTH) & (growth > 1 / _LARGEST_GROWTH)
        fits = np.exp(-_SIZE_COUNTS * np.abs(np.log(growth)))  # its own parts look like a thing
        likely = np.where(is_other & is_size, np.clip(alike, 0, 1) * fits, 0)
        found = [
            Finding(parts.mask(parts.pieces(part)), float(likely[part]), "")
            for part in likeliest_apart(parts, likely, LEAST_LIKENESS)
        ]
        return [each for each in found if each.mask.any()]


def _picture(parts: Parts) -> float:
    return float(parts.land.tree.looks[-1, 0])


def _of_parts(parts: Parts, features: NDArray[np.float32]) -> NDArray[Any]:
    """(parts, channels) of length 1: the mean of the features over each part."""
    land = parts.land
    height, width = land.labels.shape
    rows, columns, channels = features.shape
    place = np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)
    large = cv2.resize(place, (width, height), interpolation=cv2.INTER_NEAREST)
    owner = large.astype(np.int64).ravel()
    pieces = np.zeros((land.tree.pieces, channels), np.float32)
    np.add.at(pieces, land.labels.ravel(), features.reshape(-1, channels)[owner])
    ordered = np.concatenate(
        [np.zeros((1, channels)), np.cumsum(pieces[land.order], axis=0, dtype=np.float64)]
    )
    sums = ordered[land.ends[parts.nodes]] - ordered[land.starts[parts.nodes]]
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
