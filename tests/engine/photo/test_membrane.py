"""The drift membrane: a decoder's shift of colours is measured where the photo was kept."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from skimage import data

from studio.engine.photo.membrane import drift


def smooth_drift(height: int, width: int, seed: int, deviation: float = 6.0) -> np.ndarray:
    field = np.random.default_rng(seed).normal(size=(4, 4, 3)).astype(np.float32)
    wide = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
    return deviation * wide / wide.std()


def photograph(height: int = 320, width: int = 480) -> np.ndarray:
    cat = cv2.resize(data.chelsea(), (width, height), interpolation=cv2.INTER_AREA)
    return np.clip(cat.astype(np.float32), 20, 235)


def round_mask(height: int, width: int, radius: float) -> np.ndarray:
    rows, columns = np.ogrid[:height, :width]
    return (rows - height / 2) ** 2 + (columns - width / 2) ** 2 <= radius**2


@pytest.mark.parametrize("seed", range(4))
def test_a_smooth_drift_leaves_at_most_a_level_in_the_kept_ring(seed: int) -> None:
    photo = photograph()
    mask = round_mask(320, 480, 80)
    decoded = photo + smooth_drift(320, 480, seed)
    decoded[mask] = 200
    repaired = decoded + drift(photo, decoded, ~mask, smooth=8)
    ring = cv2.dilate(mask.astype(np.uint8), np.ones((17, 17))).astype(bool) & ~mask
    assert np.abs(repaired - photo)[ring].mean() <= 1
    assert np.abs(decoded - photo)[ring].mean() > 2


@pytest.mark.parametrize("seed", range(4))
def test_an_object_of_a_new_colour_keeps_it(seed: int) -> None:
    photo, mask = photograph(), round_mask(320, 480, 80)
    wanted = photo.copy()
    wanted[mask] = (30, 60, 200)
    decoded = wanted + smooth_drift(320, 480, seed)
    repaired = decoded + drift(photo, decoded, ~mask, smooth=8)
    assert np.abs((repaired - wanted)[mask].mean(axis=0)).max() <= 2
    assert np.abs(repaired - wanted)[mask].mean() <= 2


def test_without_drift_nothing_is_added() -> None:
    photo, mask = photograph(), round_mask(320, 480, 80)
    decoded = photo.copy()
    decoded[mask] = 255
    assert np.abs(drift(photo, decoded, ~mask, smooth=8)).max() < 1e-3


def test_where_nothing_was_kept_there_is_nothing_to_measure() -> None:
    photo = photograph(32, 48)
    assert not drift(photo, photo + 9, np.zeros((32, 48), np.bool_), smooth=8).any()


def test_an_even_shift_is_taken_out_whole_from_a_single_kept_corner() -> None:
    photo = photograph(64, 64)
    kept = np.zeros((64, 64), np.bool_)
    kept[:3, :3] = True
    assert np.abs(drift(photo, photo + 9, kept, smooth=4) + 9).max() < 1e-2


def test_what_differs_far_too_much_is_no_drift() -> None:
    photo, mask = photograph(), round_mask(320, 480, 80)
    assert np.abs(drift(photo, 255 - photo, ~mask, smooth=8)).max() <= 40.01


def test_six_hundred_pixels_take_less_than_a_second() -> None:
    photo, mask = photograph(600, 600), round_mask(600, 600, 200)
    decoded = photo + smooth_drift(600, 600, 0)
    drift(photo, decoded, ~mask, smooth=8)
    best = min(_seconds(photo, decoded, mask) for _ in range(3))
    assert best <= 1


def _seconds(photo: np.ndarray, decoded: np.ndarray, mask: np.ndarray) -> float:
    started = time.process_time()
    drift(photo, decoded, ~mask, smooth=8)
    return time.process_time() - started
