"""Which names mean what, and what is said of those that mean nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.config import Settings
from studio.recognition.loading import load_captioner, load_features, load_finder
from studio.recognition.measured_captioner import MeasuredCaptioner
from studio.recognition.measured_finder import MeasuredFinder
from studio.scene.errors import MissingWeights
from studio.segmentation.click.click_segmenter import ClickSegmenter


@pytest.mark.parametrize("name", [None, "measured"])
def test_without_weights_the_measured_parts_are_taken(tmp_path: Path, name: str | None) -> None:
    settings = Settings(weights=tmp_path, finder=name, captioner=name, features=name)

    assert isinstance(load_finder(settings, ClickSegmenter()), MeasuredFinder)
    assert isinstance(load_captioner(settings), MeasuredCaptioner)
    assert load_features(settings) is None


def test_an_unknown_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        MissingWeights, match=r"no captioner called 'owl'\. Give measured, Florence"
    ):
        load_captioner(Settings(weights=tmp_path, captioner="owl"))
