"""Captions as the model reads them: T5 embeddings of each, and CLIP's pooled vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from studio.engine.network.caption_reader import word_at


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

    def words_lost(self, caption: str, tokens: int) -> int:
        """How many words of a caption do not fit in `tokens`."""
        spans = self._spans(caption, tokens)
        end = spans[-1][1] if spans else 0
        return len(caption[end:].split())

    def unknown_words(self, caption: str, tokens: int) -> tuple[str, ...]:
        """The words that the tokenizer has no token for, in order, each once."""
        encoded = self.t5_tokenizer(
            caption, truncation=True, max_length=tokens, return_offsets_mapping=True
        )
        unknown = self.t5_tokenizer.unk_token_id
        pairs = zip(encoded["input_ids"], encoded["offset_mapping"], strict=True)
        spans = [span for token, span in pairs if token == unknown and span[1] > span[0]]
        return tuple(dict.fromkeys(word_at(caption, *span) for span in spans))

    def _spans(self, caption: str, tokens: int) -> list[tuple[int, int]]:
        encoded = self.t5_tokenizer(
            caption, truncation=True, max_length=tokens, return_offsets_mapping=True
        )
        return [span for span in encoded["offset_mapping"] if span[1] > span[0]]
