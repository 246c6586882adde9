"""Who may attend to whom: the published table as a function of a few integers per token.

The integers are the truth. A dense additive mask is made from them where a kernel needs one.
"""

# numpy and torch leave some of their types open
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from studio.engine.tokens.membership import Words, region_word
from studio.engine.tokens.token_layout import TokenLayout

GLOBAL_TEXT, REGION_TEXT, IMAGE, CONTOUR, PADDING = range(5)


@dataclass(frozen=True)
class TokenRoles:
    """What decides the attention of each token of one scene, in sequence order."""

    kinds: NDArray[np.int64]  # (tokens,)
    words: Words  # (tokens, words): the regions of a region text or image token
    bias: NDArray[np.float32]  # (tokens,): log gamma of a contour token, else 0
    # `place`: (regions, image tokens), the share of each image token that each region covers
    shares: NDArray[np.float32] | None = None

    def ordered(self, order: NDArray[np.int64]) -> TokenRoles:
        """The same scene with its tokens in another order."""
        return replace(
            self, kinds=self.kinds[order], words=self.words[order], bias=self.bias[order]
        )


def token_roles(
    layout: TokenLayout,
    words: Words,
    contour_bias: NDArray[np.float32] | float = 0.0,
    shares: NDArray[np.float32] | None = None,
) -> TokenRoles:
    """Roles of a scene whose image tokens belong to regions as `words` (image tokens, n) says.

    contour_bias: log gamma of each contour token, or of all.
    """
    kinds = np.full(layout.total, PADDING, np.int64)
    bits = np.zeros((layout.total, words.shape[1]), np.int64)
    bias = np.zeros(layout.total, np.float32)
    kinds[layout.global_span] = GLOBAL_TEXT
    for region, span in enumerate(layout.region_spans):
        kinds[span] = REGION_TEXT
        bits[span] = region_word(region, len(layout.region_text))
    kinds[layout.image_span] = IMAGE
    bits[layout.image_span] = words
    kinds[layout.contour_span] = CONTOUR
    bias[layout.contour_span] = contour_bias
    return TokenRoles(kinds, bits, bias, shares)


def may_attend(query: Any, key: Any, shares_region: Any, is_open: Any) -> Any:
    """The table of the method, for kinds as numpy arrays, tensors or numbers that broadcast.

    shares_region: query and key have a region in common. is_open: the query is outside every
    region, or the block aligns only; an open image token sees all image tokens and global text.
    """
    from_text = (query == GLOBAL_TEXT) & ((key == GLOBAL_TEXT) | (key == IMAGE))
    regional = ((query == REGION_TEXT) | (query == IMAGE)) & ((key == REGION_TEXT) | (key == IMAGE))
    from_image = (query == IMAGE) & (
        (key == CONTOUR) | (is_open & ((key == GLOBAL_TEXT) | (key == IMAGE)))
    )
    from_contour = (query == CONTOUR) & ((key == IMAGE) | (key == CONTOUR))
    return from_text | (regional & shares_region) | from_image | from_contour


class TokenClasses(NamedTuple):
    """Tokens that attend alike, counted once: `of_token` (tokens,) points into the others."""

    kinds: NDArray[np.int64]
    words: Words
    bias: NDArray[np.float32]
    of_token: NDArray[np.int64]


def token_classes(roles: TokenRoles) -> TokenClasses:
    columns = [roles.kinds, roles.bias.view(np.int32).astype(np.int64), *roles.words.T]
    code: NDArray[np.int64] = np.zeros(len(roles.kinds), np.int64)
    for column in columns:
        values, inverse = np.unique(column, return_inverse=True)
        if len(values) > 1:
            code = np.unique(code * len(values) + inverse, return_inverse=True)[1]
    first = np.unique(code, return_index=True)[1]
    return TokenClasses(roles.kinds[first], roles.words[first], roles.bias[first], code)


def class_table(classes: TokenClasses, isolates: bool) -> NDArray[np.float32]:
    """(classes, classes): 0, log gamma or -inf from each class to each."""
    words = classes.words
    shares_region = (words[:, None] & words[None]).any(axis=2)
    is_open = np.asarray((words == 0).all(axis=1)) if isolates else np.full(len(words), True)
    query, key = classes.kinds[:, None], classes.kinds[None]
    allowed = may_attend(query, key, shares_region, is_open[:, None])
    weight = np.where(
        (query == IMAGE) & (key == CONTOUR),
        classes.bias[None],
        np.where((query == CONTOUR) & (key == IMAGE), classes.bias[:, None], 0),
    )
    return np.where(allowed, weight, -np.inf).astype(np.float32)


def dense_mask(roles: TokenRoles, isolates: bool) -> torch.Tensor:
    """(tokens, tokens) additive float32 mask: 0, log gamma or log share, -inf where blocked."""
    classes = token_classes(roles)
    table = torch.from_numpy(class_table(classes, isolates))
    index = torch.from_numpy(classes.of_token)
    mask = table.index_select(1, index).index_select(0, index)
    if roles.shares is not None:
        _link_by_share(mask, roles)
    padding = torch.from_numpy(np.flatnonzero(roles.kinds == PADDING))
    mask[padding, padding] = 0.0
    return mask


def _link_by_share(mask: torch.Tensor, roles: TokenRoles) -> None:
    assert roles.shares is not None
    weights = torch.from_numpy(roles.shares).log()
    image = torch.from_numpy(np.flatnonzero(roles.kinds == IMAGE))
    for region in range(len(roles.shares)):
        is_mine = (roles.words & region_word(region, len(roles.shares))).any(axis=1)
        text = torch.from_numpy(np.flatnonzero(is_mine & (roles.kinds == REGION_TEXT)))
        mask[text[:, None], image[None]] = weights[region][None]
        mask[image[:, None], text[None]] = weights[region][:, None]
