from __future__ import annotations

import math

import numpy as np
import pytest

from studio.engine.tokens.contour_tokens import contour_bias, contour_tokens
from studio.scene.errors import RequestError
from studio.scene.geometry import Extent

SIZE = Extent(64, 64)


def box(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    pixels = np.zeros((64, 64), np.bool_)
    pixels[top:bottom, left:right] = True
    return pixels


def test_only_patches_with_an_outline_are_kept() -> None:
    tokens = contour_tokens([box(0, 0, 64, 20)], SIZE, 16, 1, keep_all=False)
    assert tokens.kept.tolist() == [0, 1, 4, 5, 8, 9, 12, 13]
    assert tokens.positions[1].tolist() == [0, 0, 1]


def test_every_patch_is_kept_without_the_filter() -> None:
    assert len(contour_tokens([box(0, 0, 8, 8)], SIZE, 16, 1, keep_all=True).kept) == 16


def test_a_half_size_contour_shares_the_images_positions() -> None:
    tokens = contour_tokens([box(40, 40, 60, 60)], SIZE, 16, 2, keep_all=False)
    assert tokens.picture.shape == (32, 32, 3)
    assert tokens.kept.tolist() == [3]
    assert tokens.positions.tolist() == [[0, 2, 2]]


def test_a_size_that_does_not_divide_by_patch_and_scale_is_refused() -> None:
    with pytest.raises(RequestError, match="multiples of 32"):
        contour_tokens([np.ones((48, 64), np.bool_)], Extent(64, 48), 16, 2, keep_all=False)


def test_a_contour_token_has_the_gamma_of_its_region_and_a_border_the_largest() -> None:
    left, right = box(0, 0, 64, 24), box(0, 24, 64, 64)
    tokens = contour_tokens([left, right], SIZE, 16, 1, keep_all=False)
    bias = contour_bias(tokens, [left, right], [0.2, 0.7], 1.0, 1)
    assert isinstance(bias, np.ndarray)
    gammas = dict(
        zip(tokens.kept.tolist(), np.exp(bias).astype(float).round(3).tolist(), strict=True)
    )
    assert gammas[4] == 0.2  # the left edge of the left region
    assert gammas[5] == 0.7  # both borders pass here
    assert gammas[7] == 0.7


def test_one_gamma_for_all_is_one_number() -> None:
    tokens = contour_tokens([box(0, 0, 8, 8)], SIZE, 16, 1, keep_all=False)
    assert contour_bias(tokens, [box(0, 0, 8, 8)], [None], 0.5, 1) == math.log(0.5)
