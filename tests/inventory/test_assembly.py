"""A transformer in one file finds the rest of its base, or says what is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.inventory.assembly import Places, assemble
from studio.inventory.base_files import BaseFiles
from studio.inventory.bases import find_base
from studio.scene.errors import DamagedWeights, MissingWeights, WrongArchitecture
from tests.single_files import comfyui_folder, float8_tensors, part
from tests.tiny_models import tiny_base


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A base, and ComfyUI's folder with its parts; copied before a test changes them."""
    folder = tmp_path_factory.mktemp("made")
    base = tiny_base(folder / "base")
    comfyui_folder(base, folder / "ComfyUI")
    return base, folder / "ComfyUI"


@pytest.fixture
def comfyui(made: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[1], tmp_path / "ComfyUI"))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights"


def found(name: str | None, weights: Path, comfyui: Path | None) -> BaseFiles:
    files = find_base(name, weights, comfyui)
    assert isinstance(files, BaseFiles)
    return files


@pytest.mark.parametrize("given", [".", "models"])
def test_everything_is_found_in_comfyuis_folder(given: str, comfyui: Path, weights: Path) -> None:
    files = found(None, weights, comfyui / given)
    assert [source.path.name for _, source in files.sources()] == [
        "flux1-dev.safetensors",
        "ae.safetensors",
        "clip_l.safetensors",
        "t5xxl_fp16.safetensors",
    ]
    assert files.tokenizer.name == "sd1_tokenizer"
    assert files.tokenizer_2.name == "t5_tokenizer"


@pytest.mark.parametrize("name", ["flux1-dev", "FLUX1-DEV.safetensors"])
def test_a_file_there_has_a_name(name: str, comfyui: Path, weights: Path) -> None:
    assert found(name, weights, comfyui).name == "flux1-dev"


def test_a_file_in_comfyuis_folder_needs_no_other_hint(comfyui: Path, weights: Path) -> None:
    file = comfyui / "models" / "diffusion_models" / "flux1-dev.safetensors"
    assert found(str(file), weights, None).vae.path.parent.name == "vae"


def test_without_a_name_one_transformer_must_be_there(comfyui: Path, weights: Path) -> None:
    folder = comfyui / "models" / "diffusion_models"
    shutil.copy(folder / "flux1-dev.safetensors", comfyui / "models" / "unet" / "krea.safetensors")
    with pytest.raises(MissingWeights, match=r"2 FLUX\.1 transformers: flux1-dev.*krea.*--base"):
        find_base(None, weights, comfyui)
    shutil.rmtree(folder)
    shutil.rmtree(comfyui / "models" / "unet")
    with pytest.raises(MissingWeights, match=r"has no FLUX\.1 transformer"):
        find_base(None, weights, comfyui)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("models/vae/ae.safetensors", "the VAE"),
        ("models/clip/clip_l.safetensors", "the CLIP text encoder"),
        ("models/text_encoders/t5xxl_fp16.safetensors", "the T5 text encoder"),
        ("comfy/sd1_tokenizer", "CLIP's tokenizer"),
        ("comfy/text_encoders/t5_tokenizer", "T5's tokenizer"),
    ],
)
def test_what_is_missing_is_named_with_the_command(
    file: str, said: str, comfyui: Path, weights: Path
) -> None:
    path = comfyui / file
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(MissingWeights, match=f"also needs {said}") as caught:
        find_base(None, weights, comfyui)
    assert "download" in str(caught.value)
    assert str(caught.value).count(" the ") < 4


def test_all_that_is_missing_is_said_at_once(comfyui: Path, weights: Path) -> None:
    file = weights / "flux1-dev.safetensors"
    shutil.copy(comfyui / "models" / "diffusion_models" / "flux1-dev.safetensors", file)
    with pytest.raises(MissingWeights, match=r"VAE.*CLIP text.*T5 text.*CLIP's.*T5's"):
        find_base(str(file), weights)


def test_parts_lie_beside_the_file_or_in_the_weights_folder(
    made: tuple[Path, Path], comfyui: Path, weights: Path
) -> None:
    file = weights / "mine" / "flux1-dev.safetensors"
    file.parent.mkdir()
    shutil.copy(comfyui / "models" / "diffusion_models" / "flux1-dev.safetensors", file)
    shutil.copy(comfyui / "models" / "vae" / "ae.safetensors", file.parent)
    shutil.copytree(made[0], weights / "FLUX.1-schnell")
    files = found("flux1-dev", weights, None)
    assert files.vae.path == file.parent / "ae.safetensors"
    assert files.text_encoder_2.path == weights / "FLUX.1-schnell" / "text_encoder_2"
    assert files.tokenizer == weights / "FLUX.1-schnell" / "tokenizer"
    assert files.scheduler == weights / "FLUX.1-schnell" / "scheduler"  # of the same shapes


def test_a_folder_with_one_transformer_is_a_base(comfyui: Path, weights: Path) -> None:
    folder = comfyui / "models" / "diffusion_models"
    assert found(str(folder), weights, comfyui).transformer.path.parent == folder


