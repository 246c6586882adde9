"""Filling a hole in a photo from what surrounds it."""

import numpy as np
import pytest

from studio.scene.errors import SceneError
from studio.scene.fill import fill_from_surroundings
from tests.builders import box_mask

SIDE = 96
HOLE = box_mask(SIDE, SIDE, 36, 36, 60, 60)


def stripes() -> np.ndarray:
    """Upright bars, 6 pixels wide, in two colours."""
    bars = (np.arange(SIDE) // 6 % 2).astype(bool)
    row = np.where(bars[:, None], (200, 60, 40), (40, 90, 160))
    return np.broadcast_to(row, (SIDE, SIDE, 3)).astype(np.uint8)


def test_what_is_outside_the_hole_keeps_its_values():
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    filled = fill_from_surroundings(photo, HOLE)
    assert np.array_equal(filled[~HOLE], photo[~HOLE])


def test_a_thing_on_stripes_gives_way_to_stripes():
    photo = stripes().copy()
    photo[HOLE] = (255, 0, 255)
    filled = fill_from_surroundings(photo, HOLE)
    error = np.abs(filled.astype(int) - stripes()).mean()
    assert error < 2.0, f"{error:.2f} levels from the stripes below"


def test_grain_stays_as_rough_as_around_the_hole():
    rng = np.random.default_rng(1)
    photo = np.clip(rng.normal(128, 30, (SIDE, SIDE, 3)), 0, 255).astype(np.uint8)
    filled = fill_from_surroundings(photo, HOLE)
    assert filled[HOLE].std() > 0.75 * photo[~HOLE].std()


def test_a_slope_of_brightness_goes_on_without_a_step():
    slope = np.repeat(np.linspace(60, 200, SIDE)[None], SIDE, axis=0)
    photo = np.repeat(slope[:, :, None], 3, axis=2).round().astype(np.uint8)
    filled = fill_from_surroundings(np.where(HOLE[:, :, None], 0, photo).astype(np.uint8), HOLE)
    steps = np.abs(np.diff(filled[36:60, 30:66, 0].astype(int), axis=1))
    assert steps.max() <= 14, "the slope itself rises by 1 to 2 levels a pixel"
    assert np.abs(filled[HOLE].astype(int) - photo[HOLE]).mean() < 12


@pytest.mark.parametrize("shape", [(SIDE, SIDE), (SIDE, SIDE, 1), (SIDE, SIDE, 4)])
def test_grey_and_transparent_photos_of_16_bit_keep_their_kind(shape: tuple[int, ...]):
    photo = np.full(shape, 40_123, np.uint16)
    filled = fill_from_surroundings(photo, HOLE)
    assert filled.dtype == np.uint16
    assert filled.shape == shape
    assert np.abs(filled.astype(int) - 40_123).max() <= 257 // 2, "one level of eight bits at most"


@pytest.mark.parametrize("box", [(0, 0, 20, 20), (80, 0, 96, 96), (1, 1, 95, 95)])
def test_holes_at_the_border_and_nearly_everywhere_are_filled(box: tuple[int, int, int, int]):
    hole = box_mask(SIDE, SIDE, *box)
    photo = np.full((SIDE, SIDE, 3), (90, 120, 150), np.uint8)
    photo[hole] = 0
    filled = fill_from_surroundings(photo, hole)
    assert np.abs(filled.astype(int) - (90, 120, 150)).max() <= 1


def test_the_same_hole_is_filled_the_same_twice():
    rng = np.random.default_rng(2)
    photo = rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    assert np.array_equal(fill_from_surroundings(photo, HOLE), fill_from_surroundings(photo, HOLE))


def test_a_hole_without_surroundings_is_refused():
    photo = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(SceneError, match="nothing around"):
        fill_from_surroundings(photo, np.ones((8, 8), np.bool_))


def test_no_hole_changes_nothing():
    photo = stripes()
    assert np.array_equal(fill_from_surroundings(photo, np.zeros((SIDE, SIDE), bool)), photo)
