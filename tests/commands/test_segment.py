"""`python -m studio segment`: from a photo to a scene file."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.commands.segment import add_arguments, run
from studio.files.scene_file import read_scene
from studio.scene.errors import MissingWeights, PictureFileError, PromptError
from tests.segmentation.click.test_click_segmenter import card, iou, photo


def segment(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args([*words, "--segmenter", "click"]))


@pytest.fixture
def picture(tmp_path: Path) -> str:
    Image.fromarray(photo()).save(tmp_path / "photo.png")
    return str(tmp_path / "photo.png")


def test_a_click_becomes_a_scene_with_one_region(
    picture: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scene.json"

    segment(picture, "--point", "85,85", "--not", "180,110", "--out", str(out))

    scene = read_scene(out)
    assert (scene.width, scene.height) == (240, 180)
    assert len(scene.regions) == 1
    assert iou(scene.regions[0].mask.pixels, card()) > 0.95
    assert "by click" in capsys.readouterr().out


def test_a_box_becomes_a_region(picture: str, tmp_path: Path) -> None:
    out = tmp_path / "scene.json"

    segment(picture, "--box", "60,50,110,120", "--out", str(out))

    assert iou(read_scene(out).regions[0].mask.pixels, card()) > 0.9


def test_everything_covers_the_scene(picture: str, tmp_path: Path) -> None:
    out = tmp_path / "scene.json"

    segment(picture, "--everything", "--out", str(out))

    regions = read_scene(out).regions
    assert len(regions) > 2
    assert np.any([region.mask.pixels for region in regions], axis=0).all()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "for one thing, or --everything"),
        (("--everything", "--point", "1,1"), "not both"),
        (("--point", "1;1"), "--point is '1;1'; it must be X,Y"),
        (("--point", "1,1", "--box", "1,1,5"), "must be X0,Y0,X1,Y1"),
        (("--point", "999,1"), "outside the picture of 240 x 180"),
        (("--not", "5,5"), "Nothing points at the thing"),
    ],
)
def test_words_that_cannot_be_are_refused_and_nothing_is_written(
    picture: str, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    out = tmp_path / "scene.json"

    with pytest.raises(PromptError, match=says):
        segment(picture, *words, "--out", str(out))
    assert not out.exists()


def test_a_photo_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureFileError, match=r"gone.jpg does not exist"):
        segment(str(tmp_path / "gone.jpg"), "--point", "1,1", "--out", str(tmp_path / "s.json"))


def test_the_environment_names_the_segmenter(
    picture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [picture, "--point", "85,85", "--out", str(tmp_path / "scene.json")]
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    monkeypatch.setenv("STUDIO_SEGMENTER", "no-such-segmenter")

    with pytest.raises(MissingWeights, match="no-such-segmenter"):
        run(parser.parse_args(words))
    assert run(parser.parse_args([*words, "--segmenter", "click"])) == 0


def test_a_caption_stands_in_the_scene(picture: str, tmp_path: Path) -> None:
    out = tmp_path / "scene.json"
    segment(picture, "--point", "85,85", "--caption", "a red ball", "--out", str(out))
    assert read_scene(out).regions[0].caption == "a red ball"
    with pytest.raises(PromptError, match="--caption is for one thing"):
        segment(picture, "--everything", "--caption", "a", "--out", str(out))


def test_a_large_photo_is_clicked_at_its_own_pixels(tmp_path: Path) -> None:
    large = np.kron(photo(), np.ones((12, 12, 1), np.uint8))
    truth = np.kron(card(), np.ones((12, 12), bool))
    Image.fromarray(large).save(tmp_path / "large.jpg", quality=95)
    out = tmp_path / "scene.json"

    segment(str(tmp_path / "large.jpg"), "--point", "1020,1020", "--out", str(out))

    scene = read_scene(out)
    assert (scene.width, scene.height) == (2880, 2160)
    assert iou(scene.regions[0].mask.pixels, truth) > 0.95
