"""The command line around the commands."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import torch

from studio.commands.cli import COMMANDS, build_parser, main
from studio.config import read_settings
from studio.scene.errors import RequestError


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "studio", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    script = (
        "import sys; from studio.commands.cli import build_parser;"
        "print(build_parser(None).format_help());"
        "assert not {'torch', 'numpy', 'gradio', 'PIL'} & set(sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert all(name in answer.stdout for name in COMMANDS)


def test_the_front_door_imports_nothing_heavy_and_holds_what_it_promises() -> None:
    script = (
        "import sys, studio; assert not {'torch', 'numpy', 'gradio'} & set(sys.modules);"
        "[getattr(studio, name) for name in ('Scene', 'Region', 'RenderRequest', 'Sampling',"
        "'Picture', 'StudioError', 'save_picture', 'read_request', 'read_scene', 'write_scene')];"
        "assert 'torch' not in sys.modules; studio.load_engine; studio.load_segmenter"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    assert name in build_parser(name).format_help()
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0


def test_an_unknown_command_or_option_is_refused() -> None:
    for arguments in (["paint"], [], ["doctor", "--no-such-option"]):
        with pytest.raises(SystemExit) as end:
            main(arguments)
        assert end.value.code == 2


def test_a_mistake_shows_where_only_when_asked(tmp_path: Path) -> None:
    command = ["render", str(tmp_path / "no.json"), "--out", str(tmp_path / "a.png")]
    plain = run(*command)
    assert plain.returncode == 2
    assert plain.stderr.count("\n") == 1
    assert "Traceback" in run(*command, "--debug").stderr


def test_doctor_says_what_is_there_and_how_to_get_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("transformer", "vae", "text_encoder", "text_encoder_2"):
        (tmp_path / "mini" / part).mkdir(parents=True)
        (tmp_path / "mini" / part / "model.safetensors").touch()
    (tmp_path / "mini" / "model_index.json").touch()
    (tmp_path / "FLUX.1-dev").mkdir()
    (tmp_path / "FLUX.1-dev" / "model_index.json").touch()
    assert main(["doctor", "--weights", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "ok      mini" in told
    assert "DAMAGED FLUX.1-dev" in told
    assert "download black-forest-labs/FLUX.1-dev" in told
    assert "MISSING sam2.1-hiera-large" in told


@pytest.mark.gpu
def test_doctor_says_nothing_of_a_card_that_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    main(["doctor"])
    told = capsys.readouterr().out
    assert "cuda:0" in told
    assert "UNUSED" not in told


@pytest.mark.skipif(sys.platform != "linux", reason="the stand-in for nvidia-smi is a script")
def test_doctor_tells_of_a_card_that_this_torch_cannot_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if torch.version.cuda is not None:
        pytest.skip("this torch is built for CUDA")
    program = tmp_path / "nvidia-smi"
    program.write_text('#!/bin/sh\necho "NVIDIA GeForce RTX 4060, 581.15, 8.9"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    main(["doctor", "--weights", str(tmp_path)])
    told = capsys.readouterr().out
    assert "NVIDIA GeForce RTX 4060 is here, but this torch" in told
    assert f'-m pip install "torch=={version("torch").split("+")[0]}+cu130"' in told


def test_doctor_without_the_embedded_model_fails_and_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--weights", str(tmp_path)]) == 1
    assert "git checkout -- weights/mini" in capsys.readouterr().out


def test_settings_come_from_the_environment_and_the_command_line_wins() -> None:
    environment = {"STUDIO_PORT": "8000", "STUDIO_WEIGHTS": "/models", "HOME": "/home/ada"}
    settings = read_settings(environment, port=9000, device=None)
    assert settings.port == 9000
    assert settings.weights == Path("/models")
    assert settings.mini == Path("/models/mini")
    assert settings.device == "auto"
    assert read_settings(environment).port == 8000
    assert read_settings({}).host == "127.0.0.1"


def test_a_port_that_is_no_number_is_named() -> None:
    with pytest.raises(RequestError, match="STUDIO_PORT is 'x'"):
        read_settings({"STUDIO_PORT": "x"})
