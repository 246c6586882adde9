"""Choosing among overlapping proposals, with cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.scene.geometry import Extent
from studio.segmentation.sam2.proposals import (
    box_overlaps,
    clean_mask,
    mask_boxes,
    mask_overlaps,
    point_grid,
    stability,
    suppress,
    top_level,
)


def rectangle(left: int, top: int, right: int, bottom: int) -> NDArray[np.bool_]:
    mask = np.zeros((20, 20), np.bool_)
    mask[top:bottom, left:right] = True
    return mask


def test_the_grid_lies_at_the_centres_of_its_cells() -> None:
    grid = point_grid(2, Extent(40, 20))

    assert grid.tolist() == [[10, 5], [30, 5], [10, 15], [30, 15]]


def test_stability_is_the_overlap_of_a_higher_and_a_lower_cut() -> None:
    logits = np.array([[[2.0, 2.0], [0.5, -3.0]], [[-5.0, -5.0], [-5.0, -5.0]]], np.float32)

    assert stability(logits).tolist() == pytest.approx([2 / 3, 0])


def test_boxes_are_half_open_and_zero_for_an_empty_mask() -> None:
    masks = np.stack([rectangle(3, 4, 8, 6), np.zeros((20, 20), np.bool_)])

    assert mask_boxes(masks).tolist() == [[3, 4, 8, 6], [0, 0, 0, 0]]


def test_boxes_and_masks_overlap_by_their_intersection_over_union() -> None:
    masks = np.stack([rectangle(0, 0, 10, 10), rectangle(5, 0, 15, 10)])

    assert box_overlaps(mask_boxes(masks))[0, 1] == pytest.approx(50 / 150)
    assert mask_overlaps(masks)[0, 1] == pytest.approx(50 / 150)


def test_suppression_keeps_the_best_of_those_that_overlap() -> None:
    masks = np.stack([rectangle(0, 0, 10, 10), rectangle(1, 0, 11, 10), rectangle(12, 12, 18, 18)])

    assert suppress(mask_overlaps(masks), np.array([0.8, 0.9, 0.1], np.float32), 0.5) == [1, 2]


def test_nested_and_small_masks_are_no_top_level() -> None:
    masks = np.stack([rectangle(4, 4, 6, 6), rectangle(2, 2, 12, 12), rectangle(15, 15, 16, 16)])

    assert top_level(masks, smallest_share=0.005) == [1]
    assert top_level(masks, smallest_share=0.0) == [1, 2]


def test_no_proposals_leave_nothing() -> None:
    assert top_level(np.zeros((0, 20, 20), np.bool_)) == []


def test_the_hole_and_island_filter_is_off_unless_asked_for() -> None:
    mask = rectangle(2, 2, 12, 12)
    mask[5, 5] = False
    mask[18, 18] = True

    assert np.array_equal(clean_mask(mask), mask)
    cleaned = clean_mask(mask, largest_hole=1, largest_island=1)
    assert np.array_equal(cleaned, rectangle(2, 2, 12, 12))


def test_the_largest_piece_stays_however_small() -> None:
    dot = rectangle(3, 3, 4, 4)

    assert np.array_equal(clean_mask(dot, largest_island=100), dot)
