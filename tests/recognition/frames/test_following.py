"""One click, masks on all frames: order, what is finished, bad frames, the folder on disk."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.files.scene_file import read_scene
from studio.recognition.frames.flow_tracker import FlowTracker
from studio.recognition.frames.folder import FrameFolder
from studio.recognition.frames.following import follow_thing
from studio.recognition.frames.results import FrameResults
from studio.scene.errors import Cancelled, PictureFileError, PromptError, SceneFileError
from studio.scene.region import Click
from tests.recognition.frames.series import Kept, Painted, box_at, write_frames
from tests.scripted_engine import FlatSegmenter

CLICK = Click(20, 30, 1)
TRACKER = FlowTracker(FlatSegmenter())  # pyright: ignore[reportArgumentType]


def test_frames_are_counted_as_people_count(tmp_path: Path) -> None:
    frames = FrameFolder.open(write_frames(tmp_path, 12))
    assert [frames.name(number) for number in (0, 1, 9, 11)] == [
        "shot 1",
        "shot 2",
        "shot 10",
        "shot 12",
    ]


def test_each_frame_gets_a_mask_and_a_scene(tmp_path: Path) -> None:
    frames = FrameFolder.open(write_frames(tmp_path / "in", 4))
    results = FrameResults(tmp_path / "out", "a red box")
    heard: list[int] = []
    follow_thing(frames, TRACKER, {0: (CLICK,)}, results, lambda number, _: heard.append(number))
    assert heard == [0, 1, 2, 3]
    scene = read_scene(tmp_path / "out" / "scenes" / "shot 3.json")
    assert [region.caption for region in scene.regions] == ["a red box"]
    mask = np.asarray(Image.open(tmp_path / "out" / "masks" / "shot 3.png"))
    assert np.mean(mask == box_at(2)) > 0.98


def test_the_thing_is_followed_both_ways_from_the_frame_that_was_clicked() -> None:
    frames, results = Painted(6), Kept()
    follow_thing(frames, TRACKER, {3: (Click(30, 30, 1),)}, results)
    assert frames.read_numbers == [
        3,
        4,
        5,
        3,
        2,
        1,
        0,
    ]  # the clicked one is recalled for the way back
    for number in range(6):
        assert np.mean(results.masks[f"{number:06}"] == box_at(number)) > 0.97


def test_what_is_finished_is_not_made_again_and_a_killed_run_goes_on(tmp_path: Path) -> None:
    frames = FrameFolder.open(write_frames(tmp_path / "in", 8))
    whole = FrameResults(tmp_path / "whole")
    follow_thing(frames, TRACKER, {0: (CLICK,)}, whole)
    stop, results = threading.Event(), FrameResults(tmp_path / "out")
    with pytest.raises(Cancelled):
        follow_thing(
            frames,
            TRACKER,
            {0: (CLICK,)},
            results,
            lambda number, _: stop.set() if number == 4 else None,
            stop,
        )
    heard: list[int] = []
    follow_thing(frames, TRACKER, {0: (CLICK,)}, results, lambda number, _: heard.append(number))
    assert heard == [5, 6, 7]
    for number in range(8):
        name = frames.name(number)
        assert np.array_equal(results.mask(name), whole.mask(name)), name
    follow_thing(frames, TRACKER, {0: (CLICK,)}, results, lambda number, _: heard.append(number))
    assert heard == [5, 6, 7]


def test_a_correction_makes_only_its_frame_and_those_after_it_again(tmp_path: Path) -> None:
    frames = FrameFolder.open(write_frames(tmp_path / "in", 6))
    results = FrameResults(tmp_path / "out")
    follow_thing(frames, TRACKER, {0: (CLICK,)}, results)
    heard: list[int] = []
    clicks = {0: (CLICK,), 3: (Click(25, 30, 1),)}
    follow_thing(frames, TRACKER, clicks, results, lambda number, _: heard.append(number))
    assert heard == [3, 4, 5]


def test_a_frame_of_another_size_ends_the_run_and_what_is_finished_stays(tmp_path: Path) -> None:
    folder = write_frames(tmp_path / "in", 5)
    Image.new("RGB", (64, 64)).save(folder / "shot 4.png")
    frames, results = FrameFolder.open(folder), FrameResults(tmp_path / "out")
    with pytest.raises(PictureFileError, match=r"Frame shot 4.png is 64 x 64 pixels"):
        follow_thing(frames, TRACKER, {0: (CLICK,)}, results)
    assert len(list((tmp_path / "out" / "masks").iterdir())) == 3


def test_an_unreadable_frame_ends_the_run_and_the_mended_one_goes_on(tmp_path: Path) -> None:
    folder = write_frames(tmp_path / "in", 5)
    good = (folder / "shot 3.png").read_bytes()
    (folder / "shot 3.png").write_bytes(good[:60])
    results = FrameResults(tmp_path / "out")
    with pytest.raises(PictureFileError, match=r"shot 3\.png"):
        follow_thing(FrameFolder.open(folder), TRACKER, {0: (CLICK,)}, results)
    (folder / "shot 3.png").write_bytes(good)
    heard: list[int] = []
    frames = FrameFolder.open(folder)
    follow_thing(frames, TRACKER, {0: (CLICK,)}, results, lambda number, _: heard.append(number))
    assert heard == [2, 3, 4]


@pytest.mark.parametrize(
    ("clicks", "words"),
    [
        ({}, "Click on the thing"),
        ({9: (CLICK,)}, "There is no frame 10; the series has 8"),
        ({0: (Click(200, 3, 1),)}, r"The click \(200, 3\) is outside the frames of 96 x 64"),
        ({0: (Click(3, 3, 0),)}, "first click has to be on the thing"),
    ],
)
def test_a_click_that_cannot_be_is_refused(clicks: dict, words: str) -> None:
    with pytest.raises(PromptError, match=words):
        follow_thing(Painted(8), TRACKER, clicks, Kept())


def test_a_folder_without_pictures_a_video_and_twins_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureFileError, match="holds no pictures"):
        FrameFolder.open(tmp_path)
    (tmp_path / "clip.mp4").write_bytes(b"0")
    with pytest.raises(PictureFileError, match=r"clip.mp4 is a video.*ffmpeg"):
        FrameFolder.open(tmp_path / "clip.mp4")
    with pytest.raises(PictureFileError, match="is not a folder"):
        FrameFolder.open(tmp_path / "none")
    write_frames(tmp_path / "in", 1)
    (tmp_path / "in" / "shot 1.jpg").write_bytes(b"0")
    with pytest.raises(PictureFileError, match="same name but for the ending"):
        FrameFolder.open(tmp_path / "in")


def test_a_hundred_thousand_frames_are_streamed(tmp_path: Path) -> None:
    """Nothing is read ahead: the run is ended at its third frame."""
    stop, frames = threading.Event(), Painted(100_000)
    with pytest.raises(Cancelled):
        follow_thing(
            frames,
            TRACKER,
            {0: (CLICK,)},
            Kept(),
            lambda number, _: stop.set() if number == 2 else None,
            stop,
        )
    assert frames.read_numbers == [0, 1, 2]


def test_clicks_are_kept_beside_the_masks(tmp_path: Path) -> None:
    results = FrameResults(tmp_path)
    assert results.read_clicks() == {}
    clicks = {0: (CLICK,), 7: (Click(1.5, 2, 0), Click(3, 4, 1))}
    results.keep_clicks(clicks)
    assert results.read_clicks() == clicks
    (tmp_path / "clicks.json").write_text(json.dumps({"frames": {"x": []}}))
    with pytest.raises(SceneFileError, match="cannot be read"):
        results.read_clicks()


def test_a_thing_out_of_sight_leaves_a_black_mask_and_no_scene(tmp_path: Path) -> None:
    results = FrameResults(tmp_path, "a box")
    results.put("1", box_at(0), "key")
    assert (tmp_path / "scenes" / "1.json").exists()
    results.put("1", np.zeros_like(box_at(0)), "key 2")
    assert not (tmp_path / "scenes" / "1.json").exists()
    assert not results.mask("1").any()
    assert results.is_done("1", "key 2")
    assert replace(results).is_done("1", "key") is False
