"""`doctor` tells what is there, what each file is, and what is missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from studio.commands.cli import main
from studio.commands.models_found import lines_of_folder, what_fits
from studio.inventory.fits import Sizes, adapter_terms
from tests.single_files import FLUX_DEV, comfyui_folder
from tests.tiny_models import tiny_base


@pytest.fixture
def comfyui(tmp_path: Path) -> Path:
    comfyui_folder(tiny_base(tmp_path / "base"), tmp_path / "ComfyUI")
    return tmp_path / "ComfyUI"


def test_every_file_of_comfyuis_folder_is_listed_with_what_it_is(comfyui: Path) -> None:
    models = comfyui / "models"
    save_file({"a.lora_A.weight": torch.zeros(2, 2)}, models / "loras" / "sepia.safetensors")
    save_file({"odd": torch.zeros(3)}, models / "unet" / "odd.safetensors")
    vae = models / "vae" / "ae.safetensors"
    vae.write_bytes(vae.read_bytes()[:-1])
    text = "\n".join(lines_of_folder(comfyui))
    assert "ok      diffusion_models/flux1-dev.safetensors" in text
    assert "FLUX.1 transformer (dev's kind), BFL layout" in text
    assert "-       loras/sepia.safetensors" in text
    assert "a LoRA" in text
    assert "its first tensor is odd (3)" in text
    assert "DAMAGED vae/ae.safetensors" in text
    assert "VAE, LDM layout" in text
    assert "is cut: it has" in text
    assert f"ok      tokenizer  {comfyui / 'comfy' / 'sd1_tokenizer'}" in text


def test_doctor_says_what_a_base_takes_from_where(
    comfyui: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = tmp_path / "weights"
    shutil.copytree(Path(__file__).parents[2] / "weights" / "mini", weights / "mini")
    arguments = ["doctor", "--weights", str(weights), "--comfyui", str(comfyui)]
    assert main(arguments) == 0
    told = capsys.readouterr().out
    assert "  ok      flux1-dev" in told
    assert f"vae: {comfyui / 'models' / 'vae' / 'ae.safetensors'}" in told
    assert "non-commercial" in told
    (comfyui / "models" / "vae" / "ae.safetensors").unlink()
    shutil.rmtree(comfyui / "comfy")
    assert main(arguments) == 0  # the studio can start all the same
    told = capsys.readouterr().out
    assert "  LACKS   flux1-dev" in told
    assert "also needs the VAE (ae.safetensors), CLIP's tokenizer" in told
    assert "download black-forest-labs/FLUX.1-schnell ae.safetensors" in told


def test_a_folder_that_is_not_comfyuis_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--comfyui", str(tmp_path / "absent")]) != 0
    told = capsys.readouterr()
    assert "which is not a folder here" in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (24.0, "fits this card of 24 GB: --quantize int8 (22.4 GB); --quantize nf4 (15.1 GB)"),
        (80.0, "fits this card of 80 GB: as it is (38.3 GB)"),
        (2.0, "does not fit this card of 2 GB"),
        (None, "needs 34 GB of main memory on the processor"),
    ],
)
def test_a_base_is_told_which_ways_fit_the_card(card: float | None, said: str) -> None:
    sizes = Sizes(11_901_408_320, 4_762_310_656, 123_060_480, 83_819_683, *adapter_terms(FLUX_DEV))
    assert what_fits(sizes, card).startswith(said)
