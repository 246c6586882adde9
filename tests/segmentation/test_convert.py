"""Meta's SAM 2.1 checkpoints: read key by key, converted once, and refused in one sentence."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.commands.cli import main
from studio.scene.errors import (
    DamagedWeights,
    MissingWeights,
    StorageError,
    WeightsError,
    WrongArchitecture,
)
from studio.segmentation.convert import PUBLISHED, Converted, convert_sam2
from studio.segmentation.loading import load_segmenter
from studio.segmentation.sam2.meta_layout import meta_shapes, model_shapes
from tests.segmentation.sam2.meta_checkpoint import (
    PARAMETERS,
    YAML,
    in_meta_layout,
    published_checkpoint,
    tiny_video,
    tiny_video_config,
)

TINY = {"tiny": tiny_video_config}


@pytest.fixture(scope="module")
def model() -> Any:
    return tiny_video()


@pytest.fixture(scope="module")
def state(model: Any) -> dict[str, torch.Tensor]:
    return in_meta_layout(model)


@pytest.fixture
def checkpoint(state: dict[str, torch.Tensor], tmp_path: Path) -> Path:
    file = tmp_path / "sam2.1_hiera_tiny.pt"
    torch.save({"model": state}, file)
    return file


def converted(file: Path) -> Converted:
    return convert_sam2(file, file.parent / "weights", configs=TINY)


def refused(file: Path, kind: type[WeightsError], match: str) -> None:
    before = sorted(file.parent.iterdir())
    with pytest.raises(kind, match=match) as caught:
        converted(file)
    assert str(caught.value).count("\n") == 0
    assert sorted(file.parent.iterdir()) == before  # nothing was written


@pytest.mark.parametrize("size", YAML)
def test_every_key_of_a_published_size_is_mapped_with_its_shape(size: str) -> None:
    published = published_checkpoint(size)

    assert meta_shapes(model_shapes(PUBLISHED[size]())) == published
    parameters = sum(math.prod(shape) for shape in published.values())
    assert parameters / 1e6 == pytest.approx(PARAMETERS[size], abs=0.1)


def test_a_checkpoint_gives_the_same_outputs_bit_for_bit(checkpoint: Path, model: Any) -> None:
    from transformers import Sam2VideoModel

    made = converted(checkpoint)
    read = Sam2VideoModel.from_pretrained(made.folder, local_files_only=True)

    own, theirs = model.state_dict(), read.state_dict()
    assert own.keys() == theirs.keys()
    assert all(torch.equal(own[name], theirs[name]) for name in own)


def test_the_folder_is_a_segmenter_with_the_same_masks(checkpoint: Path, model: Any) -> None:
    from transformers import Sam2Model

    from studio.segmentation.sam2.sam2_segmenter import Sam2Segmenter
    from tests.segmentation.sam2.tiny_sam2 import tiny_sam2

    still: Sam2Model = tiny_sam2()
    still.load_state_dict({name: model.state_dict()[name] for name in still.state_dict()})
    made = converted(checkpoint)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)

    segmenters = (
        load_segmenter(made.folder, device="cpu"),
        Sam2Segmenter(still, "own", "sam2:own"),
    )
    seen = [
        segmenter.segment(segmenter.embed(pixels), points=[(30, 20)])[0] for segmenter in segmenters
    ]

    assert np.array_equal(seen[0].logits, seen[1].logits)
    assert seen[0].score == seen[1].score
    assert made.folder.name == "sam2.1-hiera-tiny"
    assert load_segmenter("tiny", weights=made.folder.parent).name == "sam2.1-hiera-tiny"


def test_safetensors_in_metas_layout_give_the_same_folder(
    checkpoint: Path, state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    file = tmp_path / "sam2.1_hiera_tiny.safetensors"
    save_file(state, file)

    made = [
        convert_sam2(each, tmp_path, tmp_path / name, TINY).folder / "model.safetensors"
        for each, name in ((checkpoint, "a"), (file, "b"))
    ]

    assert made[0].read_bytes() == made[1].read_bytes()


def test_half_precision_stays_as_it_is(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    file = tmp_path / "half.safetensors"
    save_file({name: tensor.half() for name, tensor in state.items()}, file)

    made = load_file(converted(file).folder / "model.safetensors")

    assert {tensor.dtype for tensor in made.values()} == {torch.float16}


def test_a_missing_key_is_named(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    file = tmp_path / "sam.pt"
    torch.save({"model": {n: t for n, t in state.items() if n != "no_obj_embed_spatial"}}, file)

    refused(file, WrongArchitecture, "lacks no_obj_embed_spatial; it is no SAM 2.1")


def test_an_unknown_key_is_named(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    file = tmp_path / "sam.pt"
    torch.save({"model": {**state, "sam_mask_decoder.extra": torch.zeros(2)}}, file)

    refused(file, WrongArchitecture, "unknown tensor sam_mask_decoder.extra")


def test_a_key_of_another_shape_is_named_with_both(
    state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    file = tmp_path / "sam.pt"
    torch.save({"model": {**state, "no_obj_ptr": torch.zeros(1, 7)}}, file)

    refused(file, WrongArchitecture, r"no_obj_ptr is \(1, 7\); this SAM 2.1 has \(1, 32\)")


def test_a_checkpoint_of_no_published_size_says_which_there_are(checkpoint: Path) -> None:
    with pytest.raises(WrongArchitecture) as caught:
        convert_sam2(checkpoint, checkpoint.parent / "weights")

    assert "has 5 blocks of width 8; the published sizes are tiny 96 x 12, small 96 x 16" in str(
        caught.value
    )


@pytest.mark.parametrize("share", [0.02, 0.5, 0.999])
def test_half_a_download_is_said_to_be_one(checkpoint: Path, share: float) -> None:
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[: int(len(content) * share)])

    refused(checkpoint, DamagedWeights, "is half a download or damaged")


def test_one_wrong_bit_is_found(checkpoint: Path) -> None:
    content = bytearray(checkpoint.read_bytes())
    content[len(content) // 2] ^= 1
    checkpoint.write_bytes(content)

    refused(checkpoint, DamagedWeights, "is half a download or damaged")


class _Runs:
    """Were it opened, it would make a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.mark,)


