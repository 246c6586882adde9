"""The flow-matching loss, and plain attention where that trains fastest."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from studio.engine.network.attention import DenseAttention
from studio.engine.network.transformer import RegionalInputs, RegionalTransformer

MOST_PLAIN_TOKENS = 340


def flow_loss(net: RegionalTransformer, clean: Tensor, inputs: RegionalInputs) -> Tensor:
    """Flow matching (Lipman et al., 2023): the velocity from clean latents (b, l, c) to noise.

    Noise levels are logit-normal (Esser et al., 2024), a little towards noise. All but the network
    is computed in float32, whatever the latents come in.
    """
    clean = clean.float()
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
