"""Latents: noise for a seed, packing into tokens, and the way to pixels and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from einops import rearrange
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from studio.engine.tokens.patch_grid import PatchGrid


def pack(latents: Tensor) -> Tensor:
    """2 x 2 latent pixels become one token."""
    return rearrange(latents, "b c (h p) (w q) -> b (h w) (c p q)", p=2, q=2)


def unpack(tokens: Tensor, grid: PatchGrid) -> Tensor:
    return rearrange(
        tokens, "b (h w) (c p q) -> b c (h p) (w q)", h=grid.rows, w=grid.columns, p=2, q=2
    )


def noise(seed: int, count: int, channels: int, grid: PatchGrid, dtype: torch.dtype) -> Tensor:
    """(count, tokens, channels) on the CPU, drawn as diffusers' FluxPipeline draws it."""
    generator = torch.Generator("cpu").manual_seed(seed)
    shape = (count, channels // 4, 2 * grid.rows, 2 * grid.columns)
    return pack(torch.randn(shape, generator=generator, dtype=dtype))


def vae_factor(vae: AutoencoderKL) -> int:
    """Pixels along one side of a latent pixel."""
    config: Any = vae.config
    return 2 ** (len(config.block_out_channels) - 1)


@torch.no_grad()
def encode(vae: AutoencoderKL, pictures: Tensor) -> Tensor:
    """Packed latents of pictures (b, 3, h, w) in [-1, 1]: the posterior's mean, normalised."""
    config: Any = vae.config
    encoded: Any = vae.encode(pictures.to(vae.dtype))
    return pack((encoded.latent_dist.mean - (config.shift_factor or 0.0)) * config.scaling_factor)


@torch.no_grad()
def decode(vae: AutoencoderKL, tokens: Tensor, grid: PatchGrid) -> Tensor:
    """Pictures (b, 3, h, w), about [-1, 1], of packed latents."""
    config: Any = vae.config
    latents: Any = unpack(tokens, grid).to(vae.dtype) / config.scaling_factor
    return vae.decode(latents + (config.shift_factor or 0.0), return_dict=False)[0]


def to_tensor(picture: NDArray[np.uint8]) -> Tensor:
    """(1, 3, h, w) in [-1, 1] of an 8-bit picture (h, w, 3)."""
    pixels = torch.from_numpy(np.array(picture)).float() / 127.5 - 1.0
    return rearrange(pixels, "h w c -> 1 c h w")


def to_images(pictures: Tensor) -> list[Image.Image]:
    pixels = ((pictures.float() / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
    return [Image.fromarray(rearrange(each, "c h w -> h w c").cpu().numpy()) for each in pixels]
