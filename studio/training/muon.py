"""Muon: momentum whose update is made orthogonal, for weight matrices; AdamW for the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn


class Muon(torch.optim.Optimizer):
    """Jordan et al. (2024), with the update's size matched to AdamW's (Liu et al., 2025).

    Tensors of more than two dimensions are seen as (first, rest). Same shapes go in one product,
    computed in `dtype`.
    """

    # torch's own Muon takes matrices alone (the VAE's kernels have four dimensions), one after the
    # other, and always in bfloat16: on an AVX2 processor 22 times as slow (four of 256 x 256)

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 1e-3,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        for group in self.param_groups:
            by_shape: dict[tuple[int, ...], list[tuple[Tensor, Tensor]]] = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                update = self._momentum(weight, weight.grad, group["momentum"]).flatten(1)
                by_shape[tuple(update.shape)].append((weight, update))
            for (rows, columns), pairs in by_shape.items():
                whole = orthogonal(torch.stack([update for _, update in pairs]), self.dtype)
                size = group["lr"] * 0.2 * max(rows, columns) ** 0.5
                for (weight, _), update in zip(pairs, whole.unbind(), strict=True):
                    weight.mul_(1 - group["lr"] * group["weight_decay"])
                    weight.add_(update.view_as(weight).to(weight.dtype), alpha=-size)

    def _momentum(self, weight: Tensor, gradient: Tensor, share: float) -> Tensor:
        state = self.state[weight]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(weight)
        average = state["momentum"]
        average.lerp_(gradient, 1 - share)
        return torch.lerp(gradient, average, share)


def orthogonal(matrices: Tensor, dtype: torch.dtype = torch.float32, steps: int = 5) -> Tensor:
    """(n, rows, columns) -> about the nearest matrices with orthonormal rows (Newton-Schulz)."""
    size = matrices.float().norm(dim=(1, 2), keepdim=True)
    x = (matrices.float() / (size + 1e-7)).to(dtype)
    is_tall = x.shape[1] > x.shape[2]
    if is_tall:
        x = x.transpose(1, 2)
    for _ in range(steps):
        product = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * product + 2.0315 * product @ product) @ x
    return (x.transpose(1, 2) if is_tall else x).to(matrices.dtype)


def split_parameters(
    module: nn.Module, is_matrix: Any = None
) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """(weights for Muon, the rest for AdamW). `is_matrix(name, weight)` decides."""
    decide = is_matrix or (lambda name, weight: weight.ndim >= 2)
    matrices, others = [], []
    for name, weight in module.named_parameters():
        if weight.requires_grad:
            (matrices if decide(name, weight) else others).append(weight)
    return matrices, others
