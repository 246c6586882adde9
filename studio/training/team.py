"""Several processes that train one model: each computes its own batch, gradients are averaged.

On a shared CPU two processes of one thread are faster than one of two: they meet once a step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as distributed
import torch.multiprocessing as multiprocessing
from torch import nn


class Team:
    """The processes of a run; a team of one when nothing was started."""

    def __init__(self) -> None:
        is_started = distributed.is_available() and distributed.is_initialized()
        self.size = distributed.get_world_size() if is_started else 1
        self.rank = distributed.get_rank() if is_started else 0

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def share_of(self, items: Sequence[nn.Parameter]) -> list[nn.Parameter]:
        """The items this member updates; every member gets about as much of every shape."""
        ordered = sorted(range(len(items)), key=lambda i: (tuple(items[i].shape), i))
        return [items[i] for place, i in enumerate(ordered) if place % self.size == self.rank]

    def average_gradients(self, weights: Sequence[nn.Parameter]) -> None:
        if self.size == 1:
            return
        gradients = [
            torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in weights
        ]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(flat)
        flat /= self.size
        start = 0
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = flat[start : start + gradient.numel()].view_as(gradient)
            start += gradient.numel()

    @torch.no_grad()
    def exchange(self, items: Sequence[nn.Parameter]) -> None:
        """Everyone gets each member's share of `items` as that member has updated it."""
        if self.size == 1:
            return
        for rank in range(self.size):
            owner = Team()
            owner.size, owner.rank = self.size, rank
            share = owner.share_of(items)
            flat = torch.cat([weight.detach().flatten() for weight in share])
            distributed.broadcast(flat, rank)
            start = 0
            for weight in share:
                weight.copy_(flat[start : start + weight.numel()].view_as(weight))
                start += weight.numel()

    def agree(self, value: float) -> float:
        """The leader's value, for everyone."""
        if self.size == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64)
        distributed.broadcast(shared, 0)
        return float(shared)


def run_team(size: int, meeting: Path, work: Callable[..., None], *arguments: Any) -> None:
    """Run `work(*arguments)` in `size` processes that form a team; in this one when size is 1."""
    if size == 1:
        work(*arguments)
        return
    meeting.unlink(missing_ok=True)
    multiprocessing.spawn(_member, (size, str(meeting), work, arguments), size, join=True)


def _member(rank: int, size: int, meeting: str, work: Callable[..., None], arguments: Any) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo", f"file://{meeting}", timedelta(hours=1), world_size=size, rank=rank
    )
    work(*arguments)
    distributed.destroy_process_group()
