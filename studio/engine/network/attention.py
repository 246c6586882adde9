"""How queries meet keys: one object per kernel, each knowing who may attend to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Group:
    """Neighbouring tokens with the same keys. Without keys a token keeps its own value."""

    queries: slice
    keys: slice | Tensor | None  # a run of tokens, or their indices
    bias: Tensor | None  # (1, 1, 1, keys), added to the logits

    def gather(self, tokens: Tensor) -> Tensor:
        if isinstance(self.keys, Tensor):
            return tokens.index_select(2, self.keys)
        return tokens[:, :, self.keys]


class GroupedAttention:
    """One small kernel call for each group, instead of a large one that is mostly masked."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self.groups = groups

    def __call__(self, query: Tensor, key: Tensor, value: Tensor, rows: slice) -> Tensor:
        first, last = rows.start or 0, rows.stop or key.shape[2]
        # tokens before heads in memory, as the next layer wants them
        b, h, count, d = query.shape
        out = query.new_empty(b, count, h, d).transpose(1, 2)
        for group in self.groups:
            if group.queries.start < first or group.queries.stop > last:
                continue
            own = slice(group.queries.start - first, group.queries.stop - first)
            if group.keys is None:
                out[:, :, own] = value[:, :, group.queries]
                continue
            bias = None if group.bias is None else group.bias.to(query.dtype)
            out[:, :, own] = F.scaled_dot_product_attention(
                query[:, :, own], group.gather(key), group.gather(value), attn_mask=bias
            )
        return out
