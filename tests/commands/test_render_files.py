"""`render` with the files of other tools."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import studio
from studio.commands.cli import main
from studio.files.scene_file import write_scene
from tests.builders import two_region_scene
from tests.single_files import comfyui_folder

DATA = Path(__file__).parent.parent / "data" / "parity"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ComfyUI's folder with the base of the recorded cases."""
    folder = tmp_path_factory.mktemp("files") / "ComfyUI"
    comfyui_folder(DATA / "base", folder)
    return folder


@pytest.fixture
def comfyui(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "ComfyUI"))


def render(tmp_path: Path, *options: str) -> int:
    write_scene(two_region_scene(32, 32), tmp_path / "meadow.json", seed=4)
    common = ["--device", "cpu", "--steps", "1", "--adapters", str(DATA / "lora")]
    scene, out = str(tmp_path / "meadow.json"), str(tmp_path / "out.png")
    return main(["render", scene, "--out", out, *common, *options])


def pixels(tmp_path: Path) -> np.ndarray:
    with Image.open(tmp_path / "out.png") as image:
        return np.array(image)


def test_files_of_comfyui_render_as_the_folder_that_they_were_made_of(
    comfyui: Path, tmp_path: Path
) -> None:
    assert render(tmp_path, "--base", str(DATA / "base")) == 0
    wanted = pixels(tmp_path)
    file = comfyui / "models" / "diffusion_models" / "flux1-dev.safetensors"
    for options in (
        ["--comfyui", str(comfyui)],
        ["--base", str(file)],
    ):
        (tmp_path / "out.png").unlink()
        assert render(tmp_path, *options) == 0
        assert np.array_equal(pixels(tmp_path), wanted)
    assert studio.read_request(tmp_path / "out.png").scene.regions


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("models/vae/ae.safetensors", "also needs the VAE (ae.safetensors)"),
        ("models/text_encoders/t5xxl_fp16.safetensors", "also needs the T5 text encoder"),
        ("comfy/sd1_tokenizer/vocab.json", "also needs CLIP's tokenizer"),
        ("models/diffusion_models/flux1-dev.safetensors", "has no FLUX.1 transformer"),
    ],
)
def test_an_incomplete_folder_is_one_sentence(
    spoil: str, said: str, comfyui: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (comfyui / spoil).unlink()
    assert render(tmp_path, "--comfyui", str(comfyui)) != 0
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert not (tmp_path / "out.png").exists()


def test_half_a_download_is_one_sentence(
    comfyui: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = comfyui / "models" / "diffusion_models" / "flux1-dev.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    assert render(tmp_path, "--base", str(file)) != 0
    assert "flux1-dev.safetensors is cut: it has" in capsys.readouterr().err
