"""Roads, poles, wires: regions that the token centres miss get the tokens their area deserves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.tokens.membership import Membership, membership
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.coverage import Overlap

GRID = PatchGrid(16, 16, 16)  # 256 x 256 pixels; the centres lie at 8, 24, 40, ...


def box(left: int, top: int, right: int, bottom: int) -> np.ndarray:
    pixels = np.zeros((256, 256), np.bool_)
    pixels[top:bottom, left:right] = True
    return pixels


ROAD = box(0, 10, 256, 20)  # 6 of its rows in the first row of tokens, 4 in the second
POLE = box(9, 56, 17, 256)  # 7 of its columns in the first column of tokens
WIRE = box(0, 9, 256, 12)
RIVER = box(0, 9, 128, 13) | box(128, 9, 256, 23)
RING = box(25, 25, 223, 223) & ~box(31, 31, 217, 217)
GRASS = box(0, 0, 256, 256)


def tokens_of(members: Membership, region: int) -> list[tuple[int, int]]:
    """(row, column) of the tokens that a kept region holds."""
    held = np.flatnonzero(members.words[:, 0] & (1 << region))
    return [divmod(int(token), 16) for token in held]


@pytest.mark.parametrize("overlap", ["top", "share"])
def test_a_road_of_10_tokens_area_gets_10_along_its_whole_length(overlap: Overlap) -> None:
    members = membership([ROAD], GRID, overlap)
    # 256 x 10 pixels are 10 tokens; all 16 of the upper row tie, so 10 are spread over it
    assert tokens_of(members, 0) == [(0, column) for column in (0, 2, 4, 5, 7, 8, 10, 12, 13, 15)]
    assert members.rescued == (0,)
    assert members.counts == (10,)


def test_a_pole_gets_the_tokens_it_covers_most() -> None:
    # 8 x 200 / 256 = 6.25; the token at its top end is covered by half, so it is not taken
    members = membership([POLE], GRID, "top")
    assert tokens_of(members, 0) == [(row, 0) for row in (5, 7, 9, 11, 13, 15)]


def test_a_wire_gets_three() -> None:
    assert tokens_of(membership([WIRE], GRID, "top"), 0) == [(0, 2), (0, 8), (0, 13)]


def test_a_river_gets_them_where_it_is_wide() -> None:
    # (128 x 4 + 128 x 14) / 256 = 9; its wide half covers 112 pixels of 16 tokens, the other 64
    found = tokens_of(membership([RIVER], GRID, "top"), 0)
    assert found == [(0, 8), (0, 10), (0, 12), (0, 14), (1, 8), (1, 10), (1, 12), (1, 14), (1, 15)]


def test_a_ring_gets_them_on_all_sides() -> None:
    # (198^2 - 186^2) / 256 = 18: the corner with 144 pixels, and 17 of the 46 tokens with 96 that
    # a walk around the ring meets, 2 or 3 steps apart
    found = tokens_of(membership([RING], GRID, "top"), 0)
    assert len(found) == 18
    assert (13, 13) in found
    sides = [
        [column for row, column in found if row == 1],
        [row for row, column in found if column == 13],
        [column for row, column in found if row == 13],
        [row for row, column in found if column == 1],
    ]
    for side in sides:
        assert len(side) >= 4
        assert max(np.diff(sorted(side))) <= 3


@pytest.mark.parametrize("thing", [ROAD, POLE, WIRE, RIVER, RING])
def test_the_published_way_gives_one_token(thing: np.ndarray) -> None:
    members = membership([thing], GRID, "top", "published")
    first = int(GRID.shares(thing).argmax())
    assert tokens_of(members, 0) == [divmod(first, 16)]
    assert members.rescued == (0,)


def test_the_ground_below_gives_them_away() -> None:
    members = membership([GRASS, ROAD], GRID, "top")
    assert members.counts == (246, 10)
    assert not set(tokens_of(members, 0)) & set(tokens_of(members, 1))
    assert members.rescued == (1,)


def test_where_overlaps_are_shared_nobody_gives_any_away() -> None:
    members = membership([GRASS, ROAD], GRID, "share")
    assert members.counts == (256, 10)


def test_half_of_what_is_deserved_is_enough() -> None:
    half = box(0, 0, 16, 16) | box(16, 9, 32, 16) | box(32, 9, 48, 16) | box(48, 9, 52, 13)
    half |= box(52, 9, 56, 13)  # 256 + 2 x 112 + 32 = 512 pixels: two tokens, one is sampled
    assert membership([half], GRID, "top").rescued == ()
    more = half.copy()
    more[14, 60] = True
    members = membership([more], GRID, "top")
    assert members.rescued == (0,)
    assert tokens_of(members, 0) == [(0, 0), (0, 1)]


def test_two_wires_in_one_row_of_tokens_have_their_share_each() -> None:
    members = membership([GRASS, box(0, 9, 256, 12), box(0, 12, 256, 15)], GRID, "top")
    assert members.counts[1:] == (3, 3)
    assert tokens_of(members, 1) == tokens_of(members, 2)  # shared, for neither has one to spare
    assert members.counts[0] == 253


def test_thin_regions_that_cross_leave_each_other_their_share() -> None:
    road, pole = box(0, 10, 256, 20), box(9, 0, 17, 256)
    members = membership([GRASS, road, pole], GRID, "top")
    # the pole hides 8 x 10 pixels of the road: 2480 / 256 = 9.7
    assert members.counts[1:] == (10, 8)


def test_a_small_region_keeps_half_of_what_it_deserves() -> None:
    small = box(0, 0, 32, 16)  # two tokens; the four lines own 7 / 8 of it
    lines = [box(0, top, 256, top + 2) for top in (0, 2, 4, 9)]
    members = membership([small, *lines], GRID, "top")
    assert members.counts[0] >= 1
    assert members.counts[1:] == (2, 2, 2, 2)


def test_what_lies_above_a_thin_region_keeps_its_pixels() -> None:
    tower = box(0, 0, 128, 64)
    members = membership([ROAD, tower], GRID, "top")
    # half of the road is hidden: 128 x 10 / 256 = 5 of the 8 tokens that are left to it
    assert tokens_of(members, 0) == [(0, column) for column in (8, 10, 12, 13, 15)]
    assert members.counts[1] == 32


boxes = st.tuples(*[st.integers(0, 63)] * 4).map(
    lambda sides: (min(sides[0], sides[2]), min(sides[1], sides[3]), max(sides[0], sides[2]) + 1,
                   max(sides[1], sides[3]) + 1)
)  # fmt: skip


@given(st.lists(boxes, min_size=1, max_size=6), st.sampled_from(["top", "share"]))
def test_no_region_is_left_with_less_than_half_its_share(
    shapes: list[tuple[int, int, int, int]], overlap: Overlap
) -> None:
    grid = PatchGrid(8, 8, 8)
    masks = [box(*shape)[:64, :64].copy() for shape in shapes]
    members = membership(masks, grid, overlap)
    published = membership(masks, grid, overlap, "published")
    for place, region in enumerate(members.kept):
        owned = masks[region].copy()
        if overlap == "top":
            for above in masks[region + 1 :]:
                owned &= ~above
        assert 2 * 64 * members.counts[place] >= np.count_nonzero(owned)
    assert (members.kept, members.hidden) == (published.kept, published.hidden)
    if not members.rescued:
        assert np.array_equal(members.words, published.words)
    assert np.array_equal(members.words, membership(masks, grid, overlap).words)
