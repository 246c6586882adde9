"""Regions against captions: measured words, and which region shows its neighbour's."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.leaks import area_under_curve, interval, judge, planted_leaks
from studio.recognition.agreement import Leak, find_leaks, nearest_other
from studio.recognition.finder import Pixels
from studio.recognition.word_agreement import WordAgreement
from tests.builders import box_mask

RED, BLUE, GREEN = (204, 28, 28), (33, 79, 204), (43, 148, 51)
LEFT, RIGHT = box_mask(48, 32, 0, 0, 24, 32), box_mask(48, 32, 24, 0, 48, 32)


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> Pixels:
    picture = np.zeros((32, 48, 3), np.uint8)
    picture[LEFT], picture[RIGHT] = left, right
    return picture


def test_a_region_agrees_best_with_the_caption_that_names_its_colour() -> None:
    captions = ["a red ball", "a blue ball", "a green ball"]
    rows = WordAgreement().compare(halves(RED, BLUE), [LEFT, RIGHT], captions)
    assert rows.shape == (2, 3)
    assert rows.dtype == np.float32
    assert rows.argmax(axis=1).tolist() == [0, 1]
    assert rows[0, 0] > 2
    assert rows[0, 1] < 0


def test_a_caption_that_names_nothing_measurable_is_not_judged() -> None:
    rows = WordAgreement().compare(halves(RED, BLUE), [LEFT, RIGHT], ["an old friend", "blue"])
    assert np.isnan(rows[:, 0]).all()
    assert nearest_other(rows, ["an old friend", "blue"], 0) == (None, 0.0)
    assert nearest_other(rows, ["an old friend", "blue"], 1) == (None, 0.0)


def test_an_empty_region_is_not_judged() -> None:
    rows = WordAgreement().compare(halves(RED, BLUE), [np.zeros_like(LEFT), RIGHT], ["red", "blue"])
    assert np.isnan(rows[0]).all()
    assert np.isfinite(rows[1]).all()


def test_the_region_that_shows_its_neighbours_words_is_found() -> None:
    captions = ["a red ball", "a blue ball"]
    agreement = WordAgreement()
    clean = agreement.compare(halves(RED, BLUE), [LEFT, RIGHT], captions)
    assert find_leaks(clean, captions, agreement.margin) == []
    leaked = agreement.compare(halves(BLUE, BLUE), [LEFT, RIGHT], captions)
    found = find_leaks(leaked, captions, agreement.margin)
    assert [(leak.region, leak.shows) for leak in found] == [(0, 1)]


def test_the_clearest_leak_comes_first_and_equal_captions_cannot_leak() -> None:
    rows = np.array([[0, 3, 9], [5, 0, 0], [9, 0, 0]], np.float32)
    assert find_leaks(rows, ["a", "b", "A "], 2.0) == [Leak(1, 0, 5.0), Leak(0, 1, 3.0)]
    assert find_leaks(rows, ["a", "b", "A "], 4.0) == [Leak(1, 0, 5.0)]


def test_the_area_under_the_curve_is_the_chance_to_rank_a_leak_higher() -> None:
    positives, negatives = np.array([3.0, 1.0]), np.array([0.0, 1.0])
    assert area_under_curve(positives, negatives) == (1 + 1 + 1 + 0.5) / 4


@pytest.mark.slow
def test_planted_leaks_are_told_from_clean_regions() -> None:
    cases = [judge(each, WordAgreement()) for each in planted_leaks(800_000, 100)]
    area, low, _ = interval(cases, "leaked", np.random.default_rng(0), 200)
    assert area > 0.93
    assert low > 0.9