def test_of_several_files_the_usual_name_and_the_best_precision_are_taken(
    comfyui: Path, weights: Path
) -> None:
    folder = comfyui / "models" / "text_encoders"
    t5 = load_file(folder / "t5xxl_fp16.safetensors")
    save_file(float8_tensors(t5, scaled=False), folder / "t5xxl_fp8_e4m3fn.safetensors")
    save_file(t5, folder / "another.safetensors")
    vae = comfyui / "models" / "vae"
    shutil.copy(vae / "ae.safetensors", vae / "aaa_sd3_vae.safetensors")
    files = found(None, weights, comfyui)
    assert files.text_encoder_2.path.name == "t5xxl_fp16.safetensors"
    assert files.vae.path.name == "ae.safetensors"
    (folder / "t5xxl_fp16.safetensors").unlink()
    assert found(None, weights, comfyui).text_encoder_2.path.name.startswith("t5xxl_fp8")
    (vae / "ae.safetensors").unlink()
    with pytest.raises(MissingWeights, match="needs the VAE"):  # SD3's is none, for all its shapes
        find_base(None, weights, comfyui)


def test_half_a_part_is_named_unless_another_is_whole(comfyui: Path, weights: Path) -> None:
    file = comfyui / "models" / "vae" / "ae.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:-10])
    with pytest.raises(DamagedWeights, match=r"ae\.safetensors is cut"):
        find_base(None, weights, comfyui)
    (file.parent / "ae2.safetensors").write_bytes(whole)
    assert found(None, weights, comfyui).vae.path.name == "ae2.safetensors"


def test_a_part_of_another_width_is_not_taken(comfyui: Path, weights: Path) -> None:
    file = comfyui / "models" / "clip" / "clip_l.safetensors"
    wide = {name: torch.cat([each, each]) for name, each in load_file(file).items()}
    name = "text_model.embeddings.token_embedding.weight"
    save_file({**wide, name: torch.zeros(500, 1280)}, file)
    with pytest.raises(MissingWeights, match="needs the CLIP text encoder"):
        find_base(None, weights, comfyui)


def test_a_tokenizer_of_another_vocabulary_is_not_taken(comfyui: Path, weights: Path) -> None:
    file = comfyui / "comfy" / "sd1_tokenizer" / "vocab.json"
    words = json.loads(file.read_text())
    file.write_text(json.dumps({**words, **{f"word{n}": 600 + n for n in range(100)}}))
    with pytest.raises(MissingWeights, match="needs CLIP's tokenizer"):
        find_base(None, weights, comfyui)


def test_files_that_are_no_transformer_are_refused_with_what_they_are(
    comfyui: Path, weights: Path
) -> None:
    with pytest.raises(WrongArchitecture, match=r"holds no FLUX\.1 transformer; it is VAE"):
        find_base(str(comfyui / "models" / "vae" / "ae.safetensors"), weights)
    file = comfyui / "models" / "diffusion_models" / "flux1-dev.safetensors"
    tensors = load_file(file)
    save_file({**tensors, "img_in.weight": torch.zeros(32, 96)}, file)
    with pytest.raises(WrongArchitecture, match=r"takes 96 channels and gives 16 \(Fill"):
        find_base(str(file), weights)
    save_file({**tensors, "img_in.bias": torch.zeros(3)}, file)
    with pytest.raises(WrongArchitecture, match=r"img_in\.bias is 3 and should be 32"):
        find_base(str(file), weights)
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(DamagedWeights, match="is cut"):
        find_base(str(file), weights)


@pytest.mark.parametrize(
    ("folder", "said"), [("absent", "is not a folder here"), (".", "has none of the folders")]
)
def test_a_folder_that_is_not_comfyuis_is_refused(
    folder: str, said: str, weights: Path, tmp_path: Path
) -> None:
    with pytest.raises(MissingWeights, match=said):
        find_base(None, weights, tmp_path / folder)


def test_a_file_that_is_not_there_is_not_looked_for_on_the_hub(weights: Path) -> None:
    with pytest.raises(MissingWeights, match=r"models/flux1-dev\.safetensors is not there"):
        find_base("models/flux1-dev.safetensors", weights)


def test_without_comfyui_the_embedded_model_is_the_base(weights: Path) -> None:
    assert find_base(None, weights) == str(weights / "mini")


def test_a_transformer_of_the_embedded_models_shape_takes_its_parts(tmp_path: Path) -> None:
    mini = Path(__file__).parents[2] / "weights" / "mini"
    save_file(part(mini, "transformer"), tmp_path / "mine.safetensors")
    files = assemble(tmp_path / "mine.safetensors", Places(mini.parent))
    assert files.vae.path == mini / "vae"
    assert files.tokenizer_2 == mini / "tokenizer_2"
    assert files.transformer.config is not None
    assert files.transformer.config["axes_dims_rope"] == [16, 24, 24]
    assert files.recommended == mini
