"""Which kernel serves a batch: dense masks, one call per region group, or FlexAttention."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from studio.engine.network.attention import Attention, DenseAttention, Group, GroupedAttention
from studio.engine.network.flex import FlexAttention, Tiles, tiles_of
from studio.engine.tokens.attention_mask import (
    CONTOUR,
    IMAGE,
    PADDING,
    TokenRoles,
    class_table,
    dense_mask,
    may_attend,
    token_classes,
)

# what one more kernel call costs, in pairs of tokens that could have been computed instead
_CALL_PAIRS = 20_000


def region_order(roles: TokenRoles) -> NDArray[np.int64]:
    """The image tokens ordered so that those of one region are neighbours.

    Counted within the image; a stable order, so that neighbours on the grid stay near.
    """
    words = roles.words[roles.kinds == IMAGE]
    return np.lexsort(words.T[::-1]) if words.any() else np.arange(len(words))


def choose_attention(
    roles: Sequence[TokenRoles], isolates: bool, device: torch.device, prefers_flex: bool
) -> tuple[Attention, Attention]:
    """For alignment and for isolation blocks. Rows with masks of their own need dense ones.

    On a CPU the groups are three times as fast as FlexAttention, so it is for CUDA only.
    """
    is_one, has_shares = len(roles) == 1, roles[0].shares is not None
    if prefers_flex and device.type == "cuda" and is_one and not has_shares:
        alignment: Attention = flex_attention(roles[0], isolates=False, device=device)
        isolation = flex_attention(roles[0], isolates=True, device=device)
        return alignment, isolation if isolates else alignment
    alignment = dense_attention(roles, isolates=False, device=device)
    if not isolates:
        return alignment, alignment
    grouped = grouped_attention(roles[0], device) if is_one else None
    return alignment, grouped or dense_attention(roles, isolates=True, device=device)


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


def flex_attention(
    roles: TokenRoles, *, isolates: bool, device: torch.device, compiled: bool = True
) -> FlexAttention:
    """The same table as a FlexAttention kernel sees it: a function of integers per token."""
    classes = token_classes(roles)
    table = torch.from_numpy(class_table(classes, isolates)).to(device)
    of_token = torch.from_numpy(classes.of_token).to(device)
    kinds = torch.from_numpy(roles.kinds).to(device)
    words = torch.from_numpy(np.ascontiguousarray(roles.words.T)).to(device)
    bias = torch.from_numpy(roles.bias).to(device)
    is_open = (words == 0).all(dim=0) if isolates else torch.ones_like(kinds, dtype=torch.bool)

    def allows(query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        shares_region = (words[0][query] & words[0][key]) != 0
        for word in words[1:]:
            shares_region = shares_region | ((word[query] & word[key]) != 0)
        allowed = may_attend(kinds[query], kinds[key], shares_region, is_open[query])
        return allowed | (query == key)

    def weighs(query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        from_image = (kinds[query] == IMAGE) & (kinds[key] == CONTOUR)
        from_contour = (kinds[query] == CONTOUR) & (kinds[key] == IMAGE)
        return from_image * bias[key] + from_contour * bias[query]

    def tiles(rows: slice) -> Tiles:
        return tiles_of(of_token, table > -torch.inf, kinds == PADDING, rows)

    return FlexAttention(allows, weighs if roles.bias.any() else None, tiles, compiled)


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
            is_padding = classes.kinds[mine] == PADDING
            row = table[mine][classes.of_token]
            by_class[mine] = (None, None) if is_padding else _keys(row, device)
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
