"""Clicks and boxes from outside are checked before anything is computed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from studio.scene.errors import PromptError
from studio.scene.geometry import Extent
from studio.segmentation.prompt import read_prompt

EXTENT = Extent(40, 30)


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ({}, "Nothing points"),
        ({"points": [(5, 5)], "labels": [0]}, "Nothing points"),
        ({"points": [(40, 5)]}, "outside the picture of 40 x 30"),
        ({"points": [(5, 30)]}, "outside"),
        ({"points": [(-1, 5)]}, "outside"),
        ({"points": [(1e9, 5)]}, "outside"),
        ({"points": [(math.nan, 5)]}, "NaN"),
        ({"points": [("a", "b")]}, "no numbers"),
        ({"points": [(None, 3)]}, "NaN|no numbers"),
        ({"points": [(1, 2, 3)]}, "pairs"),
        ({"points": [(1, 1)] * 10_000}, "10000 points; at most 64"),
        ({"points": [(1, 1)], "labels": [1, 0]}, "1 points but 2 labels"),
        ({"points": [(1, 1)], "labels": [2]}, "label is 1"),
        ({"box": (10, 5, 5, 20)}, "empty or inverted"),
        ({"box": (5, 5, 5, 20)}, "empty or inverted"),
        ({"box": (5, 5, 50, 20)}, "outside"),
        ({"box": (5, 5, math.inf, 20)}, "NaN or infinite"),
        ({"box": (5, 5, 20)}, "x0, y0, x1, y1"),
        ({"mask": np.zeros((5, 5), np.bool_)}, "the picture is 40 x 30"),
        ({"mask": np.full((5, 5), np.nan, np.float32)}, "NaN"),
        ({"mask": [[1.0]]}, "2-D array"),
    ],
)
def test_a_prompt_that_cannot_be_used_is_refused_with_its_value(prompt: dict, says: str) -> None:
    with pytest.raises(PromptError, match=says):
        read_prompt(EXTENT, **prompt)


def test_clicks_are_read_in_their_order_with_label_1_unless_told() -> None:
    prompt = read_prompt(EXTENT, points=[(3, 4), (39.5, 29.5)])

    assert prompt.points.tolist() == [[3, 4], [39.5, 29.5]]
    assert prompt.labels.tolist() == [1, 1]


def test_only_a_lone_click_is_ambiguous() -> None:
    assert read_prompt(EXTENT, points=[(3, 4)]).is_ambiguous
    assert not read_prompt(EXTENT, points=[(3, 4), (5, 5)]).is_ambiguous
    assert not read_prompt(EXTENT, box=(0, 0, 40, 30)).is_ambiguous


def test_a_drawn_mask_becomes_sure_logits() -> None:
    drawn = np.zeros(EXTENT.shape, np.bool_)
    drawn[2:5, 3:9] = True

    prompt = read_prompt(EXTENT, mask=drawn)

    assert prompt.mask is not None
    assert np.array_equal(prompt.mask > 0, drawn)
    assert set(np.unique(prompt.mask).tolist()) == {-10, 10}
