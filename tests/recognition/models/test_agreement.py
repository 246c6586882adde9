"""CLIP at a tiny size, and what of a picture it is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from studio.config import Settings
from studio.recognition.loading import load_agreement
from studio.recognition.models.clip_agreement import ClipAgreement, region_crop
from studio.recognition.word_agreement import WordAgreement
from studio.scene.errors import WrongArchitecture
from tests.builders import box_mask

Weights = Callable[[str], Path]
CLIP = "clip-vit-large-patch14"
BOX, REST = box_mask(64, 48, 16, 8, 48, 32), box_mask(64, 48, 0, 40, 64, 48)


def read(weights: Weights) -> ClipAgreement:
    found = load_agreement(Settings(weights=weights(CLIP), device="cpu"))
    assert isinstance(found, ClipAgreement)
    return found


def test_each_region_is_judged_against_each_caption(
    weights: Weights, picture: NDArray[np.uint8]
) -> None:
    agreement = read(weights)
    rows = agreement.compare(picture, [BOX, REST, BOX & REST], ["red ball", "", "boat"])
    assert rows.shape == (3, 3)
    assert np.isnan(rows[:, 1]).all()  # an empty caption says nothing
    assert np.isnan(rows[2]).all()  # nor does an empty region show anything
    assert np.isfinite(rows[:2][:, [0, 2]]).all()
    assert not np.allclose(rows[0, [0, 2]], rows[1, [0, 2]])


def test_the_logits_are_those_of_the_class_itself(
    weights: Weights, picture: NDArray[np.uint8]
) -> None:
    agreement = read(weights)
    rows = agreement.compare(picture, [BOX] * 9, ["red ball", "boat"])  # more than at once
    text = agreement.tokenizer(["red ball", "boat"], return_tensors="pt", padding=True)
    seen = agreement._crop(picture, BOX)
    with torch.inference_mode():
        output: Any = agreement.model(pixel_values=seen, **text)
    assert rows == pytest.approx(np.tile(output.logits_per_image.numpy(), (9, 1)), abs=1e-4)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_says_about_the_same(
    weights: Weights, picture: NDArray[np.uint8], dtype: torch.dtype
) -> None:
    whole = read(weights).compare(picture, [BOX], ["red ball", "boat"])
    half = read(weights)
    half.model.to(dtype)
    rows = half.compare(picture, [BOX], ["red ball", "boat"])
    assert rows == pytest.approx(whole, abs=0.3)  # of logits of about 10


def test_what_is_not_the_region_fades_and_nothing_is_stretched() -> None:
    pixels = np.full((40, 60, 3), (0, 200, 0), np.uint8)
    mask = box_mask(60, 40, 0, 10, 20, 20)
    pixels[mask] = (200, 0, 0)
    crop = region_crop(pixels, mask)
    assert crop.shape == (26, 26, 3)  # 20 and 15 % on both sides
    assert crop[13, 13].tolist() == [200, 0, 0]
    assert crop[2, 13].tolist() == [102, 142, 102]  # a fifth of the green
    assert crop[13, 0].tolist() == [128, 128, 128]  # outside the picture


def test_without_weights_words_are_measured_and_another_model_is_refused(
    weights: Weights, tmp_path: Path
) -> None:
    assert isinstance(load_agreement(Settings(weights=tmp_path)), WordAgreement)
    here = Settings(weights=weights(CLIP), agreement="measured")
    assert isinstance(load_agreement(here), WordAgreement)
    folder = weights("dinov2-small")
    with pytest.raises(WrongArchitecture, match=r"is no judge of captions.*has to say clip"):
        load_agreement(Settings(weights=folder, agreement="dinov2-small"))
