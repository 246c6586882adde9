"""Styles: how far one region's style moves its neighbours, and what a style costs a step.

python -m benchmarks.styles [--scenes 44] [STYLE ...]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

import studio
from studio.engine.network.style_rows import StackedTerm, StyleRows
from studio.scene.geometry import Extent
from studio.workshop.painting.painter import paint_scene

Mask = NDArray[np.bool_]
SIDE, STEPS = 192, 6
LEAST, MOST = 0.05, 0.6  # share of the picture of a region that is styled
PATCH = 16  # pixels of a token
ROWS, WIDTH, INNER = 1024, 3072, 12288  # of FLUX.1's largest layer, at a quarter of its tokens


@dataclass(frozen=True)
class Leak:
    """Mean change of pixels, in levels of 255."""

    caption: str
    inside: float
    neighbours: float  # all pixels outside the region
    apart: float  # those farther from its border than a token is wide

    @property
    def ratio(self) -> float:
        return self.inside / max(self.neighbours, 1e-6)


def leaks(engine: Any, styles: Sequence[studio.Style], count: int) -> Iterator[Leak]:
    """Each scene with and without a style on one of its regions, with the same noise."""
    for number, (scene, chosen) in enumerate(scenes(count)):
        region = scene.regions[chosen]
        style = styles[number % len(styles)]
        styled = scene.with_region(replace(region, style=style))
        sampling = studio.Sampling(seed=number, steps=STEPS)
        plain, changed = (
            np.asarray(engine.render(studio.RenderRequest(each, sampling)).images[0], float)
            for each in (scene, styled)
        )
        moved = np.abs(changed - plain).mean(axis=-1)
        inside = region.mask.pixels
        far = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 5) > PATCH
        apart = float(moved[far].mean()) if far.any() else 0.0
        means = float(moved[inside].mean()), float(moved[~inside].mean())
        yield Leak(f"{style.name}: {region.caption}", *means, apart)


def scenes(count: int) -> Iterator[tuple[studio.Scene, int]]:
    """Painted scenes that no style has learnt from, and the region that is styled."""
    seed, found = 10_000, 0
    while found < count:
        seed += 1
        rng = np.random.default_rng(seed)
        painted = paint_scene(rng, Extent(SIDE, SIDE), "unseen")
        regions = [studio.Region(each.mask, each.caption) for each in painted.regions]
        fitting = [
            place for place, each in enumerate(regions) if LEAST < each.mask.area / SIDE**2 < MOST
        ]
        if len(regions) > 1 and fitting:
            found += 1
            yield studio.Scene(SIDE, SIDE, painted.caption, regions), int(rng.choice(fitting))


def interval(values: Sequence[Leak], of: Callable[[Sequence[Leak]], float]) -> tuple[float, float]:
    """95 % of 2000 draws with replacement."""
    rng = np.random.default_rng(0)
    drawn = [
        of([values[place] for place in rng.integers(len(values), size=len(values))])
        for _ in range(2000)
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def mean_ratio(values: Sequence[Leak]) -> float:
    """The mean change inside over the mean change of neighbours."""
    neighbours = statistics.mean(leak.neighbours for leak in values)
    return statistics.mean(leak.inside for leak in values) / neighbours


def costs(ranks: Sequence[int]) -> Iterator[tuple[int, float, float]]:
    """Of FLUX.1's largest layer: a rank, what adding it costs in shares of the layer, and the
    seconds that fusing it and taking it out again would take, as shares of one product."""
    torch.manual_seed(0)
    layer = nn.Linear(WIDTH, INNER)
    x = torch.randn(1, ROWS, WIDTH)
    rows = torch.ones(1, ROWS, dtype=torch.long)
    for rank in ranks:
        term = StackedTerm(
            torch.randn(rank, WIDTH), torch.randn(INNER, rank), torch.zeros(rank, dtype=torch.long)
        )
        styles = StyleRows({"a": term}, torch.tensor([[0.0], [1.0]]), rows, rows, 1)

        def fuse(term: StackedTerm = term) -> None:
            kept = layer.weight.clone()
            layer.weight.add_(term.up @ term.down)
            layer.weight.copy_(kept)

        def add(styles: StyleRows = styles) -> None:
            styles.linear(layer, "a", x, rows)

        with torch.no_grad():
            plain = _seconds(lambda: layer(x))
            yield rank, _seconds(add) / plain - 1, _seconds(fuse) / plain


def _seconds(work: Callable[[], object]) -> float:
    """Of processor time: the median of five."""
    found: list[float] = []
    for _ in range(5):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return statistics.median(found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("styles", nargs="*", type=Path, help="LoRA files (weights/styles/*)")
    parser.add_argument("--scenes", type=int, default=44)
    given = parser.parse_args()
    torch.set_num_threads(1)
    files = given.styles or sorted(Path("weights/styles").glob("*.safetensors"))
    engine = studio.load_engine(device="cpu")
    found: list[Leak] = []
    for leak in leaks(engine, [studio.Style(file) for file in files], given.scenes):
        found.append(leak)
        say(
            f"{leak.caption}: {leak.inside:.1f} levels, neighbours {leak.neighbours:.2f} "
            f"({leak.ratio:.1f} x), away from the border {leak.apart:.2f}"
        )
    low, high = interval(found, mean_ratio)
    say(f"{len(found)} scenes: {mean_ratio(found):.1f} x ({low:.1f} to {high:.1f}); target 5")
    say(f"median of the ratios {statistics.median(leak.ratio for leak in found):.1f} x")
    for rank, added, fused in costs((4, 16, 64)):
        say(f"rank {rank}: added {100 * added:.1f} % of the layer; fused {fused:.2f} products")
    return 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
