from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.errors import RequestError
from studio.scene.geometry import Extent


def test_positions_count_rows_and_columns_and_a_reduced_grid_shares_them() -> None:
    grid = PatchGrid.over(Extent(32, 16), 8)
    assert grid.positions().tolist() == [
        [0, row, column] for row in range(2) for column in range(4)
    ]
    assert grid.positions(2)[-1].tolist() == [0, 2, 6]


@pytest.mark.parametrize("pixels", [2, 5, 8, 16])
def test_sampling_is_torchs_nearest_exact(pixels: int) -> None:
    mask = np.random.default_rng(0).random((3 * pixels, 4 * pixels)) < 0.5
    expected = F.interpolate(
        torch.from_numpy(mask)[None, None].float(), (3, 4), mode="nearest-exact"
    )
    sampled = PatchGrid(3, 4, pixels).sample(mask)
    assert sampled.tolist() == expected.flatten().bool().tolist()


def test_the_share_of_a_patch_is_counted_in_pixels() -> None:
    mask = np.zeros((4, 8), np.bool_)
    mask[0, :5] = True
    assert PatchGrid(1, 2, 4).shares(mask).tolist() == [4 / 16, 1 / 16]


def test_a_size_that_does_not_divide_is_refused_not_rounded() -> None:
    with pytest.raises(RequestError, match="40 x 32 does not divide"):
        PatchGrid.over(Extent(40, 32), 16)
