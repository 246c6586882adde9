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

from studio.engine.network.transformer import RegionalInputs, rotary_table
from studio.engine.sampling.attention_plan import choose_attention, region_order
from studio.engine.styles.rows import NO_STYLES, SceneStyles, Stacks, style_rows
from studio.engine.tokens.attention_mask import TokenRoles, token_roles
from studio.engine.tokens.membership import Words
from studio.engine.tokens.patch_grid import PatchGrid
from studio.engine.tokens.token_layout import TokenLayout, pad_together

BUCKETS = (64, 128)  # text and contour tokens are padded to multiples of these for a compiler


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
    styles: SceneStyles = NO_STYLES

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
    for_compiler: bool = False,
    library: Stacks | None = None,
) -> RegionalInputs:
    """Scenes of one size as one padded batch.

    `guidance` (scenes,) or None for bases without guidance embedding. Where all rows are the same
    scene, masks and rotary table are made once and shared. `for_compiler`: sizes in buckets and
    real numbers, so that a compiled block serves many scenes. `library`: of the scenes' styles.
    """
    is_one = all(scene is scenes[0] for scene in scenes)
    buckets = BUCKETS if for_compiler else (1, 1)
    layouts = pad_together([scene.layout for scene in scenes], buckets)
    distinct = range(1 if is_one else len(scenes))
    roles = [scenes[row].roles(layouts[row]) for row in distinct]
    order = region_order(roles[0]) if is_one and isolated else None
    if order is not None:
        roles = [roles[0].ordered(_in_sequence(layouts[0], order))]
    device = scenes[0].pooled.device
    alignment, isolation = choose_attention(roles, bool(isolated), device, for_compiler)
    positions = [_positions(scenes[row], layouts[row], order) for row in distinct]
    rotary = rotary_table(flux, torch.from_numpy(np.stack(positions)).to(device))
    styled = [scenes[row].styles for row in distinct]
    sizes = layouts[0].text, layouts[0].image
    styles = None
    if library is not None:
        styles = style_rows(styled, roles, *sizes, library, scenes[0].pooled)
    return RegionalInputs(
        text=torch.stack([_text(*each, flux) for each in zip(scenes, layouts, strict=True)]),
        pooled=torch.stack([scene.pooled for scene in scenes]),
        guidance=guidance,
        contour=torch.stack([_contour(*each) for each in zip(scenes, layouts, strict=True)]),
        rotary=torch.view_as_real(rotary) if for_compiler else rotary,
        alignment=alignment,
        isolation=isolation,
        isolated=isolated,
        image_order=None if order is None else torch.from_numpy(order).to(device),
        styles=styles,
    )


def _in_sequence(layout: TokenLayout, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order of all tokens, from that of the image tokens."""
    whole = np.arange(layout.total)
    whole[layout.image_span] = layout.image_span.start + order
    return whole


def _text(scene: SceneTokens, layout: TokenLayout, flux: FluxTransformer2DModel) -> Tensor:
    config: Any = flux.config
    text = scene.pooled.new_zeros(layout.text, config.joint_attention_dim)
    if scene.global_text is not None:
        text[layout.global_span] = scene.global_text
    for span, caption in zip(layout.region_spans, scene.region_texts, strict=True):
        text[span] = caption
    return text


def _contour(scene: SceneTokens, layout: TokenLayout) -> Tensor:
    padding = scene.contour.new_zeros(layout.contour_padding, scene.contour.shape[1])
    return torch.cat([scene.contour, padding])


def _positions(
    scene: SceneTokens, layout: TokenLayout, order: NDArray[np.int64] | None
) -> NDArray[np.float32]:
    """(tokens, 3); text and padding lie at 0."""
    positions = np.zeros((layout.total, 3), np.float32)
    image = scene.grid.positions()
    positions[layout.image_span] = image if order is None else image[order]
    positions[layout.contour_span] = scene.contour_positions
    return positions
