"""The tokens of one scene, and several scenes padded into what the transformer takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import FluxTransformer2DModel
from numpy.typing import NDArray
from torch import Tensor

from studio.conditioning.attention_mask import TokenRoles, dense_mask, token_roles
from studio.conditioning.membership import Words
from studio.conditioning.patch_grid import PatchGrid
from studio.conditioning.token_layout import TokenLayout, pad_together
from studio.models.attention import Attention, DenseAttention
from studio.models.transformer import RegionalInputs, rotary_table


@dataclass(frozen=True)
class SceneTokens:
    """One scene as tensors and integers, before any padding."""

    global_text: Tensor | None  # (tokens, c), None without a global caption
    region_texts: tuple[Tensor, ...]  # each (tokens, c)
    pooled: Tensor  # (c,)
    grid: PatchGrid
    words: Words  # (image tokens, n): region membership
    contour: Tensor  # (kept, c): packed contour latents; (0, c) without shape
    contour_positions: NDArray[np.float32]  # (kept, 3)
    contour_bias: NDArray[np.float32] | float = 0.0  # log gamma
    shares: NDArray[np.float32] | None = None  # (regions, image tokens) for `place`

    @property
    def layout(self) -> TokenLayout:
        return TokenLayout(
            global_text=0 if self.global_text is None else len(self.global_text),
            region_text=tuple(len(text) for text in self.region_texts),
            image=self.grid.count,
            contour=len(self.contour),
        )

    def roles(self, layout: TokenLayout) -> TokenRoles:
        return token_roles(layout, self.words, self.contour_bias, self.shares)


def assemble(
    flux: FluxTransformer2DModel,
    scenes: Sequence[SceneTokens],
    isolated: range,
    guidance: Tensor | None,
) -> RegionalInputs:
    """Scenes of one size as one padded batch with dense masks.

    `guidance` (scenes,) or None for bases without guidance embedding.
    """
    layouts = pad_together([scene.layout for scene in scenes])
    roles = [scene.roles(layout) for scene, layout in zip(scenes, layouts, strict=True)]
    config: Any = flux.config
    device, dtype = scenes[0].pooled.device, scenes[0].pooled.dtype
    blank = {"device": device, "dtype": dtype}
    text = torch.zeros(len(scenes), layouts[0].text, config.joint_attention_dim, **blank)
    contours = layouts[0].contour + layouts[0].contour_padding
    contour = torch.zeros(len(scenes), contours, config.in_channels, **blank)
    positions = np.zeros((len(scenes), layouts[0].total, 3), np.float32)
    for row, (scene, layout) in enumerate(zip(scenes, layouts, strict=True)):
        if scene.global_text is not None:
            text[row, layout.global_span] = scene.global_text
        for span, caption in zip(layout.region_spans, scene.region_texts, strict=True):
            text[row, span] = caption
        contour[row, : layout.contour] = scene.contour
        positions[row, layout.image_span] = scene.grid.positions()
        positions[row, layout.contour_span] = scene.contour_positions
    return RegionalInputs(
        text=text,
        pooled=torch.stack([scene.pooled for scene in scenes]),
        guidance=guidance,
        contour=contour,
        rotary=rotary_table(flux, torch.from_numpy(positions).to(device)),
        alignment=dense_attention(roles, isolates=False, device=device),
        isolation=dense_attention(roles, isolates=True, device=device),
        isolated=isolated,
    )


def dense_attention(
    roles: Sequence[TokenRoles], *, isolates: bool, device: torch.device
) -> Attention:
    """(b, 1, s, s) additive masks of a batch, one for all heads."""
    masks = torch.stack([dense_mask(each, isolates) for each in roles])
    return DenseAttention(masks[:, None].to(device))
