"""Time and memory of preparing the attention of one 1024 x 1024 scene, by the number of regions.

python -m benchmarks.masks
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from benchmarks.flux_step import boxes
from studio.engine.sampling.attention_plan import grouped_attention, region_order
from studio.engine.tokens.attention_mask import dense_mask, token_roles
from studio.engine.tokens.contour_tokens import contour_tokens
from studio.engine.tokens.membership import membership
from studio.engine.tokens.patch_grid import PatchGrid
from studio.engine.tokens.token_layout import TokenLayout
from studio.scene.geometry import Extent

SIDE, CONTOUR, TEXT = 1024, 600, 20


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    print(f"{SIDE} x {SIDE}, {CONTOUR} contour tokens, {TEXT} text tokens a region; medians, ms")
    names = ("membership", "integers per token", "with groups", "dense x 2", "contour map")
    print(f"{'regions':>8} {'masks':>10} " + " ".join(f"{name:>20}" for name in names))
    for count in options.regions:
        for kind, masks in (("apart", boxes(SIDE, count)), ("overlapping", ellipses(count))):
            overlap = "share" if kind == "overlapping" else "top"
            row = [1000 * median(call) for call in stages(masks, overlap)]
            print(f"{count:8} {kind:>10} " + " ".join(f"{value:20.1f}" for value in row))


def stages(masks: list[np.ndarray], overlap: Any) -> list[Callable[[], Any]]:
    grid = PatchGrid.over(Extent(SIDE, SIDE), 16)
    areas = [int(np.count_nonzero(mask)) for mask in masks]  # a scene's masks know theirs

    def members() -> Any:
        return membership(masks, grid, overlap, areas=areas)

    layout = TokenLayout(TEXT, (TEXT,) * len(masks), grid.count, CONTOUR)

    def roles() -> Any:
        return token_roles(layout, members().words, -0.7)

    def grouped() -> Any:
        own = roles()
        order = np.arange(layout.total)
        order[layout.image_span] = layout.image_span.start + region_order(own)
        return grouped_attention(own.ordered(order), torch.device("cpu"))

    fixed = roles()
    return [
        members,
        roles,
        grouped,
        lambda: (dense_mask(fixed, isolates=False), dense_mask(fixed, isolates=True)),
        lambda: contour_tokens(masks, Extent(SIDE, SIDE), 16, 2, keep_all=False),
    ]


def ellipses(count: int) -> list[np.ndarray]:
    """Random ellipses that overlap freely."""
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    masks: list[np.ndarray] = []
    for _ in range(count):
        top, left = random.integers(0, SIDE, 2)
        high, wide = random.integers(SIDE // 20, SIDE // 5, 2)
        masks.append(((rows - top) / high) ** 2 + ((columns - left) / wide) ** 2 <= 1)
    return masks


def median(call: Callable[[], Any], rounds: int = 9) -> float:
    seconds: list[float] = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--regions", type=int, nargs="+", default=[20, 100])
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
