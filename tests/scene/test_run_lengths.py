"""Shapes on the wire: runs that start with off, in a box, cut to the scene."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from studio.scene.errors import SceneError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.run_lengths import box_of, decode_runs, encode_runs, pixels_of, shape_of


def test_runs_start_with_off() -> None:
    pixels = np.array([[1, 1, 0], [0, 1, 0]], bool)
    assert encode_runs(pixels) == [0, 2, 2, 1, 1]
    assert encode_runs(~pixels) == [2, 2, 1, 1]


@given(arrays.arrays(bool, arrays.array_shapes(min_dims=2, max_dims=2, max_side=9)))
def test_a_shape_comes_back_as_it_was(pixels: np.ndarray) -> None:
    mask = Mask(pixels)
    assert Mask(pixels_of(shape_of(mask), mask.extent)) == mask
    assert np.array_equal(decode_runs(encode_runs(pixels), mask.extent), pixels)


@given(st.integers(-6, 10), st.integers(-6, 10))
def test_what_lies_outside_the_scene_is_cut(left: int, top: int) -> None:
    shape = {"box": [left, top, left + 3, top + 2], "counts": [0, 6]}
    expected = np.zeros((8, 8), bool)
    expected[max(top, 0) : max(top + 2, 0), max(left, 0) : max(left + 3, 0)] = True
    assert np.array_equal(pixels_of(shape, Extent(8, 8)), expected)


@pytest.mark.parametrize(
    "shape",
    [
        None,
        {"box": [0, 0, 2], "counts": [4]},
        {"box": [0, 0, 2, 2], "counts": [3]},
        {"box": [0, 0, 2, 2], "counts": [5, -1]},
        {"box": [0, 0, 2, 2], "counts": [4.0]},
        {"box": [0, 0, 2, 2], "counts": "4"},
        {"box": [0, 0, 2, 2]},
        {"box": [2, 0, 0, 2], "counts": [4]},
        {"box": [0, 0, 10**9, 1], "counts": [10**9]},
        {"box": [0.5, 0, 2, 2], "counts": [4]},
    ],
)
def test_a_shape_that_cannot_be_is_refused(shape: object) -> None:
    with pytest.raises(SceneError):
        pixels_of(shape, Extent(4, 4))


def test_a_box_larger_than_any_scene_is_refused() -> None:
    with pytest.raises(SceneError, match="too large"):
        box_of([0, 0, 90_000, 90_000])