def test_a_pickle_that_runs_code_is_refused_and_does_not_run(tmp_path: Path) -> None:
    file, mark = tmp_path / "sam.pt", tmp_path / "ran"
    torch.save({"model": {"no_mem_embed": _Runs(mark)}}, file)

    refused(file, WrongArchitecture, "holds more than tensors, so it was not opened")
    assert not mark.exists()


def test_a_bare_pickle_is_not_opened_at_all(tmp_path: Path) -> None:
    file, mark = tmp_path / "sam.pt", tmp_path / "ran"
    file.write_bytes(pickle.dumps(_Runs(mark)))

    refused(file, WrongArchitecture, "neither safetensors nor a checkpoint of torch")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ({"model": {"unet.conv.weight": torch.zeros(2)}}, "its first tensor is unet.conv.weight"),
        ({"model": {"epoch": 3}}, "holds epoch, which is no tensor"),
        ({"model": {}}, "holds no tensors by name"),
        ([1, 2], "holds no tensors by name"),
    ],
)
def test_a_pickle_that_is_no_sam_is_refused(tmp_path: Path, content: Any, match: str) -> None:
    file = tmp_path / "other.pt"
    torch.save(content, file)

    refused(file, WrongArchitecture, match)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused(tmp_path / "none.pt", MissingWeights, "none.pt is not there")


def test_a_model_that_is_there_is_not_written_over(checkpoint: Path) -> None:
    folder = converted(checkpoint).folder
    before = (folder / "model.safetensors").stat().st_mtime_ns

    with pytest.raises(StorageError, match="holds a model already; nothing was written"):
        converted(checkpoint)

    assert (folder / "model.safetensors").stat().st_mtime_ns == before


def test_a_folder_that_cannot_be_made_is_named(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("a file, not a folder")

    with pytest.raises(StorageError, match="was not written"):
        converted(checkpoint)


def test_the_command_tells_what_it_refuses(
    checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(checkpoint), "--out", str(checkpoint.parent / "out")]) == 2
    assert "the published sizes are" in capsys.readouterr().err
    assert not (checkpoint.parent / "out").exists()
