"""Peak resident memory of a render at 1024 x 1024, by the number of regions.

python -m benchmarks.memory
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--regions", type=int, nargs="+", default=[1, 100])
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        render(Path(options.child[0]), int(options.child[1]), options.size)
        return
    from tests.tiny_models import tiny_adapters, tiny_base

    with tempfile.TemporaryDirectory() as folder:
        base = tiny_base(Path(folder) / "base", double_blocks=2, single_blocks=4, heads=8)
        tiny_adapters(base / "seg2any", base, rank=16)
        first = 0
        for count in options.regions:
            command = [sys.executable, "-m", "benchmarks.memory", "--size", str(options.size)]
            command += ["--child", str(base), str(count)]
            peak = int(subprocess.run(command, check=True, capture_output=True).stdout)
            first = first or peak
            print(f"{count:4} regions  {peak / 2**20:8.0f} MiB   {peak / first:.2f} x")


def render(base: Path, count: int, size: int) -> None:
    """Render once and print the peak of this process in bytes."""
    import torch

    from benchmarks.flux_step import boxes
    from studio.engine.loading import load_engine
    from studio.scene.region import Region
    from studio.scene.request import RenderRequest, Sampling
    from studio.scene.scene import Scene

    torch.set_num_threads(2)
    regions = [Region(mask, "a small red house") for mask in boxes(size, count)]
    scene = Scene(size, size, "a wide valley in spring", regions)
    load_engine(base, device="cpu").render(RenderRequest(scene, Sampling(steps=2)))
    unit = 1 if sys.platform == "darwin" else 1024
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


if __name__ == "__main__":
    main()
