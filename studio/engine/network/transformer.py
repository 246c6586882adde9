"""The regional transformer: FLUX's own layers, run over text, image and contour tokens at once.

Token order: text | image | contour. Text and image tokens pass the layers as they are (their
adapter is fused into the weights); contour tokens share the same matrix products and add a
low-rank difference on their own rows. Their modulation is that of timestep 0 at every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from diffusers import FluxTransformer2DModel
from diffusers.utils.accelerate_utils import apply_forward_hook
from torch import Tensor, nn

from studio.engine.network.attention import EVERY_ROW, Attention
from studio.engine.network.low_rank import ContourTerms, LowRank


@dataclass(frozen=True)
class RegionalInputs:
    """What the transformer sees of a batch of scenes, the same at every step."""

    text: Tensor  # (b, text, c): T5 embeddings of all captions
    pooled: Tensor  # (b, c): CLIP's pooled vector
    guidance: Tensor | None  # (b,), None for bases without guidance embedding
    contour: Tensor  # (b, contour, c): packed contour latents; contour may be 0
    rotary: Tensor  # (b or 1, text + image + contour, 1, head_dim / 2), complex
    alignment: Attention
    isolation: Attention
    isolated: range  # blocks that use `isolation`, double-stream blocks counted first
    image_order: Tensor | None = None  # (image,): the order in which the masks take image tokens


class FixedParts(NamedTuple):
    """What depends on the scene but not on the step: computed once, used at every step."""

    text: Tensor  # embedded captions (b, text, c)
    contour: Tensor  # embedded contour tokens (b, contour, c)
    streams: list[ContourStream]  # the contour tokens' part in each block


class RegionalTransformer(nn.Module):
    """Predicts the velocity of image tokens under regional control. Differentiable throughout."""

    def __init__(self, flux: FluxTransformer2DModel, contour: ContourTerms | None = None) -> None:
        super().__init__()
        self.flux = flux
        self.contour = contour or ContourTerms()
        self._double_block, self._single_block = double_block, single_block

    def forward(
        self,
        latents: Tensor,
        sigma: Tensor,
        inputs: RegionalInputs,
        fixed: FixedParts | None = None,
    ) -> Tensor:
        """Velocity (b, image, c) of packed latents (b, image, c) at noise level sigma (b,)."""
        fixed = fixed or self.prepare(inputs)
        flux = self.flux
        if inputs.image_order is not None:
            latents = latents[:, inputs.image_order]
        embedding = self._time_embedding(sigma.to(latents.dtype), inputs)
        temb = nn.functional.silu(embedding)[:, None]
        text, image = fixed.text, torch.cat([flux.x_embedder(latents), fixed.contour], dim=1)
        tokens, text_count, image_count = image, text.shape[1], latents.shape[1]
        for index, block in enumerate(self._blocks()):
            stream = fixed.streams[index]
            attend = inputs.isolation if index in inputs.isolated else inputs.alignment
            if index < len(flux.transformer_blocks):
                text, image = self._double_block(
                    block, stream, text, image, temb, inputs.rotary, attend
                )
                continue
            if index == len(flux.transformer_blocks):
                tokens = torch.cat([text, image], dim=1)
            is_last = index == self.block_count - 1
            rows = slice(text_count, text_count + image_count) if is_last else EVERY_ROW
            tokens = self._single_block(block, stream, tokens, temb, inputs.rotary, attend, rows)
        if not len(flux.single_transformer_blocks):
            tokens = image[:, :image_count]
        velocity = flux.proj_out(flux.norm_out(tokens, embedding))
        if inputs.image_order is not None:
            velocity = velocity[:, inputs.image_order.argsort()]
        return velocity

    @apply_forward_hook  # so that an offloaded transformer is on its device here, too
    def prepare(self, inputs: RegionalInputs) -> FixedParts:
        """Everything of a scene that no step changes."""
        flux = self.flux
        count = inputs.contour.shape[1]
        contour = _linear(flux.x_embedder, self.contour.get("x_embedder"), inputs.contour, count)
        if not count:
            streams = [ContourStream(0, {}, ())] * self.block_count
            return FixedParts(flux.context_embedder(inputs.text), contour, streams)
        start = torch.zeros_like(inputs.pooled[:, 0])
        temb = nn.functional.silu(self._time_embedding(start, inputs))[:, None]
        streams = []
        for index, block in enumerate(self._blocks()):
            is_double = index < len(flux.transformer_blocks)
            name, chunks = ("norm1.linear", 6) if is_double else ("norm.linear", 3)
            terms = self._terms(index)
            values = _linear(block.get_submodule(name), terms.get(name), temb, 1)
            streams.append(ContourStream(count, terms, values.chunk(chunks, dim=-1)))
        return FixedParts(flux.context_embedder(inputs.text), contour, streams)

    def compile_blocks(self, **options: Any) -> None:
        """Compile the two kinds of block, each once for all blocks of its kind.

        Needs rotary tables of real numbers. Attention is left to its own kernel, so that a new
        mask is not a new program.
        """
        self._double_block = torch.compile(double_block, **options)
        self._single_block = torch.compile(single_block, **options)

    @property
    def block_count(self) -> int:
        return len(self.flux.transformer_blocks) + len(self.flux.single_transformer_blocks)

    def _blocks(self) -> Iterator[Any]:
        yield from self.flux.transformer_blocks
        yield from self.flux.single_transformer_blocks

    def _terms(self, index: int) -> dict[str, LowRank]:
        doubles = len(self.flux.transformer_blocks)
        if index < doubles:
            return self.contour.within(f"transformer_blocks.{index}")
        return self.contour.within(f"single_transformer_blocks.{index - doubles}")

    def _time_embedding(self, sigma: Tensor, inputs: RegionalInputs) -> Tensor:
        if inputs.guidance is None:
            return self.flux.time_text_embed(sigma * 1000, inputs.pooled)
        guidance = inputs.guidance.to(sigma.dtype) * 1000
        return self.flux.time_text_embed(sigma * 1000, guidance, inputs.pooled)


@dataclass(frozen=True)
class ContourStream:
    """The last `count` tokens of the image sequence at one block: their terms and modulation."""

    count: int
    terms: dict[str, LowRank]
    modulation: tuple[Tensor, ...]

    def without_tokens(self) -> ContourStream:
        return ContourStream(0, {}, ())

    def linear(self, layer: nn.Module, name: str, x: Tensor) -> Tensor:
        """The layer for all tokens in one product, plus the contour tokens' own term."""
        return _linear(layer, self.terms.get(name), x, self.count)

    def modulate(self, x: Tensor, chunks: tuple[Tensor, ...], shift: int) -> Tensor:
        """x (1 + scale) + shift, with the contour tokens' own values; scale follows shift."""
        image = torch.addcmul(chunks[shift], self._image(x), 1 + chunks[shift + 1])
        if not self.count:
            return image
        own = self.modulation
        return torch.cat(
            [image, torch.addcmul(own[shift], self._contour(x), 1 + own[shift + 1])], dim=1
        )

    def add_gated(self, x: Tensor, change: Tensor, chunks: tuple[Tensor, ...], gate: int) -> Tensor:
        """x + gate * change, with the contour tokens' own gate."""
        image = torch.addcmul(self._image(x), chunks[gate], self._image(change))
        if not self.count:
            return image
        own = torch.addcmul(self._contour(x), self.modulation[gate], self._contour(change))
        return torch.cat([image, own], dim=1)

    def _image(self, x: Tensor) -> Tensor:
        return x[:, : x.shape[1] - self.count]

    def _contour(self, x: Tensor) -> Tensor:
        return x[:, x.shape[1] - self.count :]


