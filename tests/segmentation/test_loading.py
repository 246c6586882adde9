"""Names, folders and what is said when weights are missing, damaged or of another model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.scene.errors import DamagedWeights, MissingWeights, RequestError, WrongArchitecture
from studio.segmentation.click.click_segmenter import ClickSegmenter
from studio.segmentation.loading import load_segmenter
from studio.segmentation.sam2.sam2_segmenter import Sam2Segmenter
from tests.segmentation.sam2.tiny_sam2 import tiny_sam2


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights folder that holds a tiny "SAM 2.1 tiny"."""
    folder = tmp_path_factory.mktemp("weights")
    tiny_sam2().save_pretrained(folder / "sam2.1-hiera-tiny")
    return folder


def copied(weights: Path, into: Path) -> Path:
    folder = into / "sam2.1-hiera-tiny"
    folder.mkdir()
    for file in (weights / "sam2.1-hiera-tiny").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def test_without_weights_the_click_segmenter_is_taken(tmp_path: Path) -> None:
    assert isinstance(load_segmenter(None, weights=tmp_path), ClickSegmenter)


@pytest.mark.parametrize("name", ["click", "classical"])
def test_the_click_segmenter_can_be_forced(weights: Path, name: str) -> None:
    assert isinstance(load_segmenter(name, weights=weights), ClickSegmenter)


@pytest.mark.parametrize("name", [None, "sam2.1-tiny", "sam2.1-hiera-tiny", "tiny"])
def test_sam2_is_found_by_its_names(weights: Path, name: str | None) -> None:
    segmenter = load_segmenter(name, device="cpu", weights=weights)

    assert isinstance(segmenter, Sam2Segmenter)
    assert segmenter.name == "sam2.1-hiera-tiny"


def test_a_folder_is_read_to_the_same_masks(weights: Path) -> None:
    loaded = load_segmenter(weights / "sam2.1-hiera-tiny", device="cpu")
    fresh = Sam2Segmenter(tiny_sam2(), "fresh", "sam2:fresh")
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)

    masks = [
        segmenter.segment(segmenter.embed(pixels), points=[(30, 20)])[0].mask
        for segmenter in (loaded, fresh)
    ]

    assert np.array_equal(*masks)


def test_missing_weights_name_the_file_and_the_command(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights) as caught:
        load_segmenter("sam2.1-base+", weights=tmp_path)

    folder = tmp_path / "sam2.1-hiera-base-plus"
    assert f"{folder / 'config.json'} is missing" in str(caught.value)
    assert "hf download facebook/sam2.1-hiera-base-plus config.json model.safetensors" in str(
        caught.value
    )


def test_a_pickle_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "sam2.1_hiera_large.pt").write_bytes(b"x")

    with pytest.raises(MissingWeights, match=r"Pickles \(.pt\) are never read"):
        load_segmenter(tmp_path / "sam2.1_hiera_large.pt")


@pytest.mark.parametrize("name", ["huge", "./sam2", "~/sam2"])
def test_an_unknown_name_lists_what_can_be_given(tmp_path: Path, name: str) -> None:
    with pytest.raises(MissingWeights, match=rf"no segmenter '{name}'.*sam2\.1-large"):
        load_segmenter(name, weights=tmp_path)


def test_an_unknown_device_is_refused(weights: Path) -> None:
    with pytest.raises(RequestError, match="no device 'toaster'"):
        load_segmenter("tiny", device="toaster", weights=weights)


def test_a_cut_file_is_damaged(weights: Path, tmp_path: Path) -> None:
    file = copied(weights, tmp_path) / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])

    with pytest.raises(DamagedWeights, match="Fetch it again"):
        load_segmenter("tiny", weights=tmp_path)


def test_a_missing_tensor_is_named(weights: Path, tmp_path: Path) -> None:
    file = copied(weights, tmp_path) / "model.safetensors"
    tensors = load_file(file)
    del tensors["mask_decoder.iou_token.weight"]
    save_file(tensors, file, {"format": "pt"})

    with pytest.raises(WrongArchitecture, match=r"lacks mask_decoder\.iou_token\.weight"):
        load_segmenter("tiny", weights=tmp_path)


def test_a_tensor_of_another_shape_is_named_with_both_shapes(weights: Path, tmp_path: Path) -> None:
    file = copied(weights, tmp_path) / "model.safetensors"
    tensors = load_file(file)
    tensors["mask_decoder.iou_token.weight"] = torch.zeros(1, 7)
    save_file(tensors, file, {"format": "pt"})

    with pytest.raises(WrongArchitecture, match=r"iou_token.weight is \(1, 7\); .* \(1, 32\)"):
        load_segmenter("tiny", weights=tmp_path)


def test_the_tensors_of_another_model_are_refused(weights: Path, tmp_path: Path) -> None:
    file = copied(weights, tmp_path) / "model.safetensors"
    save_file({**load_file(file), "unet.conv.weight": torch.zeros(3)}, file, {"format": "pt"})

    with pytest.raises(WrongArchitecture, match=r"unknown tensor unet.conv.weight"):
        load_segmenter("tiny", weights=tmp_path)


def test_the_video_parts_of_a_published_checkpoint_are_ignored(
    weights: Path, tmp_path: Path
) -> None:
    file = copied(weights, tmp_path) / "model.safetensors"
    extra = {"memory_attention.layer_norm.weight": torch.zeros(3)}
    save_file({**load_file(file), **extra}, file, {"format": "pt"})

    assert isinstance(load_segmenter("tiny", weights=tmp_path, device="cpu"), Sam2Segmenter)
