"""The mini model: FLUX's own classes and text encoders, at a size that a processor trains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from diffusers import FluxTransformer2DModel
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

from studio.engine.network.low_rank import ContourTerms
from studio.engine.network.transformer import RegionalTransformer
from studio.workshop.painting.cutouts import Cutout
from studio.workshop.vocabulary import POOLED_TOKENS, taught_words

PAD, END, UNKNOWN, START = range(4)


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
    """Everything that is trained together: FLUX, the contour's terms, T5 and CLIP.

    It reads the painter's words and those of the cut-outs it is taught.
    """

    def __init__(self, shape: Shape, cutouts: Sequence[Cutout] = ()) -> None:
        super().__init__()
        self.shape = shape
        self.cutouts = tuple(cutouts)
        flux = build_flux(shape)
        self.net = RegionalTransformer(flux, ContourTerms.build(flux, shape.rank))
        words = len(taught_words(cutouts)) + 4
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
        hidden = self.t5(input_ids=_padded(captions, length).to(self.t5.device))[0]
        return [hidden[row, : min(len(caption), length)] for row, caption in enumerate(captions)]

    def pool(self, captions: list[list[int]]) -> Tensor:
        ids = _padded(captions, POOLED_TOKENS).to(self.clip.device)
        return self.clip(input_ids=ids).pooler_output


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
