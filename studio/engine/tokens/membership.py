"""Which regions each image token belongs to, as bits in a few integers per token."""

# numpy and torch leave some of their types open
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.coverage import Overlap, Pixels, ThinRegions, owned_areas, owned_pixels

BITS = 63  # per word: the sign bit stays free, so that torch can hold the same integers

Words = NDArray[np.int64]


class Membership(NamedTuple):
    """`words` (image tokens, words): bit r of a token is set when it belongs to kept region r.

    `kept` and `hidden` count the regions as they were given, `rescued` counts kept regions.
    """

    words: Words
    kept: tuple[int, ...]
    hidden: tuple[int, ...]  # wholly covered by regions above; the model never sees them
    rescued: tuple[int, ...]  # had too few tokens and were given some
    counts: tuple[int, ...]  # tokens of each kept region

    @property
    def is_inside(self) -> NDArray[np.bool_]:
        """(image tokens,): whether a token belongs to any region."""
        return np.asarray(self.words.any(axis=1))


def membership(
    masks: Sequence[Pixels],
    grid: PatchGrid,
    overlap: Overlap,
    thin: ThinRegions = "share",
    areas: Sequence[int] | None = None,
) -> Membership:
    """Sample each mask at the token centres; with `top` the last mask that holds a token owns it.

    Sampling can miss what is thin. With `share` a region that has less than half the tokens that
    its area deserves takes those it covers most, until it has its share; with `published` only a
    region without any token takes one. With `top` a token changes hands, but its former owner
    shares it where it would otherwise have too few itself. `areas`: the pixels of each mask, where
    they are known; counting them takes longer than all the rest.
    """
    sampled = np.zeros((len(masks), grid.count), np.bool_)
    for region, mask in enumerate(masks):
        sampled[region] = grid.sample(mask)
    if overlap == "top":
        _leave_the_top(sampled)
    claims = _Claims(masks, grid, overlap, thin, sampled)
    shares = claims.shares(areas or [int(np.count_nonzero(mask)) for mask in masks])
    for region in shares:
        claims.take(region, shares)
    kept = [region for region in range(len(masks)) if region not in claims.hidden]
    rescued = [place for place, region in enumerate(kept) if region in shares]
    counts = np.count_nonzero(sampled[kept], axis=1)
    return Membership(
        words=pack(sampled[kept]),
        kept=tuple(kept),
        hidden=tuple(claims.hidden),
        rescued=tuple(rescued),
        counts=tuple(int(count) for count in counts),
    )


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


@dataclass
class _Claims:
    """What regions own of the picture, and the tokens (regions, tokens) that follow from it."""

    masks: Sequence[Pixels]
    grid: PatchGrid
    overlap: Overlap
    thin: ThinRegions
    sampled: NDArray[np.bool_]
    hidden: list[int] = field(default_factory=list[int])
    _areas: dict[int, int] = field(default_factory=dict[int, int])

    def shares(self, areas: Sequence[int]) -> dict[int, int]:
        """How many tokens each region deserves that has too few; finds the hidden ones, too.

        What a region owns is counted only where the area of its mask leaves a doubt.
        """
        held = [int(count) for count in np.count_nonzero(self.sampled, axis=1)]
        doubtful = [
            region
            for region, most in enumerate(areas)
            if self._is_scarce(held[region], most)
            and not (held[region] and self.thin == "published")
        ]
        self._count_owned(doubtful)
        found: dict[int, int] = {}
        for region in doubtful:
            area = self._areas[region]
            if not area:
                self.hidden.append(region)
            elif self._is_scarce(held[region], area):
                found[region] = 1 if self.thin == "published" else self._share(area)
        return found

    def take(self, region: int, shares: dict[int, int]) -> None:
        """Give the region the tokens it covers most; among equals, evenly spread ones."""
        mine = self.sampled[region]
        missing = shares[region] - int(np.count_nonzero(mine))
        pixels = self.grid.covered(owned_pixels(self.masks, self.overlap, region))
        pixels[mine] = 0
        for token in _most_covered(pixels, missing, self.grid.columns):
            if self.overlap == "top":
                for owner in np.flatnonzero(self.sampled[:, token]):
                    least = shares.get(int(owner)) or self._least(int(owner))
                    holds = int(np.count_nonzero(self.sampled[owner]))
                    self.sampled[owner, token] = holds <= least
            mine[token] = True

    def _is_scarce(self, held: int, area: int) -> bool:
        """Whether so many tokens are less than half of what so many pixels deserve."""
        return held == 0 or 2 * held * self.grid.pixels**2 < area

    def _share(self, area: int) -> int:
        patch = self.grid.pixels**2
        return max(1, (2 * area + patch) // (2 * patch))

    def _least(self, owner: int) -> int:
        """What may not be taken from a region that has enough."""
        if self.thin == "published":
            return 1
        return max(1, -(-self._area(owner) // (2 * self.grid.pixels**2)))

    def _area(self, region: int) -> int:
        if region not in self._areas:
            self._count_owned([region])
        return self._areas[region]

    def _count_owned(self, regions: Sequence[int]) -> None:
        self._areas |= owned_areas(self.masks, self.overlap, regions)


def _most_covered(pixels: NDArray[np.int64], count: int, columns: int) -> NDArray[np.int64]:
    """The `count` tokens of most pixels. Of those that tie for the last places, as along a road,
    every so many-th is taken on a walk from neighbour to neighbour."""
    order = np.argsort(-pixels, kind="stable")[: np.count_nonzero(pixels)]
    if count == 1 or count >= len(order):
        return order[:count]
    least = pixels[order[count - 1]]
    sure, tied = order[pixels[order] > least], order[pixels[order] == least]
    places = count - len(sure)
    spread = (2 * np.arange(places) + 1) * len(tied) // (2 * places)
    return np.concatenate([sure, _walk(tied, columns)[spread]])


def _walk(tokens: NDArray[np.int64], columns: int) -> NDArray[np.int64]:
    """The tokens from the first on, each followed by the nearest that is left."""
    rows, across = np.divmod(tokens, columns)
    is_left = np.ones(len(tokens), np.bool_)
    order = np.zeros(len(tokens), np.int64)
    for place in range(1, len(tokens)):
        here = order[place - 1]
        is_left[here] = False
        distance = (rows - rows[here]) ** 2 + (across - across[here]) ** 2
        order[place] = np.where(is_left, distance, np.iinfo(np.int64).max).argmin()
    return tokens[order]
