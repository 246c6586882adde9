"""The trainer: it learns, keeps an average, and continues after an interruption."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from studio.training.muon import Muon, orthogonal, split_parameters
from studio.training.trainer import Plan, Trainer
from tests.precisions import NEAR, in_each_precision, relative_error


class Line:
    """Fits y = W x on random points."""

    name = "line"

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.module = nn.Linear(4, 4)
        self.wanted = torch.randn(4, 4)

    def parameters(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        return split_parameters(self.module)

    def loss(self, progress: float) -> Tensor:
        x = torch.randn(32, 4)
        return (self.module(x) - x @ self.wanted.T).square().mean()

    def report(self, folder: Path) -> dict[str, float]:
        return {"weight": float(self.module.weight.detach().sum())}


def plan(folder: Path, seconds: float) -> Plan:
    return Plan(folder, seconds, rate=0.05, matrix_rate=0.1, warmup_seconds=0)


def test_the_loss_falls(tmp_path: Path) -> None:
    trainer = Trainer(Line(), plan(tmp_path, 60))
    losses = [trainer.step()[0] for _ in range(200)]
    assert sum(losses[-10:]) < 0.1 * sum(losses[:10])


class Interrupted(Line):
    """Its user presses Ctrl+C in the third step."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = 0

    def loss(self, progress: float) -> Tensor:
        self.drawn += 1
        if self.drawn == 3:
            raise KeyboardInterrupt
        return super().loss(progress)


def test_nothing_is_lost_when_it_is_interrupted_by_hand(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        Trainer(Interrupted(), plan(tmp_path, 60)).run()
    second = Trainer(Line(), plan(tmp_path, 60))
    assert second.resume()
    assert second.steps == 2


def test_it_continues_where_it_was_stopped(tmp_path: Path) -> None:
    first = Trainer(Line(), plan(tmp_path, 60))
    for _ in range(5):
        first.step()
    first.elapsed = 7.0
    first.save()
    second = Trainer(Line(), plan(tmp_path, 60))
    assert second.resume()
    assert second.steps == 5
    assert second.elapsed == 7.0
    assert torch.equal(second.task.module.weight, first.task.module.weight)
    assert torch.equal(second.average[0], first.average[0])
    torch.manual_seed(1)
    first.step()
    torch.manual_seed(1)
    second.step()
    assert torch.equal(second.task.module.weight, first.task.module.weight)


def test_a_finished_run_is_not_run_again(tmp_path: Path) -> None:
    lines: list[str] = []
    trainer = Trainer(Line(), plan(tmp_path, 0.05), lines.append)
    trainer.run()
    steps = trainer.steps
    again = Trainer(Line(), plan(tmp_path, 0.05), lines.append)
    again.run()
    assert again.steps == steps
    assert any("resumed" in line for line in lines)


def test_the_average_is_lent_and_taken_back(tmp_path: Path) -> None:
    trainer = Trainer(Line(), plan(tmp_path, 60))
    for _ in range(3):
        trainer.step()
    own = trainer.task.module.weight.detach().clone()
    with trainer.averaged():
        assert torch.equal(trainer.task.module.weight, trainer.average[0])
    assert torch.equal(trainer.task.module.weight, own)


def test_newton_schulz_makes_rows_about_orthonormal() -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonal(torch.randn(3, 16, 48)).float())
    assert values.min() > 0.6
    assert values.max() < 1.3


@in_each_precision
def test_the_loss_falls_in_each_precision(tmp_path: Path, dtype: torch.dtype) -> None:
    trainer = Trainer(Line(), replace(plan(tmp_path, 60), dtype=dtype))
    losses = [trainer.step()[0] for _ in range(100)]
    assert sum(losses[-10:]) < 0.3 * sum(losses[:10])


@in_each_precision
def test_newton_schulz_in_each_precision(dtype: torch.dtype) -> None:
    matrices = 1000 * torch.randn(2, 12, 8, generator=torch.Generator().manual_seed(0))
    found, wanted = orthogonal(matrices, dtype), orthogonal(matrices)
    assert found.dtype == torch.float32
    assert relative_error(found, wanted) <= NEAR[dtype]


def test_float16_halves_the_scale_of_the_loss_until_gradients_are_finite(tmp_path: Path) -> None:
    line = Line()
    trainer = Trainer(line, replace(plan(tmp_path, 60), dtype=torch.float16))
    trainer.loss_scale = 2.0**30
    before = line.module.weight.detach().clone()
    norms = [trainer.step()[1] for _ in range(20)]
    assert not math.isfinite(norms[0])
    assert math.isfinite(norms[-1])
    assert 1 < trainer.loss_scale < 2.0**30
    assert not torch.equal(before, line.module.weight)


def test_muon_steps_have_the_size_of_adam_steps() -> None:
    weight = nn.Parameter(torch.zeros(32, 32))
    optimiser = Muon([weight], lr=0.01)
    weight.grad = torch.randn(32, 32, generator=torch.Generator().manual_seed(0))
    optimiser.step()
    assert 0.001 < float(weight.detach().square().mean().sqrt()) < 0.004
