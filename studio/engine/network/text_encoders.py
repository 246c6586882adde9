"""Captions as the model reads them: T5 embeddings of each, and CLIP's pooled vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class TextEncoders:
    """T5 and CLIP with their tokenizers, as they come with FLUX."""

    clip: Any  # transformers.CLIPTextModel
    clip_tokenizer: Any
    t5: Any  # transformers.T5EncoderModel
    t5_tokenizer: Any

    @torch.no_grad()
    def embed(self, caption: str, tokens: int, device: torch.device) -> Tensor:
        """(kept tokens, c): padded to `tokens`, encoded without attention mask, pads dropped.

        The pad length changes the numbers, so it is part of the contract.
        """
        encoded = self.t5_tokenizer(
            caption, padding="max_length", max_length=tokens, truncation=True, return_tensors="pt"
        )
        hidden = self.t5(encoded.input_ids.to(device), output_hidden_states=False)[0]
        return hidden[0, : int(encoded.attention_mask.sum())].to(self.t5.dtype).contiguous()

    @torch.no_grad()
    def pool(self, caption: str, device: torch.device) -> Tensor:
        """(c,): CLIP's pooled vector."""
        encoded = self.clip_tokenizer(
            caption,
            padding="max_length",
            max_length=self.clip_tokenizer.model_max_length,
            truncation=True,
            return_tensors="pt",
        )
        return self.clip(encoded.input_ids.to(device)).pooler_output[0].to(self.clip.dtype)
