"""`train`: what a command line asks of the trainer."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.commands.cli import build_parser
from studio.commands.train import mini_plan, on_accelerator, run
from studio.scene.errors import MissingWeights, RequestError


def test_the_time_is_shared_out_among_the_stages() -> None:
    given = build_parser("train").parse_args(["train", "mini", "--minutes", "100"])
    plan = mini_plan(given)
    stages = (plan.vae_seconds, plan.small_seconds, plan.large_seconds, plan.decoder_seconds)
    assert stages == pytest.approx((1200, 3000, 1500, 300))
    assert (plan.workers, plan.painters) == (2, 0)


def test_a_kept_vae_leaves_its_time_to_the_transformer() -> None:
    line = ["train", "mini", "--minutes", "100", "--keep-vae", "--start", "somewhere"]
    plan = mini_plan(build_parser("train").parse_args(line))
    assert plan.vae_seconds == 0
    assert plan.small_seconds + plan.large_seconds + plan.decoder_seconds == pytest.approx(6000)


def test_on_an_accelerator_one_process_trains_and_the_cores_paint() -> None:
    line = ["train", "mini", "--workers", "4"]
    plan = on_accelerator(mini_plan(build_parser("train").parse_args(line)))
    assert plan.workers == 1
    assert plan.painters >= 1
    assert plan.batch > 24


def test_a_vae_can_only_be_kept_from_somewhere(tmp_path: Path) -> None:
    line = ["train", "mini", "--keep-vae", "--folder", str(tmp_path)]
    with pytest.raises(RequestError, match="needs --start"):
        run(build_parser("train").parse_args(line))


def test_a_folder_without_drawings_is_named_before_anything_is_trained(tmp_path: Path) -> None:
    line = ["train", "mini", "--smoke", "--folder", str(tmp_path / "run")]
    with pytest.raises(MissingWeights, match="holds none of the drawings"):
        run(build_parser("train").parse_args([*line, "--drawings", str(tmp_path)]))
