"""The regional transformer: FLUX's own layers, run over text, image and contour tokens at once.

Token order: text | image | contour. Text and image tokens pass the layers as they are (their
adapter is fused into the weights); contour tokens share the same matrix products and add a
low-rank difference on their own rows. Their modulation is that of timestep 0 at every step. Styles
are low-rank terms on the rows that take them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from diffusers import FluxTransformer2DModel
from diffusers.utils.accelerate_utils import apply_forward_hook
from torch import Tensor, nn

from studio.engine.network.attention import EVERY_ROW, Attention
from studio.engine.network.contour_stream import ContourStream, contour_linear
from studio.engine.network.low_rank import ContourTerms, LowRank
from studio.engine.network.style_rows import StyleRows


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
    styles: StyleRows | None = None


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
        flux, styles = self.flux, inputs.styles
        if inputs.image_order is not None:
            latents = latents[:, inputs.image_order]
        embedding = self._styled_time_embedding(sigma.to(latents.dtype), inputs)
        temb = nn.functional.silu(embedding)
        embedded = _linear(flux.x_embedder, "x_embedder", latents, styles, is_image=True)
        text, image = fixed.text, torch.cat([embedded, fixed.contour], dim=1)
        double, single = self._double_block, self._single_block
        if styles is not None:  # each new set of styles would be another program to compile
            double, single = double_block, single_block
        tokens, text_count, image_count = image, text.shape[1], latents.shape[1]
        for index, block in enumerate(self._blocks()):
            stream = fixed.streams[index]
            attend = inputs.isolation if index in inputs.isolated else inputs.alignment
            if index < len(flux.transformer_blocks):
                text, image = double(block, stream, text, image, temb, inputs.rotary, attend)
                continue
            if index == len(flux.transformer_blocks):
                tokens = torch.cat([text, image], dim=1)
            is_last = index == self.block_count - 1
            rows = slice(text_count, text_count + image_count) if is_last else EVERY_ROW
            tokens = single(block, stream, tokens, temb, inputs.rotary, attend, rows)
        if not len(flux.single_transformer_blocks):
            tokens = image[:, :image_count]
        velocity = self._velocity(tokens, embedding, styles)
        if inputs.image_order is not None:
            velocity = velocity[:, inputs.image_order.argsort()]
        return velocity

    @apply_forward_hook  # so that an offloaded transformer is on its device here, too
    def prepare(self, inputs: RegionalInputs) -> FixedParts:
        """Everything of a scene that no step changes."""
        flux = self.flux
        count = inputs.contour.shape[1]
        own = self.contour.get("x_embedder")
        contour = contour_linear(flux.x_embedder, own, inputs.contour, count)
        text = _linear(flux.context_embedder, "context_embedder", inputs.text, inputs.styles)
        if not count:
            streams = [ContourStream(0, {}, ())] * self.block_count
            return FixedParts(text, contour, self._styled(streams, inputs))
        start = torch.zeros_like(inputs.pooled[:, 0])
        temb = nn.functional.silu(self._time_embedding(start, inputs))[:, None]
        streams = []
        for index, block in enumerate(self._blocks()):
            is_double = index < len(flux.transformer_blocks)
            name, chunks = ("norm1.linear", 6) if is_double else ("norm.linear", 3)
            terms = self._terms(index)
            values = contour_linear(block.get_submodule(name), terms.get(name), temb, 1)
            streams.append(ContourStream(count, terms, values.chunk(chunks, dim=-1)))
        return FixedParts(text, contour, self._styled(streams, inputs))

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

    def _name(self, index: int) -> str:
        doubles = len(self.flux.transformer_blocks)
        if index < doubles:
            return f"transformer_blocks.{index}"
        return f"single_transformer_blocks.{index - doubles}"

    def _terms(self, index: int) -> dict[str, LowRank]:
        return self.contour.within(self._name(index))

    def _styled(self, streams: list[ContourStream], inputs: RegionalInputs) -> list[ContourStream]:
        """The streams with what styles add in each block."""
        if inputs.styles is None:
            return streams
        styles = inputs.styles.with_contour(inputs.contour.shape[1])
        doubles = len(self.flux.transformer_blocks)
        return [
            replace(
                stream,
                styles=styles.block(self._name(index)),
                rows=styles.image if index < doubles else styles.whole,
                text_rows=styles.text,
            )
            for index, stream in enumerate(streams)
        ]

    def _velocity(self, tokens: Tensor, embedding: Tensor, styles: StyleRows | None) -> Tensor:
        flux = self.flux
        if styles is None:
            return flux.proj_out(flux.norm_out(tokens, embedding[:, 0]))
        norm: Any = flux.norm_out
        values = styles.conditioned(norm.linear, "norm_out.linear", norm.silu(embedding))
        scale, shift = (styles.on_rows(each, styles.image) for each in values.chunk(2, dim=-1))
        x = norm.norm(tokens) * (1 + scale) + shift
        return styles.linear(flux.proj_out, "proj_out", x, styles.image)

    def _styled_time_embedding(self, sigma: Tensor, inputs: RegionalInputs) -> Tensor:
        """(b, 1, c), or (b, n, c) where styles touch it."""
        if inputs.styles is not None:
            guidance = [] if inputs.guidance is None else [inputs.guidance.to(sigma.dtype) * 1000]
            embedder = self.flux.time_text_embed
            own = inputs.styles.time_embedding(embedder, sigma * 1000, *guidance, inputs.pooled)
            if own is not None:
                return own
        return self._time_embedding(sigma, inputs)[:, None]

    def _time_embedding(self, sigma: Tensor, inputs: RegionalInputs) -> Tensor:
        if inputs.guidance is None:
            return self.flux.time_text_embed(sigma * 1000, inputs.pooled)
        guidance = inputs.guidance.to(sigma.dtype) * 1000
        return self.flux.time_text_embed(sigma * 1000, guidance, inputs.pooled)


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
    own = stream.chunks(block.norm1.linear, "norm1.linear", temb, 6)
    context = stream.text_chunks(block.norm1_context.linear, "norm1_context.linear", temb, 6)
    x = stream.modulate(block.norm1.norm(image), own, 0)
    y = torch.addcmul(context[0], block.norm1_context.norm(text), 1 + context[1])

    query = _rms(attn.norm_q, _heads(attn, stream.linear(attn.to_q, "attn.to_q", x)))
    key = _rms(attn.norm_k, _heads(attn, stream.linear(attn.to_k, "attn.to_k", x)))
    value = _heads(attn, stream.linear(attn.to_v, "attn.to_v", x))
    words = [
        _heads(attn, stream.text_linear(attn.get_submodule(name), f"attn.{name}", y))
        for name in ("add_q_proj", "add_k_proj", "add_v_proj")
    ]
    query = torch.cat([_rms(attn.norm_added_q, words[0]), query], dim=1)
    key = torch.cat([_rms(attn.norm_added_k, words[1]), key], dim=1)
    value = torch.cat([words[2], value], dim=1)
    out = _attend_eagerly(attend, rotate(query, rotary), rotate(key, rotary), value, EVERY_ROW)

    x = stream.linear(attn.to_out[0], "attn.to_out.0", out[:, count:])
    image = stream.add_gated(image, x, own, 2)
    x = stream.modulate(block.norm2(image), own, 3)
    x = block.ff.net[0].gelu(stream.linear(block.ff.net[0].proj, "ff.net.0.proj", x))
    image = stream.add_gated(image, stream.linear(block.ff.net[2], "ff.net.2", x), own, 5)

    y = stream.text_linear(attn.to_add_out, "attn.to_add_out", out[:, :count])
    text = torch.addcmul(text, context[2], y)
    y = torch.addcmul(context[3], block.norm2_context(text), 1 + context[4])
    net = block.ff_context.net
    y = net[0].gelu(stream.text_linear(net[0].proj, "ff_context.net.0.proj", y))
    text = torch.addcmul(text, context[5], stream.text_linear(net[2], "ff_context.net.2", y))
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
    own = stream.chunks(block.norm.linear, "norm.linear", temb, 3)
    x = stream.modulate(block.norm.norm(tokens), own, 0)
    key = _rms(attn.norm_k, _heads(attn, stream.linear(attn.to_k, "attn.to_k", x)))
    value = _heads(attn, stream.linear(attn.to_v, "attn.to_v", x))
    if rows != EVERY_ROW:
        tokens, x, stream = tokens[:, rows], x[:, rows], stream.only(rows)
        own = tuple(each if each.shape[1] == 1 else each[:, rows] for each in own)
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


def _linear(
    layer: nn.Module, name: str, x: Tensor, styles: StyleRows | None, *, is_image: bool = False
) -> Tensor:
    """An embedder, with what styles add."""
    if styles is None:
        return layer(x)
    return styles.linear(layer, name, x, styles.image if is_image else styles.text)


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
