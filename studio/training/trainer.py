"""The one training loop: optimisers, schedule, running average, checkpoints, resuming, log."""

from __future__ import annotations

import json
import logging
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from studio.training.muon import Muon
from studio.training.precision import computing_in, fastest
from studio.training.team import Team

log = logging.getLogger(__name__)
Say = Callable[[str], None]
_FLOAT16_SCALE = 2.0**14  # what the loss is multiplied by, so that small gradients are not 0
_LONGEST_STEP = 20.0  # seconds; a longer one was a pause of the machine and is not counted


class Task(Protocol):
    """What is trained: parameters and a loss that draws its own batches."""

    name: str

    @property
    def module(self) -> nn.Module: ...

    def parameters(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]: ...  # matrices, others

    def loss(self, progress: float) -> Tensor: ...

    def report(self, folder: Path) -> dict[str, float]: ...  # with the averaged weights


@dataclass(frozen=True)
class Plan:
    """How long and how fast. `seconds` is training time, over all interruptions."""

    folder: Path
    seconds: float
    rate: float = 1e-3
    matrix_rate: float = 1e-3
    warmup_seconds: float = 20.0
    decay_share: float = 0.4
    averaging: float = 0.998
    weight_decay: float = 0.0
    save_seconds: float = 180.0
    report_seconds: float = 300.0
    log_steps: int = 20
    device: str = "cpu"
    seed: int = 0
    dtype: torch.dtype | None = None  # of the products; None: what the device computes fastest


