"""Following without weights: where a thing went, what of it is seen, corrections."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.frames import moving_scenes, overlaps
from studio.recognition.frames.alignment import Keyframe, aligned, flowed, shifted
from studio.recognition.frames.flow_tracker import FlowTracker
from studio.scene.region import Click
from tests.recognition.frames.series import EXTENT, box_at, frame
from tests.scripted_engine import FlatSegmenter

CLICK = Click(20, 30, 1)


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)


def tracker() -> FlowTracker:
    return FlowTracker(FlatSegmenter())  # pyright: ignore[reportArgumentType]


def test_a_thing_that_moves_is_followed() -> None:
    track = tracker().begin(EXTENT, 1)
    for number in range(12):
        mask = track.follow(number, frame(number), [CLICK] if number == 0 else ())
        assert iou(mask, box_at(number)) > 0.9, number


def test_what_a_thing_goes_behind_is_not_taken_for_it() -> None:
    track = tracker().begin(EXTENT, 1)
    for number in range(8):
        picture, truth = frame(number), box_at(number)
        picture[:, 44:56] = (20, 160, 40)  # a green pole
        truth[:, 44:56] = False
        mask = track.follow(number, picture, [CLICK] if number == 0 else ())
        is_whole = not (box_at(number) & ~truth).any()
        assert iou(mask, truth) > (0.9 if is_whole else 0.45), number  # its colour has no texture
        assert not mask[:, 47:53].any()


def test_a_thing_out_of_sight_has_an_empty_mask() -> None:
    track = tracker().begin(EXTENT, 1)
    track.follow(0, frame(0), [CLICK])
    picture = np.full((*EXTENT.shape, 3), (30, 150, 60), np.uint8)
    assert not track.follow(1, picture).any()
    assert iou(track.follow(2, frame(1)), box_at(1)) > 0.9  # and is found where it was


def test_a_click_corrects_a_frame_and_those_after_it() -> None:
    track = tracker().begin(EXTENT, 1)
    for number in range(3):
        track.follow(number, frame(number), [CLICK] if number == 0 else ())
    blue = frame(3)
    blue[50:60, 50:70] = (30, 60, 220)
    other = np.zeros(EXTENT.shape, np.bool_)
    other[50:60, 50:70] = True
    assert iou(track.follow(3, blue, [Click(60, 55, 1)]), other) > 0.95
    assert iou(track.follow(4, blue), other) > 0.9


def test_a_track_that_is_taken_up_goes_on_where_it_was() -> None:
    track = tracker().begin(EXTENT, 1)
    track.recall(0, frame(0), box_at(0), was_clicked=True)
    track.recall(6, frame(6), box_at(6), was_clicked=False)
    assert iou(track.follow(7, frame(7)), box_at(7)) > 0.9


def test_a_shift_a_flow_and_an_alignment_say_where_a_thing_went() -> None:
    within = box_at(0).astype(np.float32)
    assert shifted(frame(0), within, frame(4)).tolist() == [[1, 0, 12], [0, 1, 0]]
    flow = np.zeros((*EXTENT.shape, 2), np.float32)
    flow[box_at(0)] = (5, -2)
    move = flowed(within, flow)
    assert move is not None
    assert np.allclose(move, [[1, 0, 5], [0, 1, -2]], atol=0.01)
    found, off = aligned(Keyframe.of(frame(0), within), frame(2), np.eye(3)[:2])
    assert np.allclose(found @ [22, 32, 1], [28, 32], atol=1)
    assert off < 5


@pytest.mark.slow
def test_painted_things_are_followed_through_moving_scenes() -> None:
    own = FlowTracker()
    series = [next(moving_scenes(kind, 950_000, 1, 12)) for kind in ("moving", "occluded")]
    found = [overlaps(each, own) for each in series]
    assert all(each[-1] > each[0] - 0.1 for each in found)
