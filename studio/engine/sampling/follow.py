"""What is kept of a photo follows the photo's own latents from noise level to noise level.

As in differential diffusion (arXiv 2306.00950) each latent has a release level: above it the latent
is the photo's, noised with the noise that the render began with; from it on the model moves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.sampling.latents import pack
from studio.engine.tokens.patch_grid import PatchGrid

_ROUNDING = 1e-6  # of noise levels, which are shifted in float32


@dataclass(frozen=True)
class Follow:
    """A photo's latents, the noise of the render, and the level at which each latent is let go.

    photo, noise: (b, tokens, c); release: (b or 1, tokens, c) in [0, 1], float32: 1 is free from
    the start, 0 is never let go.
    """

    photo: Tensor
    noise: Tensor
    release: Tensor

    def at(self, sigma: float) -> Tensor:
        """(b, tokens, c): the photo at a noise level; at 0 its very latents."""
        return (1 - sigma) * self.photo + sigma * self.noise

    def held(self, latents: Tensor, sigma: float, next_sigma: float) -> Tensor:
        """The latents after the step from `sigma`, where the model was free to move them."""
        is_free = self.release >= sigma - _ROUNDING
        return torch.where(is_free, latents, self.at(next_sigma).to(latents.dtype))

    def to(self, device: torch.device) -> Follow:
        return Follow(*(each.to(device) for each in (self.photo, self.noise, self.release)))


def joined(each: list[Follow]) -> Follow:
    """Those of several pictures, as one batch."""
    return Follow(
        torch.cat([follow.photo for follow in each]),
        torch.cat([follow.noise for follow in each]),
        torch.cat([follow.release for follow in each]),
    )


def first_step(release: Tensor, sigmas: Tensor) -> int:
    """The first step in which anything is free; those before it need no model."""
    most = float(release.max())
    free = (sigmas <= most + _ROUNDING).nonzero()
    return int(free[0]) if len(free) else len(sigmas) - 1


def release_levels(levels: NDArray[np.float32], grid: PatchGrid, channels: int) -> Tensor:
    """(1, tokens, channels) of levels in [0, 1] a pixel (h, w) of the crop.

    A latent pixel takes the highest level of its pixels, for what is drawn at an edge needs all of
    it.
    """
    side = grid.pixels // 2
    rows, columns = 2 * grid.rows, 2 * grid.columns
    highest = levels.reshape(rows, side, columns, side).max(axis=(1, 3))
    each = torch.from_numpy(np.ascontiguousarray(highest, np.float32))
    return pack(each.expand(1, channels // 4, rows, columns))


def pixels_held(release: Tensor, grid: PatchGrid) -> NDArray[np.bool_]:
    """(h, w): the pixels of a crop whose latents are never let go."""
    held: Any = (release[0, :, :4] == 0).reshape(grid.rows, grid.columns, 2, 2)
    pixels = held.permute(0, 2, 1, 3).reshape(2 * grid.rows, 2 * grid.columns)
    size = (grid.columns * grid.pixels, grid.rows * grid.pixels)
    enlarged = cv2.resize(pixels.numpy().astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    return enlarged.astype(np.bool_)
