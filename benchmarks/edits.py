"""What each edit costs: encoder calls and seconds, with the session's cache in place.

python -m benchmarks.edits                          # the embedded model
python -m benchmarks.edits --base FOLDER
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

import studio
from benchmarks.flux_step import boxes
from studio.engine.engine import Engine
from studio.scene.mask import Mask

CAPTIONS = ("a red ball", "a green ball", "a blue ball", "a yellow ball")


class Memo:
    """Keeps every encoding, as the session's cache does while it fits."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def fetch(self, key: str, make: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", help="a FLUX folder; the embedded model without it")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    engine = studio.load_engine(options.base)
    memo = Memo()
    print(f"{engine.name}, {engine.recommended.size}, {len(CAPTIONS)} regions")
    print(
        f"{'change':16} {'T5':>4} {'CLIP':>5} {'VAE encode':>11} {'prepare ms':>11} {'steps s':>8}"
    )
    for name, request in edits(engine, options.steps).items():
        started = time.perf_counter()
        conditions = engine.prepare(request, memo)
        prepared = time.perf_counter()
        engine.render(request, conditions)
        report = conditions.report
        print(
            f"{name:16} {report.captions_encoded:4} {report.pooled_encoded:5} "
            f"{report.contour_encoded:11} {1000 * (prepared - started):11.1f} "
            f"{time.perf_counter() - prepared:8.2f}"
        )


def edits(engine: Engine, steps: int | None) -> dict[str, studio.RenderRequest]:
    """The first render and then one change to it at a time."""
    size = engine.recommended.width
    masks = boxes(size, len(CAPTIONS) + 1)
    regions = [studio.Region(mask, caption) for mask, caption in zip(masks, CAPTIONS, strict=False)]
    scene = studio.Scene(size, size, "a brown table", regions)
    first = studio.RenderRequest(scene, studio.Sampling(steps=steps))
    caption = scene.with_region(replace(regions[0], caption="a white ball"))
    mask = scene.with_region(replace(regions[0], mask=Mask(masks[-1])))
    return {
        "first render": first,
        "nothing": first,
        "gamma": first.with_sampling(gamma=0.5),
        "a region's gamma": replace(first, scene=scene.with_region(replace(regions[0], gamma=0.3))),
        "seed": first.with_sampling(seed=1),
        "one caption": replace(first, scene=caption),
        "one mask": replace(first, scene=mask),
        "the order": replace(first, scene=scene.with_regions(scene.regions[::-1])),
    }


if __name__ == "__main__":
    main()
