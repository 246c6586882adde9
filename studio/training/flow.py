"""Training the mini model's transformer and text encoders: flow matching on encoded scenes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from diffusers import FluxTransformer2DModel
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

from studio.conditioning.patch_grid import PatchGrid
from studio.domain.geometry import Extent
from studio.generation.scene_tokens import SceneTokens, assemble
from studio.models.attention import DenseAttention
from studio.models.low_rank import ContourTerms
from studio.models.transformer import RegionalInputs, RegionalTransformer
from studio.training.samples import Sample, Shards
from studio.training.vocabulary import CAPTION_TOKENS, POOLED_TOKENS, REGION_TOKENS, taught_words

PAD, END, UNKNOWN, START = range(4)
MOST_PLAIN_TOKENS = 340


@dataclass(frozen=True)
class Shape:
    """The sizes of the mini model."""

    width: int = 256
    heads: int = 4
    doubles: int = 3
    singles: int = 6
    channels: int = 48
    text_width: int = 128
    rank: int = 16

    @property
    def isolated(self) -> range:
        """The published share: the first half of the single-stream blocks."""
        return range(self.doubles, self.doubles + self.singles // 2)


class MiniModel(nn.Module):
    """Everything that is trained together: FLUX, the contour's terms, T5 and CLIP."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        flux = build_flux(shape)
        self.net = RegionalTransformer(flux, ContourTerms.build(flux, shape.rank))
        words = len(taught_words()) + 4
        self.t5 = T5EncoderModel(
            T5Config(
                vocab_size=words,
                d_model=shape.text_width,
                d_ff=2 * shape.text_width,
                d_kv=32,
                num_heads=4,
                num_layers=2,
                dropout_rate=0.0,
                feed_forward_proj="gated-gelu",
                pad_token_id=PAD,
                eos_token_id=END,
                is_encoder_decoder=False,
                use_cache=False,
                tie_word_embeddings=False,  # pyright: ignore[reportCallIssue]
            )
        )
        self.clip = CLIPTextModel(
            CLIPTextConfig(
                vocab_size=words,
                hidden_size=shape.text_width,
                intermediate_size=2 * shape.text_width,
                num_hidden_layers=1,
                num_attention_heads=4,
                max_position_embeddings=POOLED_TOKENS,
                pad_token_id=PAD,
                bos_token_id=START,
                eos_token_id=END,
                projection_dim=shape.text_width,
            )
        )

    @property
    def flux(self) -> FluxTransformer2DModel:
        return self.net.flux

    def embed(self, captions: list[list[int]], length: int) -> list[Tensor]:
        """T5 embeddings of captions, padded to `length`, no mask, pads dropped."""
        if not captions:
            return []
        hidden = self.t5(input_ids=_padded(captions, length))[0]
        return [hidden[row, : min(len(caption), length)] for row, caption in enumerate(captions)]

    def pool(self, captions: list[list[int]]) -> Tensor:
        return self.clip(input_ids=_padded(captions, POOLED_TOKENS)).pooler_output


def build_flux(shape: Shape) -> FluxTransformer2DModel:
    side = shape.width // shape.heads
    across = side * 3 // 8 // 2 * 2
    flux = FluxTransformer2DModel(
        patch_size=1,
        in_channels=shape.channels,
        num_layers=shape.doubles,
        num_single_layers=shape.singles,
        attention_head_dim=side,
        num_attention_heads=shape.heads,
        joint_attention_dim=shape.text_width,
        pooled_projection_dim=shape.text_width,
        guidance_embeds=False,
        axes_dims_rope=(side - 2 * across, across, across),
    )
    for name, module in flux.named_modules():
        is_modulation = "norm" in name and isinstance(module, nn.Linear)
        if is_modulation or name == "proj_out":
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)
    return flux


def _padded(captions: list[list[int]], length: int) -> Tensor:
    ids = torch.full((len(captions), length), PAD, dtype=torch.long)
    for row, caption in enumerate(captions):
        kept = caption if len(caption) <= length else [*caption[: length - 1], END]
        ids[row, : len(kept)] = torch.tensor(kept)
    return ids


