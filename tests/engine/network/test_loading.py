from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from diffusers import FluxTransformer2DModel
from safetensors.torch import load_file, save_file

from studio.engine.network.loading import load_parts
from studio.engine.network.quantization import Quantization
from studio.scene.errors import DamagedWeights, MissingWeights, RequestError, WrongArchitecture
from tests.tiny_models import tiny_base


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny_base(tmp_path / "base")


def load(folder: Path):
    return load_parts(folder, None, Quantization())


def test_a_small_base_is_computed_in_float32(base: Path) -> None:
    parts = load(base)
    assert parts.flux.dtype is parts.vae.dtype is parts.text.t5.dtype is torch.float32


def test_sharded_weights_are_read_and_a_missing_shard_is_named(base: Path) -> None:
    folder = base / "transformer"
    expected = load(base).digest
    flux = FluxTransformer2DModel.from_pretrained(folder)
    (folder / "diffusion_pytorch_model.safetensors").unlink()
    flux.save_pretrained(folder, max_shard_size="100KB")
    assert load(base).digest != expected  # other files
    shard = sorted(folder.glob("*-of-*.safetensors"))[1]
    shard.unlink()
    with pytest.raises(MissingWeights, match=shard.name):
        load(base)


@pytest.mark.parametrize("part", ["transformer", "vae", "text_encoder", "text_encoder_2"])
def test_a_cut_file_is_named(base: Path, part: str) -> None:
    path = next((base / part).glob("*.safetensors"))
    path.write_bytes(path.read_bytes()[:-64])
    with pytest.raises(DamagedWeights, match=path.name):
        load(base)


@pytest.mark.parametrize("part", ["transformer", "vae", "text_encoder", "text_encoder_2"])
def test_an_absent_file_is_named(base: Path, part: str) -> None:
    path = next((base / part).glob("*.safetensors"))
    path.unlink()
    with pytest.raises(MissingWeights, match=path.name):
        load(base)


@pytest.mark.parametrize("part", ["transformer", "vae", "text_encoder", "text_encoder_2"])
def test_an_absent_tensor_is_named(base: Path, part: str) -> None:
    path = next((base / part).glob("*.safetensors"))
    tensors = load_file(path)
    name = next(key for key in tensors if key.endswith("weight") and "shared" not in key)
    del tensors[name]
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(WrongArchitecture, match=name.split(".")[-2]):
        load(base)


def test_a_tensor_of_another_shape_is_named(base: Path) -> None:
    path = base / "transformer" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    tensors["x_embedder.weight"] = torch.zeros(3, 4)
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(WrongArchitecture, match=r"x_embedder\.weight is 3 x 4"):
        load(base)


def test_another_kind_of_model_is_refused(base: Path) -> None:
    path = base / "transformer" / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "_class_name": "SD3Transformer2DModel"}))
    with pytest.raises(WrongArchitecture, match="SD3Transformer2DModel"):
        load(base)


def test_parts_that_do_not_belong_together_are_refused(base: Path, tmp_path: Path) -> None:
    path = base / "transformer" / "config.json"
    config = json.loads(path.read_text())
    FluxTransformer2DModel.from_config({**config, "joint_attention_dim": 8}).save_pretrained(
        base / "transformer"
    )
    with pytest.raises(WrongArchitecture, match="joint_attention_dim is 8"):
        load(base)


def test_pickled_weights_are_refused(base: Path) -> None:
    path = base / "vae" / "diffusion_pytorch_model.safetensors"
    path.rename(path.with_suffix(".bin"))
    with pytest.raises(DamagedWeights, match="pickle"):
        load(base)


def test_a_config_that_is_not_json_is_named(base: Path) -> None:
    (base / "vae" / "config.json").write_text("{")
    with pytest.raises(DamagedWeights, match=r"config\.json is not valid JSON"):
        load(base)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match=r"model_index\.json"):
        load(tmp_path)


@pytest.mark.parametrize("text", ["fp4", "gguf", "nf4:x", ""])
def test_an_unknown_quantisation_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="quantize is"):
        Quantization.parse(text)


def test_a_missing_gguf_file_is_named() -> None:
    with pytest.raises(MissingWeights, match=r"absent\.gguf"):
        Quantization.parse("gguf:absent.gguf")
