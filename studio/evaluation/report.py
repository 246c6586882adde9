"""Runs the whole benchmark and prints it as a table, with bars."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from studio.engine.engine import Engine
from studio.evaluation import benchmark as bench
from studio.evaluation.benchmark import Copier, Say, Trial
from studio.scene.geometry import Extent


class Row(NamedTuple):
    """One line of the table."""

    what: str
    value: str
    beside: str
    bar: str
    is_met: bool | None


@dataclass(frozen=True)
class Size:
    """How many scenes the benchmark renders."""

    scenes: int = 32
    unseen: int = 16
    gamma: int = 8
    leak: int = 8
    materials: int = 1  # times every material


def evaluate(engine: Engine, copy: Copier, size: Size, say: Say) -> Iterator[Row]:
    """The rows of the table, each as soon as it is known."""
    extent = Extent(256, 256)
    scenes = bench.held_out(size.scenes, extent)
    painted = bench.truth(scenes)
    yield _vae_row(painted, copy)
    yield _badge_row(engine, extent)
    made = bench.rendered(engine, scenes, say)
    yield _colour_row("colour right", made, ">= 92 %", 0.92)
    floor = bench.rendered(engine, scenes, say, use_contour=False)
    yield from _shape_rows(made, painted, floor)
    yield _material_row(engine, copy, size, extent, say)
    yield _unseen_row(engine, size, extent, say)
    yield _leak_row(engine, size, extent, say)
    yield _gamma_row(engine, scenes[: size.gamma], say)
    seconds = bench.seconds_a_render(engine, scenes[0])
    met = seconds <= 3
    yield Row("render 256 px, default settings", f"{seconds:.2f} s", "", "<= 3 s", met)


def _colour_row(what: str, made: Sequence[Trial], bar: str, least: float) -> Row:
    found = bench.colours(made)
    return Row(what, f"{found.share:.1%}", str(found), bar, found.share >= least)


def _material_row(engine: Engine, copy: Copier, size: Size, extent: Extent, say: Say) -> Row:
    judge = bench.fitted_judge(copy, extent)
    scenes = bench.material_scenes(size.materials, extent, 300_000)
    made = bench.material_share(judge, bench.rendered(engine, scenes, say))
    best = bench.material_share(judge, bench.copies(bench.truth(scenes), copy))
    ratio = made / max(best, 1e-9)
    return Row(
        "material top-1, share of reconstructions",
        f"{ratio:.2f}",
        f"{made:.1%} of regions, reconstructions {best:.1%}",
        ">= 0.85",
        ratio >= 0.85,
    )


def _shape_rows(
    made: Sequence[Trial], painted: Sequence[Trial], floor: Sequence[Trial]
) -> list[Row]:
    iou, border = bench.shape_means(made)
    best_iou, best_border = bench.shape_means(painted)
    floor_iou, floor_border = bench.shape_means(floor)
    shape = (iou - floor_iou) / max(1e-9, best_iou - floor_iou)
    return [
        Row(
            "shape: (IoU - floor) / (true - floor)",
            f"{shape:.2f}",
            f"IoU {iou:.3f}, no contour {floor_iou:.3f}, true renders {best_iou:.3f}",
            ">= 0.85",
            shape >= 0.85,
        ),
        Row(
            "boundary F at 3 px, share of true renders",
            f"{border / best_border:.2f}",
            f"F {border:.3f}, no contour {floor_border:.3f}, true renders {best_border:.3f}",
            ">= 0.70",
            border / best_border >= 0.7,
        ),
    ]


def _gamma_row(engine: Engine, scenes: Sequence[bench.PaintedScene], say: Say) -> Row:
    values, pictures = [], []
    for gamma in bench.GAMMAS:
        trials = bench.rendered(engine, scenes, say, gamma=gamma)
        values.append(bench.shape_means(trials)[0])
        pictures.append(np.stack([trial.picture for trial in trials]).astype(np.float32))
    falls = all(a > b for a, b in itertools.pairwise(values))
    differ = float(np.abs(pictures[0] - pictures[-1]).mean())
    listed = " / ".join(f"{value:.3f}" for value in values)
    return Row(
        "gamma 1 / .5 / .2 / .05: IoU",
        listed,
        f"mean difference 1 to .05: {differ:.0f} of 255",
        "falls",
        falls,
    )


def _leak_row(engine: Engine, size: Size, extent: Extent, say: Say) -> Row:
    scenes = bench.neighbours(size.leak, extent)
    trials = (
        bench.rendered(engine, scenes, say),
        bench.rendered(engine, scenes, say, mask_method="align"),
    )
    on, off = (bench.leak_share(part) for part in trials)
    pull_on, pull_off = (bench.leak_pull(part) for part in trials)
    return Row(
        "leak, isolation on: regions with another's colour, mean pull towards it",
        f"{on:.1%}, {pull_on:.3f}",
        f"isolation off {off:.1%}, {pull_off:.3f}",
        "on < off, on <= 3 %",
        pull_on < pull_off and on <= off and on <= 0.03,
    )


def _badge_row(engine: Engine, extent: Extent) -> Row:
    scene = bench.badges(extent)
    trial = bench.rendered(engine, [scene], lambda line: None)[0]
    right, best = bench.badges_right(trial), bench.badges_right(bench.truth([scene])[0])
    return Row(
        "20 badges, 20 colours on wood",
        f"{right} right",
        f"true render {best}",
        ">= 17",
        right >= 17,
    )


def _unseen_row(engine: Engine, size: Size, extent: Extent, say: Say) -> Row:
    scenes = bench.held_out(size.unseen, extent, unseen=True)
    made = bench.rendered(engine, scenes, say)
    return _colour_row("unseen pairs, colour right", made, ">= 85 %", 0.85)


def _vae_row(painted: Sequence[Trial], copy: Copier) -> Row:
    value = bench.vae_decibels(painted, copy)
    return Row("VAE on unseen scenes, 256 px", f"{value:.1f} dB", "", ">= 28 dB", value >= 28)


HEAD = "| what | value | beside it | bar | met |\n|---|---|---|---|---|"


def as_line(row: Row) -> str:
    met = "" if row.is_met is None else "yes" if row.is_met else "no"
    return f"| {row.what} | {row.value} | {row.beside} | {row.bar} | {met} |"