class FlowTask:
    """The mini model on shards of encoded scenes. `batch` counts scenes."""

    name = "flow"

    def __init__(
        self, model: MiniModel, shards: Shards, token_pixels: int, batch: int = 16
    ) -> None:
        self.module = model
        self.shards = shards
        self.token_pixels = token_pixels
        self.batch = batch
        self.on_report = None

    def parameters(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        matrices, others = [], []
        for name, weight in self.module.named_parameters():
            is_matrix = weight.ndim == 2 and "transformer_blocks" in name and ".norm" not in name
            is_own = name.startswith("net.flux") and is_matrix
            (matrices if is_own else others).append(weight)
        return matrices, others

    def loss(self, progress: float) -> Tensor:
        extent, samples = self.shards.batch(self.batch)
        rng = self.shards.rng
        samples = [dropped(rng, sample) for sample in samples]
        clean = torch.stack([sample.latents.float() for sample in samples])
        isolated = self.module.shape.isolated if rng.random() < 0.8 else range(0)
        inputs = assemble(self.module.flux, self.scenes(samples, extent), isolated, None)
        return flow_loss(self.module.net, clean, plainly(inputs))

    def scenes(self, samples: list[Sample], extent: Extent) -> list[SceneTokens]:
        grid = PatchGrid.over(extent, self.token_pixels)
        own = [sample.caption for sample in samples if sample.caption is not None]
        captions = iter(self.module.embed(own, CAPTION_TOKENS))
        regions = iter(
            self.module.embed([ids for s in samples for ids in s.regions], REGION_TOKENS)
        )
        pooled = self.module.pool([sample.pooled for sample in samples])
        return [
            SceneTokens(
                global_text=None if sample.caption is None else next(captions),
                region_texts=tuple(next(regions) for _ in sample.regions),
                pooled=pooled[row],
                grid=grid,
                words=sample.words.numpy(),
                contour=sample.contour.float(),
                contour_positions=sample.positions.numpy(),
                contour_bias=math.log(sample.gamma),
            )
            for row, sample in enumerate(samples)
        ]

    def report(self, folder: Path) -> dict[str, float]:
        return {}


def flow_loss(net: RegionalTransformer, clean: Tensor, inputs: RegionalInputs) -> Tensor:
    """Flow matching (Lipman et al., 2023): the velocity from clean latents (b, l, c) to noise.

    Noise levels are logit-normal (Esser et al., 2024), a little towards noise.
    """
    sigma = torch.sigmoid(torch.randn(len(clean), device=clean.device) + 0.2)
    noise = torch.randn_like(clean)
    mixed = clean.lerp(noise, sigma[:, None, None])
    return (net(mixed, sigma, inputs).float() - (noise - clean)).square().mean()


class PlainAttention:
    """Attention as three plain products: on a CPU, with gradients and few tokens, the fastest."""

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def __call__(self, query: Tensor, key: Tensor, value: Tensor, rows: slice) -> Tensor:
        logits = torch.matmul(query * query.shape[-1] ** -0.5, key.transpose(-1, -2))
        weights = torch.softmax(logits + self.mask[:, :, rows].to(logits.dtype), -1, torch.float32)
        return torch.matmul(weights.to(value.dtype), value)


def plainly(inputs: RegionalInputs) -> RegionalInputs:
    """The same inputs with plain attention, where there are few enough tokens for it to pay."""
    align, isolate = inputs.alignment, inputs.isolation
    assert isinstance(align, DenseAttention)
    assert isinstance(isolate, DenseAttention)
    if align.mask is None or isolate.mask is None or align.mask.shape[-1] > MOST_PLAIN_TOKENS:
        return inputs
    return replace(
        inputs, alignment=PlainAttention(align.mask), isolation=PlainAttention(isolate.mask)
    )


def dropped(rng: np.random.Generator, sample: Sample) -> Sample:
    """The sample with words or shape left out now and then, for guidance to compare with."""
    chance = rng.random()
    if chance < 0.08:  # as the empty negative caption is rendered
        sample = replace(
            sample, caption=[END], regions=[[END]] * len(sample.regions), pooled=[START, END]
        )
    elif chance < 0.14:
        regions = [ids if rng.random() > 0.3 else [END] for ids in sample.regions]
        sample = replace(sample, regions=regions)
    if rng.random() < 0.06:
        sample = replace(sample, contour=sample.contour[:0], positions=sample.positions[:0])
    return sample
