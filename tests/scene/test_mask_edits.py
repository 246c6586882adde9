"""Edits of one mask, each against a case worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from studio.scene.errors import SceneError
from studio.scene.geometry import Bounds, Extent
from studio.scene.mask import Mask
from studio.scene.mask_edits import (
    combine,
    fill_holes,
    grow,
    invert,
    largest_part,
    moved,
    place,
    resized,
    smooth,
    turned,
)
from tests.builders import box_mask


def test_combining_adds_subtracts_intersects_and_replaces() -> None:
    mask, other = Mask(box_mask(8, 8, 0, 0, 4, 4)), box_mask(8, 8, 2, 2, 6, 6)
    assert combine(mask, other, "add").area == 28
    assert combine(mask, other, "subtract").area == 12
    assert combine(mask, other, "intersect").area == 4
    assert combine(mask, other, "replace") == Mask(other)
    with pytest.raises(SceneError, match="xor"):
        combine(mask, other, "xor")


def test_growing_by_one_adds_the_four_neighbours() -> None:
    dot = Mask(box_mask(5, 5, 2, 2, 3, 3))
    assert grow(dot, 1).area == 5
    assert grow(grow(dot, 2), -2).pixels[2, 2]
    assert grow(dot, -1).area == 0


def test_a_mask_at_the_edge_does_not_shrink_from_the_edge() -> None:
    half = Mask(box_mask(8, 8, 0, 4, 8, 8))
    assert grow(half, -1) == Mask(box_mask(8, 8, 0, 5, 8, 8))


def test_smoothing_rounds_a_corner_and_keeps_the_middle() -> None:
    square = Mask(box_mask(32, 32, 8, 8, 24, 24))
    rounded = smooth(square, 3)
    assert not rounded.pixels[8, 8]
    assert rounded.pixels[16, 16]
    assert rounded.pixels[8, 16]


def test_holes_are_filled_but_bays_are_not() -> None:
    ring = box_mask(9, 9, 1, 1, 8, 8) & ~box_mask(9, 9, 3, 3, 6, 6)
    assert fill_holes(Mask(ring)) == Mask(box_mask(9, 9, 1, 1, 8, 8))
    bay = ring & ~box_mask(9, 9, 6, 4, 9, 5)
    assert fill_holes(Mask(bay)) == Mask(bay)


def test_a_hole_at_the_edge_of_the_picture_stays_open() -> None:
    frame = Mask(~box_mask(6, 6, 0, 2, 3, 4))
    assert fill_holes(frame) == frame


def test_the_largest_part_stays() -> None:
    two = box_mask(8, 8, 0, 0, 2, 2) | box_mask(8, 8, 4, 4, 8, 8)
    assert largest_part(Mask(two)) == Mask(box_mask(8, 8, 4, 4, 8, 8))


def test_inverting_twice_changes_nothing() -> None:
    mask = Mask(box_mask(8, 8, 0, 0, 3, 3))
    assert invert(invert(mask)) == mask


def test_a_region_is_moved_and_scaled_to_a_box() -> None:
    mask = Mask(box_mask(16, 16, 2, 2, 6, 6))
    assert place(mask, Bounds(4, 0, 12, 8)) == Mask(box_mask(16, 16, 4, 0, 12, 8))
    assert moved(mask, 12, 0) == Mask(box_mask(16, 16, 14, 2, 16, 6))
    assert moved(mask, 40, 0).area == 0


def test_resizing_keeps_a_line_too_thin_to_sample() -> None:
    line = Mask(box_mask(64, 64, 0, 5, 64, 6))
    assert resized(line, Extent(8, 8)).area == 8
    assert resized(line, Extent(64, 64)) is line


def test_the_inner_width_of_a_bar_is_its_thickness() -> None:
    assert Mask(box_mask(64, 64, 4, 10, 60, 17)).inner_width == pytest.approx(7, abs=0.5)


def test_turning_a_quarter_turns_about_the_middle_of_the_box() -> None:
    pixels = np.zeros((9, 11), np.bool_)
    pixels[3:6, 2:9] = True
    pixels[3, 8] = False
    quarter = turned(Mask(pixels), 90).pixels
    assert quarter[1:8, 4:7].sum() == 20
    assert not quarter[7, 6]  # the corner that was above right is below right
    assert np.array_equal(turned(Mask(pixels), 360).pixels, pixels)


def test_mirroring_twice_changes_nothing() -> None:
    pixels = np.zeros((7, 10), np.bool_)
    pixels[2:5, 3:7] = True
    pixels[1, 6] = True
    once = turned(Mask(pixels), 0, mirrored=True)
    assert once.pixels[1, 3]
    assert np.array_equal(turned(once, 0, mirrored=True).pixels, pixels)


def test_nothing_stays_nothing_when_it_is_turned() -> None:
    assert not turned(Mask(np.zeros((4, 4), np.bool_)), 30).area
