from __future__ import annotations

import numpy as np

from studio.engine.tokens.membership import membership, pack, region_word
from studio.engine.tokens.patch_grid import PatchGrid

GRID = PatchGrid(4, 4, 4)


def mask(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    pixels = np.zeros((16, 16), np.bool_)
    pixels[top:bottom, left:right] = True
    return pixels


def test_the_top_region_wins_where_two_overlap() -> None:
    members = membership([mask(0, 0, 16, 16), mask(0, 0, 8, 8)], GRID, "top")
    words = members.words.reshape(4, 4)
    assert words[:2, :2].tolist() == [[2, 2], [2, 2]]
    assert words[3, 3] == 1


def test_shared_overlaps_keep_both_bits() -> None:
    members = membership([mask(0, 0, 16, 16), mask(0, 0, 8, 8)], GRID, "share")
    assert members.words.reshape(4, 4)[0, 0] == 3


def test_a_region_without_a_token_takes_the_one_it_covers_most() -> None:
    dot = mask(4, 7, 6, 9)  # two columns, one in each of two patches
    dot[4:6, 6] = True  # so more of it lies in the left one
    members = membership([mask(0, 0, 16, 16), dot], GRID, "top")
    assert members.rescued == (1,)
    words = members.words.reshape(4, 4)
    assert words[1, 1] == 2
    assert (words == 2).sum() == 1


def test_a_token_is_shared_when_its_owner_would_be_left_with_none() -> None:
    members = membership([mask(4, 4, 8, 8), mask(4, 4, 5, 5)], GRID, "top")
    assert members.words.reshape(4, 4)[1, 1] == 3


def test_a_wholly_covered_region_is_hidden_and_takes_no_bit() -> None:
    members = membership([mask(4, 4, 8, 8), mask(0, 0, 8, 16), mask(8, 0, 16, 16)], GRID, "top")
    assert members.hidden == (0,)
    assert members.kept == (1, 2)
    assert sorted(set(members.words[:, 0].tolist())) == [1, 2]


def test_more_regions_than_bits_in_a_word_take_more_words() -> None:
    sampled = np.eye(130, dtype=np.bool_)
    words = pack(sampled)
    assert words.shape == (130, 3)
    assert all((words[region] == region_word(region, 130)).all() for region in range(130))
    assert (words >= 0).all()
