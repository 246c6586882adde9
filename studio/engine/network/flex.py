"""FlexAttention: one kernel call that skips whole tiles, driven by a few integers per token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask, flex_attention

TILE = 128

# (query token, key token) as index tensors -> bool, and the same -> what is added to the logit
Allows = Callable[[Tensor, Tensor], Tensor]
Weighs = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Tiles:
    """Which tiles of the mask hold an allowed pair, and which hold nothing but allowed pairs."""

    partly: Tensor  # (query tiles, key tiles) bool
    wholly: Tensor  # (query tiles, key tiles) bool

    @property
    def skipped(self) -> float:
        """The share of tiles that no kernel has to look at."""
        return 1.0 - float((self.partly | self.wholly).float().mean())


class FlexAttention:
    """Scenes of a batch share one mask. `compiled` False is for checking: slow, no tiles."""

    def __init__(
        self, allows: Allows, weighs: Weighs | None, tiles: Callable[[slice], Tiles], compiled: bool
    ) -> None:
        self._allows = allows
        self._weighs = weighs
        self._tiles = tiles
        self._kernel: Any = _compiled_kernel() if compiled else flex_attention
        self._masks: dict[tuple[int, int], BlockMask] = {}

    def __call__(self, query: Tensor, key: Tensor, value: Tensor, rows: slice) -> Tensor:
        start = rows.start or 0
        mask = self._mask(slice(start, start + query.shape[2]), key.shape[2])
        score = None if self._weighs is None else partial(_weighed, self._weighs, start)
        return self._kernel(
            query.contiguous(),
            key.contiguous(),
            value.contiguous(),
            score_mod=score,
            block_mask=mask,
        )

    def _mask(self, rows: slice, keys: int) -> BlockMask:
        place = (rows.start, rows.stop)
        if place not in self._masks:
            allows, start = self._allows, rows.start

            def mask(b: Tensor, h: Tensor, q: Tensor, k: Tensor) -> Tensor:
                return allows(q + start, k)

            tiles = self._tiles(rows)
            partly = _tile_list(tiles.partly & ~tiles.wholly)
            wholly = _tile_list(tiles.wholly)
            self._masks[place] = BlockMask.from_kv_blocks(
                *partly,
                *wholly,
                BLOCK_SIZE=TILE,
                mask_mod=mask,
                seq_lengths=(rows.stop - rows.start, keys),
            )
        return self._masks[place]


def _weighed(
    weighs: Weighs, start: int, logit: Tensor, b: Tensor, h: Tensor, q: Tensor, k: Tensor
) -> Tensor:
    """The score of a pair whose query is the q-th of the rows from `start` on."""
    return logit + weighs(q + start, k).to(logit.dtype)


def tiles_of(classes: Tensor, allowed: Tensor, diagonal: Tensor, rows: slice) -> Tiles:
    """Tiles from the class of each token (tokens,) and who may attend to whom (classes, classes).

    diagonal: (tokens,) bool, tokens that see themselves whatever their class says (padding).
    """
    count = len(allowed)
    keys = _presence(classes, count)
    queries = _presence(classes[rows], count)
    some = queries @ allowed.float() @ keys.T > 0
    none_blocked = queries @ (~allowed).float() @ keys.T == 0
    own = torch.arange(rows.start, rows.stop, device=classes.device)[diagonal[rows]]
    some[(own - rows.start) // TILE, own // TILE] = True
    return Tiles(some, none_blocked)


def _presence(classes: Tensor, count: int) -> Tensor:
    """(tiles, classes) float: which classes occur in each tile."""
    tiles = -(-len(classes) // TILE)
    present = torch.zeros(tiles, count, device=classes.device)
    present[torch.arange(len(classes), device=classes.device) // TILE, classes] = 1.0
    return present


def _tile_list(tiles: Tensor) -> tuple[Tensor, Tensor]:
    """Per row of tiles their number and, first, their indices, in the form a BlockMask takes."""
    counts = tiles.sum(dim=1, dtype=torch.int32)
    indices = tiles.int().argsort(dim=1, descending=True, stable=True).int()
    return counts[None, None], indices[None, None].contiguous()


@lru_cache(maxsize=1)
def _compiled_kernel() -> Any:
    return torch.compile(flex_attention, dynamic=False)
