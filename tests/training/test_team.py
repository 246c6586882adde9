"""Two processes that meet over gloo train as one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from studio.training.muon import split_parameters
from studio.training.team import Team, run_team
from studio.training.trainer import Plan, Trainer

STEPS = 3


class Fit:
    """Fits y = W x. Each member has points of its own; `rank` None has those of both."""

    name = "fit"

    def __init__(self, rank: int | None) -> None:
        torch.manual_seed(0)
        self.module = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2))
        self.wanted = torch.randn(2, 4)
        points = torch.randn(2, 16, 4)
        self.points = points.flatten(0, 1) if rank is None else points[rank]

    def parameters(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        return split_parameters(self.module)

    def loss(self, progress: float) -> Tensor:
        return (self.module(self.points) - self.points @ self.wanted.T).square().mean()

    def report(self, folder: Path) -> dict[str, float]:
        return {}


def trained(folder: Path, rank: int | None) -> Trainer:
    plan = Plan(folder, 60, rate=0.05, matrix_rate=0.05, warmup_seconds=0, dtype=torch.float32)
    trainer = Trainer(Fit(rank), plan)
    for _ in range(STEPS):
        trainer.step()
        trainer.elapsed = trainer.team.agree(trainer.elapsed + 1 + trainer.team.rank)
    return trainer


def member(folder: Path) -> None:
    """What one process of the team does; its findings lie in a file of its own."""
    team = Team()
    trainer = trained(folder, team.rank)
    trainer.save()
    weight = nn.Parameter(torch.zeros(2))
    weight.grad = torch.full((2,), float(1 + 2 * team.rank))
    silent = nn.Parameter(torch.zeros(3))  # one that this member's batch did not reach
    team.average_gradients([weight, silent])
    found = {
        "weights": [each.detach() for each in trainer.trained],
        "elapsed": torch.tensor(trainer.elapsed),
        "gradient": weight.grad,
        "silence": silent.grad,
        "mine": torch.tensor([each.numel() for each in team.share_of(trainer.matrices)]),
    }
    torch.save(found, folder / f"member-{team.rank}.pt")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("team")
    run_team(2, place / "meeting", member, place)
    return place


@pytest.mark.slow
def test_two_processes_end_with_the_same_weights(folder: Path) -> None:
    first, second = (torch.load(folder / f"member-{rank}.pt", weights_only=True) for rank in (0, 1))
    for one, other in zip(first["weights"], second["weights"], strict=True):
        assert torch.equal(one, other)
    assert first["elapsed"] == second["elapsed"] == STEPS  # the leader's clock


@pytest.mark.slow
def test_two_processes_train_as_one_with_both_their_batches(folder: Path, tmp_path: Path) -> None:
    team = torch.load(folder / "member-0.pt", weights_only=True)["weights"]
    alone = trained(tmp_path, None).trained
    untrained = [each.detach() for each in split_parameters(Fit(None).module)[0]]
    for ours, theirs in zip(team, alone, strict=True):
        # sums in another order, through three steps of Newton-Schulz
        torch.testing.assert_close(ours, theirs.detach(), atol=1e-4, rtol=1e-3)
    assert all(not torch.equal(now, then) for now, then in zip(team, untrained, strict=False))


@pytest.mark.slow
def test_gradients_are_averaged_also_where_one_member_has_none(folder: Path) -> None:
    for rank in (0, 1):
        found = torch.load(folder / f"member-{rank}.pt", weights_only=True)
        assert found["gradient"].tolist() == [2.0, 2.0]  # of 1 and 3
        assert found["silence"].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.slow
def test_each_member_updates_its_own_matrices(folder: Path) -> None:
    shares = [
        torch.load(folder / f"member-{rank}.pt", weights_only=True)["mine"].tolist()
        for rank in (0, 1)
    ]
    assert sorted(shares[0] + shares[1]) == [8, 16, 16]
    assert all(shares)
    assert (folder / "fit.pt").exists()
    assert (folder / "fit-1.pt").exists()  # the second member keeps its own optimisers' state