class Trainer:
    """Trains a task until its time is used up; continues where a checkpoint left off."""

    def __init__(self, task: Task, plan: Plan, on_log: Say | None = None) -> None:
        self.task = task
        self.plan = plan
        self.team = Team()
        self.say = (on_log or log.info) if self.team.leads else _silent
        self.elapsed = 0.0
        self.steps = 0
        self.dtype = plan.dtype or fastest(plan.device)
        self.loss_scale = _FLOAT16_SCALE if self.dtype == torch.float16 else 1.0
        matrices, others = task.parameters()
        self.optimisers: list[torch.optim.Optimizer] = []
        self.matrices = matrices
        mine = self.team.share_of(matrices)
        if mine:
            self.optimisers.append(
                Muon(mine, plan.matrix_rate, weight_decay=plan.weight_decay, dtype=self.dtype)
            )
        if others:
            self.optimisers.append(
                torch.optim.AdamW(
                    others, plan.rate, betas=(0.9, 0.98), weight_decay=plan.weight_decay
                )
            )
        self.rates = [group["lr"] for o in self.optimisers for group in o.param_groups]
        self.trained = [*matrices, *others]
        self.average = [weight.detach().clone() for weight in self.trained]

    @property
    def checkpoint(self) -> Path:
        member = f"-{self.team.rank}" if self.team.rank else ""
        return self.plan.folder / f"{self.task.name}{member}.pt"

    @property
    def progress(self) -> float:
        return min(1.0, self.elapsed / self.plan.seconds)

    def run(self) -> None:
        self.plan.folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(self.plan.seed + int(time.time()) % 1000 + 7919 * self.team.rank)
        self.resume()
        try:
            self._train()
        except KeyboardInterrupt:
            if self.team.size == 1:  # members of a larger team may be at different steps
                self.save()
            raise
        self.save()
        self.report()

    def _train(self) -> None:
        saved = reported = time.monotonic()
        total, count, norms = 0.0, 0, 0.0
        while self.progress < 1:
            started = time.monotonic()
            value, norm = self.step()
            spent = min(time.monotonic() - started, _LONGEST_STEP)
            self.elapsed = self.team.agree(self.elapsed + spent)
            total, count, norms = total + value, count + 1, norms + norm
            if self.steps % self.plan.log_steps == 0:
                self._log(total / count, norms / count, count)
                total, count, norms = 0.0, 0, 0.0
            if time.monotonic() - saved > self.plan.save_seconds:
                self.save()
                saved = time.monotonic()
            if time.monotonic() - reported > self.plan.report_seconds:
                self.report()
                reported = time.monotonic()

    def step(self) -> tuple[float, float]:
        """One update; returns the loss and the gradient's norm.

        A gradient that is not finite changes nothing. In float16 the loss's scale is halved then.
        """
        factor = self._rate_factor()
        groups = [group for o in self.optimisers for group in o.param_groups]
        for group, rate in zip(groups, self.rates, strict=True):
            group["lr"] = rate * factor
        with computing_in(self.dtype, self.plan.device):
            loss = self.task.loss(self.progress)
        (loss * self.loss_scale).backward()
        self.team.average_gradients(self.trained)
        self._unscale()
        norm = float(nn.utils.clip_grad_norm_(self.trained, 1.0))
        if not math.isfinite(norm):
            self.loss_scale = max(1.0, self.loss_scale / 2)
        else:
            for optimiser in self.optimisers:
                optimiser.step()
            self.team.exchange(self.matrices)
        for weight in self.trained:
            weight.grad = None
        self.steps += 1
        self._follow()
        return float(loss.detach()), norm

    def _unscale(self) -> None:
        if self.loss_scale != 1.0:
            gradients = [weight.grad for weight in self.trained if weight.grad is not None]
            torch._foreach_div_(gradients, self.loss_scale)

    def report(self) -> None:
        if not self.team.leads:
            return
        with self.averaged():
            figures = self.task.report(self.plan.folder)
        if figures:
            self._write({"steps": self.steps, **figures})
            self.say("  ".join(f"{name} {value:.4f}" for name, value in figures.items()))

    def averaged(self) -> _Averaged:
        """Within it, the module holds the running average of its weights."""
        return _Averaged(self)

    def save(self) -> None:
        """Every member keeps its own optimisers' state; the leader the weights as well."""
        state: dict[str, Any] = {
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "team": self.team.size,
        }
        if self.team.leads:
            state |= {
                "module": self.task.module.state_dict(),
                "average": self.average,
                "elapsed": self.elapsed,
                "steps": self.steps,
            }
        beside = self.checkpoint.with_suffix(".part")
        torch.save(state, beside)
        os.replace(beside, self.checkpoint)

    def resume(self) -> bool:
        """Continue from the checkpoint in the plan's folder, if there is one."""
        leader = self.plan.folder / f"{self.task.name}.pt"
        if not leader.exists():
            return False
        state = torch.load(leader, map_location=self.plan.device, weights_only=True)
        self.task.module.load_state_dict(state["module"])
        self.average = [average.clone() for average in state["average"]]
        self.elapsed, self.steps = state["elapsed"], state["steps"]
        own = state
        if not self.team.leads and self.checkpoint.exists():
            own = torch.load(self.checkpoint, map_location=self.plan.device, weights_only=True)
        if own.get("team", 1) == self.team.size and (self.team.leads or own is not state):
            for optimiser, saved in zip(self.optimisers, own["optimisers"], strict=True):
                optimiser.load_state_dict(saved)
        self.say(f"resumed {self.task.name} at step {self.steps}, {self.elapsed:.0f} s")
        return True

    def _rate_factor(self) -> float:
        rise = min(1.0, (self.elapsed + 1) / max(1.0, self.plan.warmup_seconds))
        left = (1 - self.progress) / self.plan.decay_share
        return rise * min(1.0, max(0.02, left))

    @torch.no_grad()
    def _follow(self) -> None:
        share = min(self.plan.averaging, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self.average, [w.detach() for w in self.trained], 1 - share)

    def _log(self, loss: float, norm: float, count: int) -> None:
        self._write(
            {"steps": self.steps, "seconds": round(self.elapsed), "loss": loss, "norm": norm}
        )
        self.say(
            f"{self.task.name} step {self.steps}  {self.elapsed:.0f}/{self.plan.seconds:.0f} s  "
            f"loss {loss:.4f}  norm {norm:.2f}"
        )

    def _write(self, line: dict[str, float]) -> None:
        if not self.team.leads:
            return
        with (self.plan.folder / f"{self.task.name}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _silent(line: str) -> None:
    """What members that do not lead say."""


class _Averaged:
    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.kept: list[Tensor] = []

    def __enter__(self) -> None:
        self.kept = [weight.detach().clone() for weight in self.trainer.trained]
        self._load(self.trainer.average)

    def __exit__(self, *error: object) -> None:
        self._load(self.kept)

    @torch.no_grad()
    def _load(self, values: list[Tensor]) -> None:
        for weight, value in zip(self.trainer.trained, values, strict=True):
            weight.copy_(value)
