"""How queries meet keys: one object per kernel, each knowing who may attend to whom."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor
from torch.nn import functional as F

EVERY_ROW = slice(None)


class Attention(Protocol):
    """Attends with query (b, h, rows, d) and key, value (b, h, s, d) to (b, h, rows, d).

    `rows` are the tokens the queries belong to, where not all tokens ask.
    """

    def __call__(self, query: Tensor, key: Tensor, value: Tensor, rows: slice) -> Tensor: ...


class DenseAttention:
    """One kernel call with an additive mask (b or 1, 1, s, s), or with none."""

    def __init__(self, mask: Tensor | None) -> None:
        self.mask = mask

    def __call__(self, query: Tensor, key: Tensor, value: Tensor, rows: slice) -> Tensor:
        mask = None if self.mask is None else self.mask[:, :, rows].to(query.dtype)
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