def double_block(
    block: Any,  # FluxTransformerBlock
    stream: ContourStream,
    text: Tensor,
    image: Tensor,
    temb: Tensor,
    rotary: Tensor,
    attend: Attention,
) -> tuple[Tensor, Tensor]:
    """One FluxTransformerBlock; `image` holds image and contour tokens."""
    attn, count = block.attn, text.shape[1]
    own = block.norm1.linear(temb).chunk(6, dim=-1)
    context = block.norm1_context.linear(temb).chunk(6, dim=-1)
    x = stream.modulate(block.norm1.norm(image), own, 0)
    y = torch.addcmul(context[0], block.norm1_context.norm(text), 1 + context[1])

    query = _rms(attn.norm_q, _heads(attn, stream.linear(attn.to_q, "attn.to_q", x)))
    key = _rms(attn.norm_k, _heads(attn, stream.linear(attn.to_k, "attn.to_k", x)))
    value = _heads(attn, stream.linear(attn.to_v, "attn.to_v", x))
    query = torch.cat([_rms(attn.norm_added_q, _heads(attn, attn.add_q_proj(y))), query], dim=1)
    key = torch.cat([_rms(attn.norm_added_k, _heads(attn, attn.add_k_proj(y))), key], dim=1)
    value = torch.cat([_heads(attn, attn.add_v_proj(y)), value], dim=1)
    out = _attend_eagerly(attend, rotate(query, rotary), rotate(key, rotary), value, EVERY_ROW)

    x = stream.linear(attn.to_out[0], "attn.to_out.0", out[:, count:])
    image = stream.add_gated(image, x, own, 2)
    x = stream.modulate(block.norm2(image), own, 3)
    x = block.ff.net[0].gelu(stream.linear(block.ff.net[0].proj, "ff.net.0.proj", x))
    image = stream.add_gated(image, stream.linear(block.ff.net[2], "ff.net.2", x), own, 5)

    text = torch.addcmul(text, context[2], attn.to_add_out(out[:, :count]))
    y = torch.addcmul(context[3], block.norm2_context(text), 1 + context[4])
    text = torch.addcmul(text, context[5], block.ff_context(y))
    return _within_float16(text), image


