"""SAM 2.1's video model at a tiny size, frame by frame."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import Sam2VideoInferenceSession

from studio.config import Settings
from studio.recognition.frames.following import follow_thing
from studio.recognition.frames.sam2_tracker import Sam2Tracker, read_sam2_video
from studio.recognition.loading import load_tracker
from studio.scene.errors import WrongArchitecture
from studio.scene.region import Click
from studio.segmentation.sam2.sam2_segmenter import postprocess, preprocess
from tests.recognition.frames.series import EXTENT, SIDE, Kept, Painted, frame, tiny_sam2_video

CLICK = Click(20, 30, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_sam2_video(tmp_path_factory.mktemp("weights") / "sam2.1-hiera-tiny")


@pytest.fixture(scope="module")
def tracker(folder: Path) -> Sam2Tracker:
    return read_sam2_video(folder, "cpu")


def test_the_masks_are_those_of_the_model_given_the_whole_series(tracker: Sam2Tracker) -> None:
    track = tracker.begin(EXTENT, 1)
    masks = [track.follow(n, frame(n), [CLICK] if n == 0 else ()) for n in range(10)]
    session: Any = Sam2VideoInferenceSession(dtype=torch.float32)
    thing = session.obj_id_to_idx(1)
    scaled = torch.tensor([[[[CLICK.x * SIDE / EXTENT.width, CLICK.y * SIDE / EXTENT.height]]]])
    clicked = {"point_coords": scaled, "point_labels": torch.ones(1, 1, 1, dtype=torch.int32)}
    session.add_point_inputs(thing, 0, clicked)
    session.obj_with_new_inputs = [1]
    for number, mask in enumerate(masks):
        with torch.inference_mode():
            output = tracker.model(session, frame=preprocess(frame(number), SIDE))
        assert np.array_equal(mask, postprocess(output.pred_masks[0, 0], EXTENT)), number
    assert 0 < np.mean(masks) < 1


def test_nothing_grows_with_the_frames(tracker: Sam2Tracker) -> None:
    def held(track: Any) -> int:
        outputs = [each for kind in track._outputs.values() for each in kind.values()]
        tensors = [value for each in outputs for value in each.values()]
        return sum(value.numel() for value in tensors if isinstance(value, torch.Tensor))

    track = tracker.begin(EXTENT, 1)
    sizes: list[int] = []
    for number in range(48):
        track.follow(number, frame(number % 16), [CLICK] if number == 0 else ())
        sizes.append(held(track))
    assert len(set(sizes[20:])) == 1
    session: Any = track._session
    assert not session.processed_frames
    assert not session.frames_tracked_per_obj[0]


def test_a_correction_changes_its_frame_and_is_remembered(tracker: Sam2Tracker) -> None:
    plain, corrected = Kept(), Kept()
    follow_thing(Painted(6), tracker, {0: (CLICK,)}, plain)
    clicks = {0: (CLICK,), 3: (Click(60, 30, 1), Click(5, 5, 0))}
    follow_thing(Painted(6), tracker, clicks, corrected)
    same = [np.array_equal(plain.masks[name], corrected.masks[name]) for name in plain.masks]
    assert same[:3] == [True, True, True]
    assert not same[3]


def test_a_series_is_followed_back_to_its_beginning(tracker: Sam2Tracker) -> None:
    results = Kept()
    follow_thing(Painted(6), tracker, {3: (Click(30, 30, 1),)}, results)
    assert sorted(results.masks) == [f"{number:06}" for number in range(6)]


def test_an_interrupted_run_is_taken_up_without_looking_at_all_again(tracker: Sam2Tracker) -> None:
    whole, results = Kept(), Kept()
    follow_thing(Painted(12), tracker, {0: (CLICK,)}, whole)
    results.masks = {name: mask for name, mask in whole.masks.items() if int(name) < 9}
    results.keys = {name: whole.keys[name] for name in results.masks}
    frames = Painted(12)
    follow_thing(frames, tracker, {0: (CLICK,)}, results)
    assert frames.read_numbers == [0, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert results.keys == whole.keys


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_follows_too(folder: Path, tracker: Sam2Tracker, dtype: torch.dtype) -> None:
    whole = read_sam2_video(folder, "cpu")
    half = Sam2Tracker(whole.model, whole.name, whole.digest, dtype)
    track, other = half.begin(EXTENT, 1), tracker.begin(EXTENT, 1)
    for number in range(3):
        clicks = [CLICK] if number == 0 else ()
        one, two = (each.follow(number, frame(number), clicks) for each in (track, other))
        assert np.mean(one == two) > 0.9


def test_the_published_folder_is_the_tracker_and_one_without_memory_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    found = load_tracker(Settings(weights=folder.parent, device="cpu"))
    assert isinstance(found, Sam2Tracker)
    assert found.name == "sam2.1-hiera-tiny"
    assert load_tracker(Settings(weights=folder.parent, segmenter="click")).memory == 1
    cut = tmp_path / "sam2.1-hiera-tiny"
    shutil.copytree(folder, cut)
    tensors = load_file(cut / "model.safetensors")
    kept = {name: each for name, each in tensors.items() if "memory_encoder" not in name}
    save_file(kept, cut / "model.safetensors", {"format": "pt"})
    with pytest.raises(WrongArchitecture, match=r"lacks memory_encoder\.\S+; it is no SAM 2\.1"):
        load_tracker(Settings(weights=tmp_path, device="cpu"))
