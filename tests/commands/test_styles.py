"""Styles on the command line, on a tiny random model."""

from __future__ import annotations

from pathlib import Path

import pytest
from diffusers import FluxTransformer2DModel

import studio
from studio.commands.cli import main
from studio.files.picture_file import read_recipe
from studio.files.scene_file import write_scene
from tests.builders import two_region_scene
from tests.style_builders import as_kohya, random_style, write_style

DATA = Path(__file__).parent.parent / "data" / "parity"
QUICK = ["--base", str(DATA / "base"), "--adapters", str(DATA / "lora"), "--device", "cpu"]
QUICK += ["--steps", "1"]


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    write_scene(two_region_scene(32, 32), tmp_path / "meadow.json", seed=4)
    return tmp_path / "meadow.json"


@pytest.fixture
def ink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    flux = FluxTransformer2DModel.from_pretrained(DATA / "base" / "transformer")
    monkeypatch.setenv("STUDIO_WEIGHTS", str(tmp_path / "weights"))
    path = tmp_path / "weights" / "styles" / "ink.safetensors"
    return write_style(path, as_kohya(random_style(flux), alpha=2.0))


def test_styles_of_the_picture_and_of_a_region_reach_the_recipe(
    scene: Path, ink: Path, tmp_path: Path
) -> None:
    out, plain = tmp_path / "out.png", tmp_path / "plain.png"
    line = ["render", str(scene), "--out", str(out), "--style", f"{ink}:-0.5", *QUICK]
    assert main([*line, "--region-style", "ball", "ink:1.5"]) == 0
    assert main(["render", str(scene), "--out", str(plain), *QUICK]) == 0
    request = studio.read_request(out)
    assert request.sampling.styles == (studio.Style(ink, -0.5),)
    assert [each.style for each in request.scene.regions] == [None, studio.Style(ink, 1.5)]
    assert out.read_bytes() != plain.read_bytes()


def test_a_recipe_with_styles_renders_again_and_they_can_be_taken_off(
    scene: Path, ink: Path, tmp_path: Path
) -> None:
    first, second, third = (tmp_path / f"{name}.png" for name in "abc")
    line = ["render", str(scene), "--out", str(first), "--style", "ink:0.7", *QUICK]
    assert main([*line, "--region-style", "2", str(ink)]) == 0
    assert main(["render", str(first), "--out", str(second), *QUICK]) == 0
    assert first.read_bytes() == second.read_bytes()
    line = ["render", str(first), "--out", str(third), "--style", "none", *QUICK]
    assert main([*line, "--region-style", "2", "none"]) == 0
    recipe = read_recipe(third)
    assert "styles" not in recipe["sampling"]
    assert all("style" not in region for region in recipe["scene"]["regions"])


def test_a_missing_style_is_said_in_one_sentence(
    scene: Path, ink: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    assert main(["render", str(scene), "--out", str(first), "--style", "ink", *QUICK]) == 0
    ink.unlink()
    assert main(["render", str(first), "--out", str(second), *QUICK]) != 0
    told = capsys.readouterr().err
    assert "The style ink (digest " in told
    assert "is not in" in told
    assert studio.read_request(first).sampling.styles[0].name == "ink"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--style", "chalk"], "chalk is neither a file nor a style in weights/styles, where"),
        (["--style", "ink:3"], "A style's strength is 3.0"),
        (["--style", "nowhere/chalk.safetensors"], "cannot be read"),
        (["--region-style", "a whale", "ink"], "There is no region 'a whale'"),
        (["--region-style", "3", "ink"], "There is no region '3'"),
    ],
)
def test_a_style_that_cannot_be_used_is_named(
    scene: Path,
    ink: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    reason: str,
) -> None:
    assert main(["render", str(scene), "--out", str(tmp_path / "o.png"), *options, *QUICK]) != 0
    assert reason in capsys.readouterr().err