def single_block(
    block: Any,  # FluxSingleTransformerBlock
    stream: ContourStream,
    tokens: Tensor,
    temb: Tensor,
    rotary: Tensor,
    attend: Attention,
    rows: slice,
) -> Tensor:
    """One FluxSingleTransformerBlock over text, image and contour tokens; returns `rows` only.

    The last block is asked for the image tokens alone: nothing reads the others.
    """
    attn = block.attn
    own = block.norm.linear(temb).chunk(3, dim=-1)
    x = stream.modulate(block.norm.norm(tokens), own, 0)
    key = _rms(attn.norm_k, _heads(attn, stream.linear(attn.to_k, "attn.to_k", x)))
    value = _heads(attn, stream.linear(attn.to_v, "attn.to_v", x))
    if rows != EVERY_ROW:
        tokens, x, stream = tokens[:, rows], x[:, rows], stream.without_tokens()
    query = _rms(attn.norm_q, _heads(attn, stream.linear(attn.to_q, "attn.to_q", x)))
    mlp = block.act_mlp(stream.linear(block.proj_mlp, "proj_mlp", x))
    out = _attend_eagerly(attend, rotate(query, rotary[:, rows]), rotate(key, rotary), value, rows)
    x = stream.linear(block.proj_out, "proj_out", torch.cat([out, mlp], dim=-1))
    return _within_float16(stream.add_gated(tokens, x, own, 2))


def rotate(x: Tensor, rotary: Tensor) -> Tensor:
    """Turn each pair of channels of x (b, s, h, d) by its position: one complex product.

    A compiler that knows no complex numbers gets the table as pairs of cosine and sine.
    """
    pairs = x.float().unflatten(-1, (-1, 2))
    if rotary.is_complex():
        turned = torch.view_as_real(torch.view_as_complex(pairs) * rotary)
    else:
        (a, b), (cosine, sine) = pairs.unbind(-1), rotary.unbind(-1)
        turned = torch.stack([a * cosine - b * sine, a * sine + b * cosine], dim=-1)
    return turned.flatten(-2).to(x.dtype)


def rotary_table(flux: FluxTransformer2DModel, positions: Tensor) -> Tensor:
    """(b, s, 1, head_dim / 2) complex, from positions (b, s, 3), as FLUX turns its tokens."""
    cosine, sine = flux.pos_embed(positions.flatten(0, 1))  # it takes one row; all are one here
    turns = torch.complex(cosine[:, ::2].float(), sine[:, ::2].float())
    return turns.unflatten(0, positions.shape[:2])[:, :, None]


def _linear(layer: nn.Module, term: LowRank | None, x: Tensor, count: int) -> Tensor:
    """The layer for all rows in one product; the last `count` rows (contour) add their term."""
    y = layer(x)
    if term is not None and count:
        first = x.shape[1] - count
        own = term(x[:, first:])
        if torch.is_grad_enabled():  # in training y may be a leaf, which must not be changed
            return torch.cat([y[:, :first], y[:, first:] + own], dim=1)
        y[:, first:] += own
    return y


def _rms(norm: Any, x: Tensor) -> Tensor:
    """The head norm; where autocast changed x's type, the weight follows it."""
    if norm.weight.dtype == x.dtype:
        return norm(x)
    return nn.functional.rms_norm(x, norm.normalized_shape, norm.weight.to(x.dtype), norm.eps)


def _heads(attn: Any, x: Tensor) -> Tensor:
    return x.unflatten(-1, (-1, attn.head_dim))


def _attend(attend: Attention, query: Tensor, key: Tensor, value: Tensor, rows: slice) -> Tensor:
    """(b, s, h, d) -> (b, rows, h d)"""
    out = attend(query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2), rows)
    return out.transpose(1, 2).flatten(2)


# attention is a kernel of its own: a compiled block stops here and goes on after it
_attend_eagerly: Any = torch.compiler.disable(_attend)


def _within_float16(x: Tensor) -> Tensor:
    return x.clip(-65504, 65504) if x.dtype == torch.float16 else x
