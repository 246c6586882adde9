"""Which kernel serves a batch: dense masks, one call per region group, or FlexAttention."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from studio.conditioning.attention_mask import (
    IMAGE,
    PADDING,
    TokenRoles,
    class_table,
    dense_mask,
    token_classes,
)
from studio.models.attention import Attention, DenseAttention, Group, GroupedAttention

# what one more kernel call costs, in pairs of tokens that could have been computed instead
_CALL_PAIRS = 20_000


def region_order(roles: TokenRoles) -> NDArray[np.int64]:
    """The image tokens ordered so that those of one region are neighbours.

    Counted within the image; a stable order, so that neighbours on the grid stay near.
    """
    words = roles.words[roles.kinds == IMAGE]
    return np.lexsort(words.T[::-1]) if words.any() else np.arange(len(words))


def dense_attention(
    roles: Sequence[TokenRoles], *, isolates: bool, device: torch.device
) -> Attention:
    """(b, 1, s, s) additive masks of a batch, one for all heads."""
    masks = torch.stack([dense_mask(each, isolates) for each in roles])
    return DenseAttention(masks[:, None].to(device))


def grouped_attention(roles: TokenRoles, device: torch.device) -> GroupedAttention | None:
    """Isolation in one call per group, or None where the dense mask is the cheaper way."""
    groups = _groups(roles, device)
    pairs = sum(_count(group.queries) * _key_count(group) for group in groups)
    dense = len(roles.kinds) ** 2
    return GroupedAttention(groups) if pairs + _CALL_PAIRS * len(groups) < dense else None


def _groups(roles: TokenRoles, device: torch.device) -> list[Group]:
    classes = token_classes(roles)
    table = class_table(classes, isolates=True)
    # runs of neighbouring tokens of one class
    borders = np.flatnonzero(np.diff(classes.of_token)) + 1
    starts, stops = np.r_[0, borders], np.r_[borders, len(classes.of_token)]
    by_class: dict[int, tuple[slice | torch.Tensor | None, torch.Tensor | None]] = {}
    groups: list[Group] = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        mine = int(classes.of_token[start])
        if mine not in by_class:
            row = table[mine][classes.of_token]
            by_class[mine] = _keys(row, device)
            if classes.kinds[mine] == PADDING:
                by_class[mine] = (None, None)
        groups.append(Group(slice(start, stop), *by_class[mine]))
    return groups


def _keys(
    row: NDArray[np.float32], device: torch.device
) -> tuple[slice | torch.Tensor, torch.Tensor | None]:
    """The allowed keys of a row of the mask, and their bias where there is one."""
    keys = np.flatnonzero(row > -np.inf)
    weights = row[keys]
    bias = torch.from_numpy(weights).to(device)[None, None, None] if weights.any() else None
    if keys[-1] - keys[0] + 1 == len(keys):
        return slice(int(keys[0]), int(keys[-1]) + 1), bias
    return torch.from_numpy(keys).to(device), bias


def _count(span: slice) -> int:
    return span.stop - span.start


def _key_count(group: Group) -> int:
    if group.keys is None:
        return 0
    return _count(group.keys) if isinstance(group.keys, slice) else len(group.keys)
