"""The noise levels of a render: linear, then shifted by the number of image tokens."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from diffusers import FlowMatchEulerDiscreteScheduler
from torch import Tensor


def shift_of(tokens: int, config: Any) -> float:
    """mu: FLUX's resolution-dependent shift, linear in the number of image tokens."""
    low, high = config.get("base_image_seq_len", 256), config.get("max_image_seq_len", 4096)
    least, most = config.get("base_shift", 0.5), config.get("max_shift", 1.15)
    slope = (most - least) / (high - low)
    return tokens * slope + least - slope * low


@dataclass(frozen=True)
class Schedule:
    """The noise level of each step, and diffusers' Euler step from one to the next."""

    scheduler: Any  # FlowMatchEulerDiscreteScheduler, whose stubs know no Tensor
    sigmas: Tensor  # (steps,), in [0, 1]
    first: int = 0  # the step that is taken first; what lies before it needs no model

    @property
    def timesteps(self) -> Tensor:
        return self.scheduler.timesteps

    def step(self, velocity: Tensor, timestep: Tensor, latents: Tensor) -> Tensor:
        return self.scheduler.step(velocity, timestep, latents, return_dict=False)[0]

    def beginning_at(self, first: int) -> Schedule:
        self.scheduler.set_begin_index(first)
        return replace(self, first=first)

    def level_after(self, index: int) -> float:
        return float(self.scheduler.sigmas[index + 1])


def build_schedule(
    scheduler: FlowMatchEulerDiscreteScheduler,
    steps: int,
    tokens: int,
    sigmas: Sequence[float] | None = None,
) -> Schedule:
    """A schedule of this render's own; the scheduler that was loaded stays as it is.

    `sigmas` stand in for linspace(1, 1 / steps, steps), before the shift.
    """
    own: Any = copy.deepcopy(scheduler)
    levels = np.linspace(1.0, 1 / steps, steps) if sigmas is None else np.asarray(sigmas)
    own.set_timesteps(sigmas=levels.tolist(), mu=shift_of(tokens, own.config), device="cpu")
    own.set_begin_index(0)
    return Schedule(own, own.timesteps / own.config.num_train_timesteps)
