"""`python -m studio render`, on a tiny random model."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

import studio
from studio.commands import render
from studio.commands.cli import main
from studio.commands.progress import Reporter
from studio.commands.render import Task, render_all
from studio.files.picture_file import read_recipe
from studio.files.scene_file import list_scenes, write_scene
from studio.scene.errors import OutOfMemory
from tests.builders import two_region_scene
from tests.scripted_engine import Script, ScriptedEngine

DATA = Path(__file__).parent.parent / "data" / "parity"
MODEL = ["--base", str(DATA / "base"), "--adapters", str(DATA / "lora"), "--device", "cpu"]
QUICK = [*MODEL, "--steps", "1"]


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    write_scene(two_region_scene(32, 32), tmp_path / "meadow.json", seed=4)
    return tmp_path / "meadow.json"


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_a_scene_becomes_a_picture_that_knows_its_recipe(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    assert main(["render", str(scene), "--out", str(out), "--gamma", "0.5", *QUICK]) == 0
    assert size_of(out) == (32, 32)
    request = studio.read_request(out)
    assert request.scene == studio.read_scene(scene)
    assert (request.sampling.gamma, request.sampling.seed, request.sampling.steps) == (0.5, 4, 1)


def test_a_picture_of_ours_renders_to_the_same_bytes(scene: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    assert main(["render", str(scene), "--out", str(first), *QUICK]) == 0
    assert main(["render", str(first), "--out", str(second), *MODEL]) == 0
    assert first.read_bytes() == second.read_bytes()


def test_every_setting_reaches_the_recipe(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    settings = "--guidance 2 --seed 9 --negative ugly --true-cfg 1.5 --mask-method align"
    settings += " --contour-scale 1 --overlap share --no-contour --no-contour-filter"
    settings += " --isolation-blocks 1-2 --caption-tokens 64 --region-tokens 20"
    assert main(["render", str(scene), "--out", str(out), *settings.split(), *QUICK]) == 0
    expected = studio.Sampling(
        steps=1,
        guidance=2.0,
        seed=9,
        negative_caption="ugly",
        true_cfg=1.5,
        mask_method="align",
        contour_scale=1,
        overlap="share",
        use_contour=False,
        filter_contour=False,
        isolation_blocks=(1, 2),
        caption_tokens=64,
        region_tokens=20,
    )
    assert studio.read_request(out).sampling == expected


def test_several_pictures_are_numbered(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    assert main(["render", str(scene), "--out", str(out), "--count", "2", *QUICK]) == 0
    assert [read_recipe(tmp_path / f"out-{n}.png")["index"] for n in (1, 2)] == [0, 1]


def test_a_folder_goes_into_a_folder_and_what_is_finished_is_skipped(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_scene(two_region_scene(32, 32).with_caption("night"), tmp_path / "night.json")
    command = ["render", str(tmp_path), "--out", str(tmp_path / "out"), "--format", "jsonl", *QUICK]
    assert main(command) == 0
    first = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (tmp_path / "out" / "night.png").unlink()
    assert main(command) == 0
    second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["scene"], line["event"]) for line in first if line["event"] != "step"] == [
        ("meadow", "rendered"),
        ("night", "rendered"),
        ("night", "end"),
    ]
    assert [line["event"] for line in second] == ["skipped", "step", "rendered", "end"]


def test_a_changed_setting_is_rendered_again(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    for gamma in ("1", "0.5"):
        assert main(["render", str(scene), "--out", str(out), "--gamma", gamma, *QUICK]) == 0
    assert studio.read_request(out).sampling.gamma == 0.5


def test_one_bad_scene_does_not_stop_the_others(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    # listed first, read last: the folder's good scene is rendered all the same
    write_scene(two_region_scene(40, 32), tmp_path / "odd.json")
    command = ["render", str(tmp_path / "odd.json"), str(scene), "--out", str(tmp_path / "out")]
    assert main([*command, *QUICK]) == 2
    assert (tmp_path / "out" / "meadow.png").exists()
    told = capsys.readouterr().err
    assert "odd: " in told
    assert "1 of 2 finished, 1 failed" in told
    assert main(["render", str(bad), "--out", str(tmp_path / "out"), *QUICK]) == 2
    assert "bad.json is not JSON" in capsys.readouterr().err


def test_a_render_that_fails_does_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b", "c"):
        write_scene(two_region_scene(32, 24), tmp_path / f"{name}.json")
    parser = argparse.ArgumentParser()
    render.add_arguments(parser)
    given = parser.parse_args([str(tmp_path), "--out", str(tmp_path / "out")])
    tasks = [Task(each.name, each, given.out, ".png") for each in list_scenes(tmp_path)]
    engine = ScriptedEngine(script=Script(out_of_memory=1))
    assert render_all(engine, tasks, given, Reporter(3, is_jsonl=False)) == 1
    assert sorted(path.name for path in given.out.iterdir()) == ["b.png", "c.png"]
    told = capsys.readouterr().err
    assert "a: " in told
    assert "2 of 3 finished, 1 failed: a." in told
    engine.script.out_of_memory = 1
    with pytest.raises(OutOfMemory):
        render_all(engine, tasks[:1], given, Reporter(1, is_jsonl=False))


def test_scenes_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_scene(two_region_scene(32, 32), tmp_path / folder / "same.json")
    scenes = [str(tmp_path / folder / "same.json") for folder in ("a", "b")]
    assert main(["render", *scenes, "--out", str(tmp_path / "out"), *QUICK]) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["same-2.png", "same.png"]


def test_a_scene_is_scaled_when_asked(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    assert main(["render", str(scene), "--out", str(out), "--size", "64x48", *QUICK]) == 0
    assert size_of(out) == (64, 48)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_an_interrupted_run_keeps_what_is_finished(scene: Path, tmp_path: Path) -> None:
    write_scene(two_region_scene(32, 32).with_caption("night"), tmp_path / "night.json", seed=1)
    command = [sys.executable, "-m", "studio", "render", str(tmp_path), "--format", "jsonl"]
    command += ["--out", str(tmp_path / "out"), *MODEL, "--steps", "30"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["scene"] == "night":
                process.send_signal(signal.SIGINT)
                break
        rest = [json.loads(line) for line in process.stdout]
    assert process.returncode == 130
    assert rest[-1]["event"] == "stopped"
    assert rest[-1]["finished"] == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["meadow.png"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no.json"], "does not exist"),
        (["{scene}", "--gamma", "0"], "Gamma is 0.0; it must be above 0"),
        (["{scene}", "--steps", "0"], "steps is 0"),
        (["{scene}", "--seed", "-1"], "seed is -1"),
        (["{scene}", "--size", "40x40"], "40 x 40"),
        (["{scene}", "--size", "0x0"], "cannot be 0 x 0"),
        (["{scene}", "--base", "nowhere"], "nowhere is not a folder"),
        (["{scene}", "--base", "FLUX.1-dev"], "hf download black-forest-labs/FLUX.1-dev"),
        (["{scene}", "--adapters", "nowhere"], "nowhere is not a folder"),
        (["{scene}", "--device", "abacus"], "abacus"),
        (["{scene}", "{scene}"], "one file, but there are 2 scenes"),
        (["{scene}", "--out", "{scene}"], "is a file; pictures end in .png"),
    ],
)
def test_a_mistake_is_one_sentence_and_changes_nothing(
    scene: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    before = sorted(tmp_path.iterdir())
    filled = [argument.replace("{scene}", str(scene)) for argument in arguments]
    assert main(["render", "--out", str(tmp_path / "out.png"), *QUICK, *filled]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told
    assert sorted(tmp_path.iterdir()) == before


def test_a_full_disk_is_no_stack_trace(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    command = ["render", str(scene), "--out", str(tmp_path / "file" / "out.png"), *QUICK]
    assert main(command) == 1
    assert "was not written" in capsys.readouterr().err


@pytest.mark.slow
def test_auto_gamma_renders_with_the_gamma_it_found_and_says_what_was_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = two_region_scene(64, 48)
    scene = scene.with_regions(replace(region, gamma=None) for region in scene.regions)
    write_scene(scene, tmp_path / "meadow.json")
    out, given = tmp_path / "out.png", _given("--auto-gamma", "0.3")
    engine, entry = ScriptedEngine(), list_scenes(tmp_path / "meadow.json")[0]
    reporter = Reporter(1, is_jsonl=False)
    assert render_all(engine, [Task("meadow", entry, out)], given, reporter) == 0
    assert engine.renders == 5  # four drafts and the picture
    assert "of 4 drafts that keeps every shape: the lowest overlap is" in capsys.readouterr().err
    recipe = read_recipe(out)
    assert recipe["made_with"]["auto_gamma"] == "0.3"
    assert recipe["sampling"]["gamma"] == 0.07


@pytest.mark.slow
def test_what_auto_gamma_finished_is_skipped_until_the_wish_is_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_scene(two_region_scene(64, 64), tmp_path / "meadow.json")
    command = ["render", str(tmp_path / "meadow.json"), "--out", str(tmp_path / "out.png"), *QUICK]
    told: list[str] = []
    for wish in ("0.99", "0.99", "0.98"):
        assert main([*command, "--auto-gamma", wish]) == 0
        told.append(capsys.readouterr().err)
    assert "Even gamma 1 misses the wished overlap of 0.99" in told[0]  # the model is random
    assert "was finished already" in told[1]
    assert "misses" not in told[1]
    assert "misses the wished overlap of 0.98" in told[2]


def _given(*options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    render.add_arguments(parser)
    return parser.parse_args(["scene", "--out", "out.png", *options])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--auto-gamma", "0"], "The wished overlap is 0.0"),
        (["--auto-gamma", "1.5"], "The wished overlap is 1.5"),
        (["--auto-gamma", "0.8", "--gamma", "0.5"], "leave one out"),
        (["--auto-gamma", "0.8", "--no-contour"], "gamma nothing to do"),
    ],
)
def test_auto_gamma_refuses_what_it_cannot_do(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert main(["render", str(scene), "--out", str(tmp_path / "out.png"), *options]) == 2
    assert words in capsys.readouterr().err
