"""`segment --find`, `segment --similar`, `caption` and `layout`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.commands.cli import main
from studio.files.scene_file import read_scene, write_scene
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.scene import Scene

SPOTS = ((6, 6), (36, 6), (6, 28))


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three red boxes and a blue strip on grey."""
    pixels = np.full((48, 64, 3), 150, np.uint8)
    for left, top in SPOTS:
        pixels[top : top + 14, left : left + 14] = (200, 30, 30)
    pixels[30:35, 26:62] = (30, 60, 200)
    path = tmp_path_factory.mktemp("words") / "boxes.png"
    Image.fromarray(pixels).save(path)
    return path


def ask(*words: object) -> int:
    return main([str(word) for word in words])


def test_words_become_regions(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scene.json"

    assert ask("segment", picture, "--find", "red", "--finder", "measured", "--out", out) == 0

    assert [region.caption for region in read_scene(out).regions] == ["red"] * 3
    assert "3 found, scores" in capsys.readouterr().out


def test_a_click_finds_what_looks_like_it(picture: Path, tmp_path: Path) -> None:
    out = tmp_path / "scene.json"
    words = ["--box", "6,6,20,20", "--similar", "--features", "measured", "--segmenter", "click"]

    assert ask("segment", picture, *words, "--caption", "box", "--out", out) == 0

    regions = read_scene(out).regions
    assert [region.caption for region in regions] == ["box"] * 3
    assert regions[-1].mask.pixels[12, 12]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--find", "yellow"], "Nothing that looks like 'yellow'"),
        (["--find", "red", "--everything"], "not both"),
        (["--everything", "--similar"], "--similar needs the one thing"),
        (["--find", "red", "--finder", "owl"], "no finder called 'owl'"),
    ],
)
def test_what_cannot_be_found_is_told_and_nothing_written(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    out = tmp_path / "scene.json"

    assert ask("segment", picture, *words, "--out", out) == 2

    assert told in capsys.readouterr().err
    assert not out.exists()


def test_captions_are_printed_and_written_only_where_there_is_none(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    masks = [np.zeros((48, 64), np.bool_) for _ in range(2)]
    masks[0][6:20, 6:20] = masks[1][30:35, 26:62] = True
    scene = tmp_path / "scene.json"
    regions = [Region(Mask(masks[0]), ""), Region(Mask(masks[1]), "x")]
    write_scene(Scene(64, 48, None, regions), scene)
    out = tmp_path / "captioned.json"
    words = ["caption", picture, "--scene", scene, "--captioner", "measured"]

    assert ask(*words, "--out", out) == 0

    told = capsys.readouterr().out
    assert "(by measured)" in told
    assert "red" in told.splitlines()[1]
    assert read_scene(scene).regions[0].caption == ""
    assert "red" in read_scene(out).regions[0].caption
    assert read_scene(out).regions[1].caption == "x"


def test_a_sentence_becomes_a_scene_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scene.json"
    words = ["layout", "a cat on green grass", "--captioner", "measured", "--out", out]

    assert ask(*words, "--size", "64x32") == 0
    assert read_scene(out).extent == (64, 32)
    assert [region.caption for region in read_scene(out).regions] == ["green grass", "cat"]
    assert ask(*words, "--size", "large") == 2
    assert "--size is 'large'" in capsys.readouterr().err
