"""Drafts of the embedded model: their time, and what they lose against the full render.

python -m benchmarks.drafts
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
import torch
from PIL import Image

import studio
from benchmarks.edits import edits
from studio.generation.engine import Engine, Step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", help="a FLUX folder; the embedded model without it")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(2)
    engine = studio.load_engine(options.base)
    request = edits(engine, None)["first render"]
    engine.render(request.with_sampling(draft=True))
    rows = [compare(engine, request.with_sampling(seed=seed)) for seed in range(options.seeds)]
    full, draft, psnr, colour = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"{engine.name}: medians of {options.seeds} seeds")
    print(f"full picture   {full:6.2f} s")
    print(f"draft          {draft:6.2f} s   ({full / draft:.1f} x faster)")
    print(f"draft against the full render at half size: PSNR {psnr:.1f} dB")
    print(f"regions' mean colour: {colour:.1f} of 255 apart")
    preview_cost(engine, request)


def compare(engine: Engine, request: studio.RenderRequest) -> tuple[float, float, float, float]:
    started = time.perf_counter()
    full = engine.render(request).images[0]
    middle = time.perf_counter()
    draft = engine.render(request.with_sampling(draft=True)).images[0]
    end = time.perf_counter()
    small = np.asarray(full.resize(draft.size, Image.Resampling.BOX), dtype=float)
    quick = np.asarray(draft, dtype=float)
    psnr = 10 * np.log10(255**2 / np.mean((small - quick) ** 2))
    apart: list[float] = []
    for region in request.scene.visible_regions:
        mask = Image.fromarray(region.mask.pixels).resize(draft.size, Image.Resampling.NEAREST)
        inside = np.asarray(mask)
        apart.append(float(np.abs(small[inside].mean(0) - quick[inside].mean(0)).mean()))
    return middle - started, end - middle, float(psnr), statistics.mean(apart)


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
