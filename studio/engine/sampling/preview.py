"""A linear map from latents to colours: previews that cost next to nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from diffusers import AutoencoderKL
from einops import rearrange
from PIL import Image
from torch import Tensor

from studio.engine.sampling.latents import encode, to_tensor, unpack, vae_factor
from studio.engine.tokens.patch_grid import PatchGrid

Matrix = tuple[tuple[float, ...], ...]  # (latent channels + 1 for the constant, 3)


@dataclass(frozen=True)
class LatentPreview:
    """Turns packed latents of one grid into a small picture, one pixel a latent pixel."""

    grid: PatchGrid
    find_matrix: Callable[[], Matrix]

    def image(self, latents: Tensor, velocity: Tensor, sigma: float) -> Image.Image:
        """The clean latents (tokens, c) that `velocity` points to from noise level `sigma`."""
        clean = unpack((latents - sigma * velocity)[None].float().cpu(), self.grid)[0]
        matrix = torch.tensor(self.find_matrix())
        colours = torch.einsum("c h w, c k -> h w k", clean, matrix[:-1]) + matrix[-1]
        pixels = ((colours / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
        return Image.fromarray(pixels.numpy())


def fit_latent_rgb(vae: AutoencoderKL, images: Sequence[Image.Image]) -> Matrix:
    """The linear map (latent channels + 1, 3) nearest to the VAE's own on these images."""
    factor = vae_factor(vae)
    rows: list[np.ndarray] = []
    colours: list[np.ndarray] = []
    for image in images:
        picture = np.asarray(image.convert("RGB"))
        height, width = picture.shape[:2]
        grid = PatchGrid(height // (2 * factor), width // (2 * factor), 2 * factor)
        latents = unpack(encode(vae, to_tensor(picture).to(vae.device)).float().cpu(), grid)
        small = image.convert("RGB").resize(
            (width // factor, height // factor), Image.Resampling.BOX
        )
        rows.append(rearrange(latents, "1 c h w -> (h w) c").numpy())
        colours.append(np.asarray(small).reshape(-1, 3) / 127.5 - 1.0)
    inputs = np.concatenate(rows)
    inputs = np.concatenate([inputs, np.ones((len(inputs), 1))], axis=1)
    matrix = np.linalg.lstsq(inputs, np.concatenate(colours), rcond=None)[0]
    return tuple(tuple(round(float(value), 6) for value in row) for row in matrix)


def calibration_images(side: int, count: int = 12) -> list[Image.Image]:
    """Smooth colour fields, always the same, to fit a preview map on where none was stored."""
    random = np.random.default_rng(0)
    fields = random.integers(0, 256, (count, 4, 4, 3), dtype=np.uint8)
    return [
        Image.fromarray(field).resize((side, side), Image.Resampling.BICUBIC) for field in fields
    ]
