"""The figures, on pictures small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from studio.evaluation.judge import Judge
from studio.evaluation.metrics import (
    boundary_f,
    decibels,
    mean_iou,
    nearest_labels,
    shape_scores,
)
from studio.scene.region_look import core_of, features_of, has_colour


def halves() -> tuple[np.ndarray, list[np.ndarray]]:
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[:, :16] = (204, 28, 28)
    picture[:, 16:] = (33, 79, 204)
    left = np.zeros((32, 32), bool)
    left[:, :16] = True
    return picture, [left, ~left]


def test_two_clean_halves_are_perfect() -> None:
    picture, masks = halves()
    scores = shape_scores(picture, masks)
    assert scores.iou == pytest.approx(1.0)
    assert scores.boundary == pytest.approx(1.0)
    assert has_colour(picture, masks[0], "red")
    assert has_colour(picture, masks[1], "blue")


def test_iou_of_a_shifted_border_is_what_the_hand_says() -> None:
    labels = np.zeros((4, 8), np.int64)
    labels[:, 6:] = 1
    left = np.zeros((4, 8), bool)
    left[:, :4] = True
    assert mean_iou(labels, [left, ~left]) == pytest.approx((16 / 24 + 8 / 16) / 2)


def test_a_border_beyond_reach_does_not_count() -> None:
    labels = np.zeros((32, 32), np.int64)
    labels[:, 26:] = 1
    left = np.zeros((32, 32), bool)
    left[:, :16] = True
    assert boundary_f(labels, [left, ~left]) == 0
    labels[:, 18:] = 1
    assert boundary_f(labels, [left, ~left]) == pytest.approx(1.0)


def test_a_picture_of_one_colour_has_no_shape() -> None:
    _, masks = halves()
    grey = np.full((32, 32, 3), 128, np.uint8)
    assert len(np.unique(nearest_labels(grey, masks))) == 1


def test_the_core_leaves_the_rim_out() -> None:
    mask = np.zeros((32, 32), bool)
    mask[4:28, 4:28] = True
    core = core_of(mask)
    assert core[16, 16]
    assert not core[5, 5]


def test_decibels_of_a_constant_error() -> None:
    black = np.zeros((4, 4, 3), np.uint8)
    assert decibels(black, black + 255) == pytest.approx(0.0)


def test_the_judge_tells_stripes_from_plain() -> None:
    rng = np.random.default_rng(0)
    mask = np.ones((32, 32), bool)
    features, names = [], []
    for _ in range(8):
        plain = np.clip(rng.normal(128, 4, (32, 32, 3)), 0, 255).astype(np.uint8)
        striped = plain.copy()
        striped[::4] //= 2
        features += [features_of(plain, mask), features_of(striped, mask)]
        names += ["plain", "stripes"]
    judge = Judge(features[:12], names[:12])
    assert [judge.best(each) for each in features[12:]] == names[12:]
