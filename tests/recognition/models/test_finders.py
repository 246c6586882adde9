"""Finders with weights: real classes at a tiny size, read by our loading from folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from studio.config import Settings
from studio.recognition.finder import Finder
from studio.recognition.loading import load_finder
from studio.recognition.models.clipseg_finder import warm_spots
from studio.recognition.models.grounding_finder import distinct
from studio.recognition.models.pixels import HALF, fitted, in_steps, normalised
from studio.scene.errors import MissingWeights, PromptError, WrongArchitecture
from studio.scene.geometry import Extent
from tests.scripted_engine import FlatSegmenter

FINDERS = ("sam3", "grounding-dino-base", "clipseg-rd64-refined")
Holding = Callable[[str], Path]


def finder(weights: Holding, name: str) -> Finder:
    return load_finder(Settings(weights=weights(name), finder=name, device="cpu"), FlatSegmenter())


@pytest.mark.parametrize("name", FINDERS)
def test_masks_have_the_pictures_size_and_the_words_as_caption(
    weights: Holding, picture: NDArray[np.uint8], name: str
) -> None:
    for found in finder(weights, name).find(picture, " red  cup "):
        assert found.mask.shape == picture.shape[:2]
        assert found.mask.any()
        assert found.caption == "red cup"
        assert 0 <= found.score <= 1


@pytest.mark.parametrize("name", FINDERS)
def test_no_words_are_refused(weights: Holding, picture: NDArray[np.uint8], name: str) -> None:
    with pytest.raises(PromptError, match="Say what to find"):
        finder(weights, name).find(picture, " ")


@pytest.mark.parametrize("name", FINDERS)
def test_a_picture_too_large_is_refused(weights: Holding, name: str) -> None:
    with pytest.raises(PromptError, match="9000 x 4 pixels"):
        finder(weights, name).find(np.zeros((4, 9000, 3), np.uint8), "cup")


def test_sam3_looks_at_a_picture_once(weights: Holding, picture: NDArray[np.uint8]) -> None:
    kept: dict[str, Any] = {}
    made: list[str] = []

    def recall(kind: str, make: Callable[[], Any]) -> Any:
        if kind not in kept:
            made.append(kind)
            kept[kind] = make()
        return kept[kind]

    found = finder(weights, "sam3")
    found.find(picture, "cup", recall=recall)
    found.find(picture, "ball", recall=recall)

    assert len(made) == 1


def test_sam3_scores_are_those_of_its_own_postprocessing(
    weights: Holding, picture: NDArray[np.uint8]
) -> None:
    found: Any = finder(weights, "sam3")
    text = found.tokenizer("cup", return_tensors="pt", padding="max_length", max_length=32)
    values = normalised(picture, Extent(112, 112), HALF, HALF)
    with torch.inference_mode():
        output = found.model(
            pixel_values=values,
            input_ids=text["input_ids"],
            attention_mask=text["attention_mask"],
        )
    expected = output.pred_logits.sigmoid() * output.presence_logits.sigmoid()
    wanted = sorted((float(s) for s in expected[0] if s >= 0.5), reverse=True)

    scores = [each.score for each in found.find(picture, "cup")]

    assert scores == pytest.approx(wanted[: len(scores)], abs=1e-5)


def test_of_nearly_equal_boxes_the_better_one_is_kept() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 11], [20, 0, 30, 10]], np.float32)

    assert distinct(boxes, np.array([0.5, 0.9, 0.4], np.float32)) == [1, 2]


def test_warm_spots_come_apart_and_the_warmest_first() -> None:
    heat = np.zeros((20, 20), np.float32)
    heat[2:6, 2:6], heat[10:16, 10:16], heat[18, 0] = 0.6, 0.8, 0.3

    first, second = warm_spots(heat)

    assert first[12, 12]
    assert second[3, 3]
    assert not (first & second).any()


def test_the_best_finder_that_is_there_is_taken(weights: Holding) -> None:
    for name in FINDERS:
        folder = weights(name)

    found = load_finder(Settings(weights=folder, device="cpu"), FlatSegmenter())

    assert found.name == "sam3"


def test_a_captioner_is_no_finder(weights: Holding) -> None:
    folder = weights("dinov2-small")

    with pytest.raises(WrongArchitecture, match=r"is no finder; .* sam3 or grounding-dino or clip"):
        load_finder(Settings(weights=folder, finder="dinov2-small"), FlatSegmenter())


def test_a_known_finder_that_is_not_there_tells_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="hf download facebook/sam3"):
        load_finder(Settings(weights=tmp_path, finder="sam3"), FlatSegmenter())


def test_sizes_keep_proportions_as_each_model_wants() -> None:
    assert fitted(Extent(640, 480), 800, 1333) == (1067, 800)
    assert fitted(Extent(4000, 400), 800, 1333) == (1333, 133)
    assert in_steps(Extent(640, 480), 518, 14) == (518, 392)
    assert in_steps(Extent(1000, 10), 518, 14) == (518, 14)
