"""Which regions each image token belongs to, as bits in a few integers per token."""

# numpy and torch leave some of their types open
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.coverage import Overlap

BITS = 63  # per word: the sign bit stays free, so that torch can hold the same integers

Words = NDArray[np.int64]


class Membership(NamedTuple):
    """`words` (image tokens, words): bit r of a token is set when it belongs to kept region r.

    `kept` and `hidden` count the regions as they were given, `rescued` counts kept regions.
    """

    words: Words
    kept: tuple[int, ...]
    hidden: tuple[int, ...]  # wholly covered by regions above; the model never sees them
    rescued: tuple[int, ...]  # owned no token and were given one

    @property
    def is_inside(self) -> NDArray[np.bool_]:
        """(image tokens,): whether a token belongs to any region."""
        return np.asarray(self.words.any(axis=1))


def membership(masks: Sequence[NDArray[np.bool_]], grid: PatchGrid, overlap: Overlap) -> Membership:
    """Sample each mask at the token centres; with `top` the last mask that holds a token owns it.

    A region that owns no token takes the one it covers most. The token's former owner shares it
    when it would be left with none, and always when overlaps are shared.
    """
    sampled = np.zeros((len(masks), grid.count), np.bool_)
    for region, mask in enumerate(masks):
        sampled[region] = grid.sample(mask)
    if overlap == "top":
        _leave_the_top(sampled)
    missing = [int(region) for region in np.flatnonzero(~sampled.any(axis=1))]
    hidden: list[int] = []
    for region in missing:
        pixels = _owned_pixels(masks, region, overlap)
        if pixels.any():
            _give_token(sampled, region, int(grid.shares(pixels).argmax()), overlap)
        else:
            hidden.append(region)
    kept = [region for region in range(len(masks)) if region not in hidden]
    rescued = [place for place, region in enumerate(kept) if region in missing]
    return Membership(pack(sampled[kept]), tuple(kept), tuple(hidden), tuple(rescued))


def pack(sampled: NDArray[np.bool_]) -> Words:
    """(tokens, words) of a table (regions, tokens)."""
    words = np.zeros((sampled.shape[1], word_count(len(sampled))), np.int64)
    for region, tokens in enumerate(sampled):
        words[tokens, region // BITS] |= np.int64(1) << np.int64(region % BITS)
    return words


def region_word(region: int, regions: int) -> Words:
    """(words,): the bit of one region."""
    word = np.zeros(word_count(regions), np.int64)
    word[region // BITS] = np.int64(1) << np.int64(region % BITS)
    return word


def word_count(regions: int) -> int:
    return max(1, -(-regions // BITS))


def _leave_the_top(sampled: NDArray[np.bool_]) -> None:
    covered = np.zeros(sampled.shape[1], np.bool_)
    for tokens in sampled[::-1]:
        tokens &= ~covered
        covered |= tokens


def _owned_pixels(
    masks: Sequence[NDArray[np.bool_]], region: int, overlap: Overlap
) -> NDArray[np.bool_]:
    if overlap == "share":
        return masks[region]
    owned = np.array(masks[region])
    for above in masks[region + 1 :]:
        owned &= ~above
    return owned


def _give_token(sampled: NDArray[np.bool_], region: int, token: int, overlap: Overlap) -> None:
    if overlap == "top":
        for owner in np.flatnonzero(sampled[:, token]):
            sampled[owner, token] = np.count_nonzero(sampled[owner]) == 1
    sampled[region, token] = True
