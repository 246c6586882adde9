"""Captioners with weights: real classes at a tiny size, read by our loading from folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from studio.config import Settings
from studio.recognition.captioner import Captioner
from studio.recognition.loading import load_captioner
from studio.recognition.models.florence_captioner import places_of, plain
from studio.recognition.models.pixels import normalised
from studio.scene.errors import DamagedWeights, MissingWeights, PromptError, WrongArchitecture
from studio.scene.geometry import Bounds, Extent
from tests.recognition.models.tiny_recognisers import TINY, WORDS

FLORENCE, QWEN = "Florence-2-base", "Qwen2.5-VL-3B-Instruct"
Holding = Callable[[str], Path]


def captioner(weights: Holding, name: str) -> Captioner:
    return load_captioner(Settings(weights=weights(name), captioner=name, device="cpu"))


@pytest.fixture
def mask(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return picture[:, :, 0] > 150


@pytest.mark.parametrize("name", [FLORENCE, QWEN])
@pytest.mark.slow
def test_the_picture_and_each_region_are_described(
    weights: Holding, picture: NDArray[np.uint8], mask: NDArray[np.bool_], name: str
) -> None:
    found = captioner(weights, name).describe(picture, [mask, ~mask])

    assert len(found.regions) == 2
    for caption in (found.picture, *found.regions):
        assert caption
        assert set(caption.split()) <= set(WORDS)


@pytest.mark.parametrize("name", [FLORENCE, QWEN])
def test_an_empty_region_is_refused(
    weights: Holding, picture: NDArray[np.uint8], mask: NDArray[np.bool_], name: str
) -> None:
    with pytest.raises(PromptError, match="region is empty"):
        captioner(weights, name).describe(picture, [mask & False])


def test_florence_answers_as_it_does_with_its_own_picture_tokens(
    weights: Holding, picture: NDArray[np.uint8]
) -> None:
    found: Any = captioner(weights, FLORENCE)
    values = normalised(picture, Extent(768, 768))
    tokens = found.tokenizer("<s>What does the image describe?</s>", add_special_tokens=False)
    count = found.model.get_image_features(pixel_values=values).pooler_output.shape[1]
    image = [found.model.config.image_token_id] * count
    answer = found.model.generate(
        input_ids=torch.tensor([image + tokens["input_ids"]]),
        pixel_values=values,
        max_new_tokens=40,
        num_beams=3,
        do_sample=False,
    )

    expected = plain(found.tokenizer.decode(answer[0], skip_special_tokens=True))

    assert found.describe(picture).picture == expected


def test_qwen_answers_questions_without_a_picture_too(weights: Holding) -> None:
    language = captioner(weights, QWEN).language

    assert language is not None
    assert language.answer("what is red ?")
    assert captioner(weights, FLORENCE).language is None


def test_a_box_is_told_in_thousandths_of_the_picture() -> None:
    assert places_of(Bounds(0, 24, 32, 48), Extent(64, 48)) == (0, 500, 500, 999)


def test_a_missing_tensor_and_one_of_another_shape_are_named(tmp_path: Path) -> None:
    folder = TINY[FLORENCE](tmp_path / FLORENCE)
    settings = Settings(weights=tmp_path, captioner=FLORENCE, device="cpu")
    file = folder / "model.safetensors"
    tensors = load_file(file)
    name = "model.language_model.decoder.layers.0.fc1.weight"

    save_file({k: v for k, v in tensors.items() if k != name}, file, {"format": "pt"})
    with pytest.raises(WrongArchitecture, match=r"lacks model.*fc1\.weight; it is no Florence-2"):
        load_captioner(settings)

    save_file({**tensors, name: torch.zeros(3, 5)}, file, {"format": "pt"})
    with pytest.raises(WrongArchitecture, match=r"fc1\.weight is \(3, 5\); .* has \(16, 16\)"):
        load_captioner(settings)


def test_half_a_download_is_told(tmp_path: Path) -> None:
    folder = TINY[FLORENCE](tmp_path / FLORENCE)
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])

    with pytest.raises(DamagedWeights, match="damaged"):
        load_captioner(Settings(weights=tmp_path, captioner=FLORENCE, device="cpu"))

    file.rename(folder / "pytorch_model.bin")
    with pytest.raises(MissingWeights, match=r"no \.safetensors file; pickles"):
        load_captioner(Settings(weights=tmp_path, captioner=FLORENCE, device="cpu"))
