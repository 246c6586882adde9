"""What is kept of a photo follows its noised latents; what changes is let go at its own level."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.engine.sampling.follow import (
    Follow,
    first_step,
    joined,
    pixels_held,
    release_levels,
)
from studio.engine.sampling.latents import unpack
from studio.engine.tokens.patch_grid import PatchGrid
from tests.precisions import in_each_precision

GRID = PatchGrid(2, 3, 16)  # 32 x 48 pixels, latents of 8


def follow(release: torch.Tensor, dtype: torch.dtype = torch.float32) -> Follow:
    generator = torch.Generator().manual_seed(0)
    photo, noise = torch.randn(2, 2, 6, 16, generator=generator, dtype=torch.float32).to(dtype)
    return Follow(photo, noise, release)


def test_a_latent_pixel_is_let_go_by_itself_whatever_token_it_is_in() -> None:
    levels = np.zeros((32, 48), np.float32)
    levels[9, 17] = 0.75  # latent row 1, column 2: of token (0, 1)
    release = release_levels(levels, GRID, 16)
    latents = unpack(release, GRID)
    assert latents.shape == (1, 4, 4, 6)
    assert (latents[0, :, 1, 2] == 0.75).all()
    assert int((release > 0).sum()) == 4  # one latent pixel in each of four channels
    held = pixels_held(release, GRID)
    assert np.count_nonzero(~held) == 64
    assert not held[8:16, 16:24].any()


def test_steps_in_which_everything_is_held_are_left_out() -> None:
    sigmas = torch.tensor([1.0, 0.8, 0.5, 0.2])
    for level, first in ((1.0, 0), (0.9, 1), (0.8, 1), (0.5, 2), (0.3, 3), (0.1, 3)):
        assert first_step(torch.full((1, 6, 16), level), sigmas) == first


@in_each_precision
def test_what_is_held_ends_as_the_very_photo(dtype: torch.dtype) -> None:
    release = torch.zeros(1, 6, 16)
    release[:, 2], release[:, 3, :8] = 1.0, 0.4
    each = follow(release, dtype)
    moved = torch.full((2, 6, 16), 7.0, dtype=dtype)
    early, late, last = (
        each.held(moved, 0.8, 0.5),
        each.held(moved, 0.4, 0.2),
        each.held(moved, 0.2, 0.0),
    )
    assert {early.dtype, late.dtype, last.dtype} == {dtype}
    assert (early[:, 2] == 7).all()
    wanted = 0.5 * each.photo.float() + 0.5 * each.noise.float()
    torch.testing.assert_close(early[:, 3].float(), wanted[:, 3], atol=0.03, rtol=0.01)
    assert (late[:, 3, :8] == 7).all()
    assert torch.equal(last[:, 0], each.photo[:, 0])
    assert torch.equal(last[:, 3, 8:], each.photo[:, 3, 8:])
    assert torch.equal(each.at(1.0), each.noise)


def test_pictures_that_are_denoised_together_each_follow_their_own() -> None:
    one, two = follow(torch.zeros(1, 6, 16)), follow(torch.ones(1, 6, 16))
    first = Follow(one.photo[:1], one.noise[:1], one.release)
    second = Follow(two.photo[1:], two.noise[1:], two.release)
    both = joined([first, second])
    moved = torch.full((2, 6, 16), 7.0)
    held = both.held(moved, 0.5, 0.0)
    assert torch.equal(held[0], one.photo[0])
    assert torch.equal(held[1], moved[1])


def test_following_stays_on_its_device_and_in_its_precision() -> None:
    """As FLUX.1-dev has it at 512 x 512, on a device that holds nothing."""
    meta = torch.device("meta")
    photo = torch.empty(1, 1024, 64, dtype=torch.bfloat16, device=meta)
    release = release_levels(np.ones((512, 512), np.float32), PatchGrid(32, 32, 16), 64)
    each = Follow(photo, torch.empty_like(photo), release).to(meta)
    held = each.held(torch.empty_like(photo), 0.7, 0.3)
    assert (held.shape, held.device, held.dtype) == (photo.shape, meta, torch.bfloat16)
    with pytest.raises(RuntimeError):
        Follow(photo, torch.empty_like(photo), release).held(photo, 0.7, 0.3)
