"""The denoising loop: Euler steps along the predicted velocity, with true CFG where asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from studio.engine.network.transformer import FixedParts, RegionalInputs, RegionalTransformer
from studio.engine.sampling.follow import Follow
from studio.engine.sampling.preview import LatentPreview
from studio.engine.sampling.schedule import Schedule
from studio.engine.sampling.step import Cancel, OnStep, Step
from studio.scene.errors import Cancelled, NotFinite


@dataclass(frozen=True)
class Guided:
    """The transformer with everything that does not change from step to step."""

    transformer: RegionalTransformer
    positive: RegionalInputs
    negative: RegionalInputs | None
    true_cfg: float
    guides_every: int = 1  # a draft asks for the negative caption at every second step only

    def prepared(self) -> Callable[[Tensor, Tensor], Tensor]:
        """velocity(latents, sigma): v, or v_neg + s (v - v_neg)."""
        fixed = self.transformer.prepare(self.positive)
        negative = self.negative
        if negative is None:
            return lambda latents, sigma: self._predict(latents, sigma, self.positive, fixed)
        fixed_negative = self.transformer.prepare(negative)
        step = 0
        direction: Tensor | None = None  # from the negative caption to the captions

        def velocity(latents: Tensor, sigma: Tensor) -> Tensor:
            nonlocal step, direction
            with_captions = self._predict(latents, sigma, self.positive, fixed)
            if direction is None or step % self.guides_every == 0:
                direction = with_captions - self._predict(latents, sigma, negative, fixed_negative)
            step += 1
            return with_captions + (self.true_cfg - 1) * direction

        return velocity

    def _predict(
        self, latents: Tensor, sigma: Tensor, inputs: RegionalInputs, fixed: FixedParts
    ) -> Tensor:
        return self.transformer(latents, sigma, inputs, fixed)


@dataclass(frozen=True)
class StepCounter:
    """Whom to tell of each step, and how many of `count` steps earlier batches took."""

    count: int
    on_step: OnStep | None
    done: int = 0

    def after(self, steps: int) -> StepCounter:
        return replace(self, done=self.done + steps)


@torch.no_grad()
def denoise(
    guided: Guided,
    latents: Tensor,
    schedule: Schedule,
    painter: LatentPreview,
    counter: StepCounter,
    cancel: Cancel | None,
    follow: Follow | None = None,
) -> Tensor:
    """The latents after all steps. Raises Cancelled between steps, NotFinite at the first NaN.

    With `follow` what is held of a photo follows it; the schedule begins where something is free.
    """
    raise_if_cancelled(cancel)
    velocity_of = guided.prepared()
    for index in range(schedule.first, len(schedule.timesteps)):
        timestep = schedule.timesteps[index]
        raise_if_cancelled(cancel)
        started = time.perf_counter()
        sigma = schedule.sigmas[index].to(latents.device).expand(len(latents))
        velocity = velocity_of(latents, sigma)
        latents = schedule.step(velocity, timestep, latents)
        if follow is not None:
            latents = follow.held(
                latents, float(schedule.sigmas[index]), schedule.level_after(index)
            )
        if not torch.isfinite(latents).all():
            raise NotFinite(
                "Step {step} gave NaN or infinite latents. Try dtype bfloat16 or float32, or less "
                "extreme settings; if it stays, the weights are damaged.",
                step=index + 1,
            )
        if counter.on_step:
            step = Step(
                index=counter.done + index - schedule.first + 1,
                count=counter.count,
                sigma=float(schedule.sigmas[index]),
                next_sigma=schedule.level_after(index),
                latents=latents,
                velocity=velocity,
                seconds=time.perf_counter() - started,
                painter=painter,
            )
            counter.on_step(step)
    raise_if_cancelled(cancel)
    return latents


def raise_if_cancelled(cancel: Cancel | None) -> None:
    if cancel is None:
        return
    is_cancelled = cancel.is_set() if isinstance(cancel, threading.Event) else cancel()
    if is_cancelled:
        raise Cancelled("The render was stopped.")
