"""Drafts of the embedded model: their time, and what they lose against the full render.

python -m benchmarks.drafts
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image

import studio
from benchmarks.edits import Memo, edits
from studio.engine.engine import Engine
from studio.engine.sampling.step import Step

Timed = Callable[[studio.RenderRequest], tuple[Image.Image, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", help="a FLUX folder; the embedded model without it")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2, help="1: processor time is taken")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    clock = time.process_time if options.threads == 1 else time.perf_counter
    engine, memo = studio.load_engine(options.base), Memo()
    request = edits(engine, None)["first render"]
    for warm in (request, request.with_sampling(draft=True)):
        engine.render(warm.with_sampling(steps=1), engine.prepare(warm, memo))

    def timed(asked: studio.RenderRequest) -> tuple[Image.Image, float]:
        """The picture and its seconds, with captions and contour cached as in a session."""
        started = clock()
        image = engine.render(asked, engine.prepare(asked, memo)).images[0]
        return image, clock() - started

    rows = [compare(timed, request.with_sampling(seed=seed)) for seed in range(options.seeds)]
    full, draft, psnr, colour = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"{engine.name}: medians of {options.seeds} seeds")
    print(f"full picture   {full:6.2f} s")
    print(f"draft          {draft:6.2f} s   ({full / draft:.1f} x faster)")
    print(f"draft against the full render at half size: PSNR {psnr:.1f} dB")
    print(f"regions' mean colour: {colour:.1f} of 255 apart")
    preview_cost(engine, request)


def compare(timed: Timed, request: studio.RenderRequest) -> tuple[float, float, float, float]:
    """Seconds of the full render and of its draft, PSNR in dB, distance of mean colours."""
    full, full_seconds = timed(request)
    draft, draft_seconds = timed(request.with_sampling(draft=True))
    small = np.asarray(full.resize(draft.size, Image.Resampling.BOX), dtype=float)
    quick = np.asarray(draft, dtype=float)
    psnr = 10 * np.log10(255**2 / np.mean((small - quick) ** 2))
    apart: list[float] = []
    for region in request.scene.visible_regions:
        mask = Image.fromarray(region.mask.pixels).resize(draft.size, Image.Resampling.NEAREST)
        inside = np.asarray(mask)
        apart.append(float(np.abs(small[inside].mean(0) - quick[inside].mean(0)).mean()))
    return full_seconds, draft_seconds, float(psnr), statistics.mean(apart)


def preview_cost(engine: Engine, request: studio.RenderRequest) -> None:
    shares: list[float] = []

    def look(step: Step) -> None:
        started = time.perf_counter()
        step.preview()
        shares.append((time.perf_counter() - started) / step.seconds)

    engine.render(request, on_step=look)
    print(f"a preview costs {100 * statistics.median(shares):.1f} % of a step")


if __name__ == "__main__":
    main()
