"""DINOv2 at a tiny size, and what is compared by its features."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.config import Settings
from studio.recognition.feature_finder import FeatureFinder
from studio.recognition.features import mean_feature
from studio.recognition.loading import load_features
from studio.recognition.recognisers import similar_finder
from tests.scripted_engine import FlatSegmenter


def test_features_lie_over_the_whole_picture(
    weights: Callable[[str], Path], picture: NDArray[np.uint8]
) -> None:
    features = load_features(Settings(weights=weights("dinov2-small"), device="cpu"))

    assert features is not None
    assert features.read(picture).shape == (28, 37, 16)  # 392 x 518 pixels in patches of 14


def test_the_mean_is_taken_over_the_patches_under_a_mask() -> None:
    features = np.zeros((2, 2, 3), np.float32)
    features[0, 0], features[0, 1], features[1, 0] = (3, 4, 0), (0, 0, 1), (9, 9, 9)
    mask = np.zeros((8, 8), np.bool_)
    mask[:4, :4] = True

    assert mean_feature(features, mask) == pytest.approx([0.6, 0.8, 0])


class Colours:
    """Features that are the colours themselves, less grey."""

    name = digest = "colours"
    needs_device = False

    def read(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        return image[4::8, 4::8].astype(np.float32) - 128


def test_with_features_similar_things_are_found_by_them() -> None:
    picture = np.full((96, 128, 3), (128, 200, 128), np.uint8)
    for top, left in ((8, 8), (8, 72), (56, 40)):
        picture[top : top + 32, left : left + 32] = (220, 128, 128)
    picture[56:88, 88:120] = (128, 128, 240)
    given = np.zeros((96, 128), np.bool_)
    given[8:40, 8:40] = True

    finder = similar_finder(Colours(), FlatSegmenter())
    found = finder.find_similar(picture, given)

    assert isinstance(finder, FeatureFinder)
    assert len(found) == 2
    assert all(each.mask[:, :, None].any() and each.score > 0.8 for each in found)
    assert {bool(each.mask[24, 88]) for each in found} == {True, False}
