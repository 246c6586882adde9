"""Quick renders of encoded scenes with the model in training, for the sheets beside the log."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from diffusers import AutoencoderKL
from einops import rearrange
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.sampling.latents import decode
from studio.engine.sampling.scene_tokens import assemble
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.geometry import Extent
from studio.workshop.flow_task import FlowTask
from studio.workshop.mini_model import END, START
from studio.workshop.samples import Sample


@torch.no_grad()
def render_samples(
    task: FlowTask, samples: Sequence[Sample], extent: Extent, steps: int = 8, scale: float = 2.0
) -> Tensor:
    """Packed latents of samples of one size, by Euler steps with true guidance `scale`."""
    model = task.module
    words = list(samples)
    empty = [
        replace(s, caption=[END], regions=[[END]] * len(s.regions), pooled=[START, END])
        for s in words
    ]
    isolated = model.shape.isolated
    told = assemble(model.flux, task.scenes(words, extent), isolated, None)
    untold = assemble(model.flux, task.scenes(empty, extent), isolated, None)
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(len(words), *words[0].latents.shape, generator=generator).to(task.device)
    levels = shifted(torch.linspace(1, 0, steps + 1)).to(task.device)
    for now, then in itertools.pairwise(levels):
        sigma = now.expand(len(words))
        velocity = model.net(latents, sigma, told)
        if scale > 1:
            without = model.net(latents, sigma, untold)
            velocity = without + scale * (velocity - without)
        latents = latents + (then - now) * velocity.float()
    return latents


def shifted(levels: Tensor, mu: float = 0.5) -> Tensor:
    """FLUX's shift of noise levels."""
    shift = float(np.exp(mu))
    return shift * levels / (1 + (shift - 1) * levels)


def preview_sheet(
    task: FlowTask, vae: AutoencoderKL, samples: Sequence[Sample], extent: Extent
) -> NDArray[np.uint8]:
    """Two rows: the painted scenes as the VAE shows them, and the model's renders."""
    grid = PatchGrid.over(extent, task.token_pixels)
    wanted = torch.stack([sample.latents.float() for sample in samples]).to(vae.device)
    made = render_samples(task, samples, extent).to(vae.device)
    pictures = decode(vae, torch.cat([wanted, made]), grid).clamp(-1, 1).add(1).mul(127.5)
    return rearrange(pictures, "(r n) c h w -> (r h) (n w) c", r=2).byte().numpy()
