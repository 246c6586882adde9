"""A render beside two busy programs: how much longer three small pictures take than alone.

python -m benchmarks.busy                   # quiet and busy by turns; the bar is 2.5 x
python -m benchmarks.busy --policy ACTIVE   # threads that spin while they wait, for comparison

Alone, two programs that compute take half of two cores and more, so 2 x is what fairness costs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

BAR = 2.5
PICTURES = 3
NEIGHBOURS = 2
_BUSY = "while True: sum(range(100_000))"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="quiet and busy, each so often")
    parser.add_argument("--policy", default="PASSIVE", choices=["PASSIVE", "ACTIVE"])
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(render())
        return 0
    environment = {**os.environ, "OMP_WAIT_POLICY": options.policy}
    quiet: list[float] = []
    busy: list[float] = []
    for turn in range(options.rounds):
        quiet.append(measured(environment))
        with neighbours(NEIGHBOURS):
            busy.append(measured(environment))
        print(f"round {turn + 1}: {quiet[-1]:6.2f} s quiet, {busy[-1]:6.2f} s busy", flush=True)
    ratio = min(busy) / min(quiet)
    print(
        f"best of {options.rounds}, {options.policy}: {min(quiet):.2f} s quiet, {min(busy):.2f} s "
        f"beside {NEIGHBOURS} busy programs: {ratio:.2f} x (bar {BAR})"
    )
    return 0 if ratio <= BAR else 1


def measured(environment: dict[str, str]) -> float:
    """Seconds of the pictures in a process of their own, without its start."""
    command = [sys.executable, "-m", "benchmarks.busy", "--child"]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return float(answer.stdout.split()[-1])


@contextmanager
def neighbours(count: int) -> Iterator[None]:
    """So many programs that do nothing but compute."""
    programs = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def render() -> float:
    """Seconds for the pictures; the first one, which warms up, does not count."""
    import time

    import studio
    from studio.config import HOME
    from studio.scene.geometry import Extent
    from studio.scene.resize import resize_scene

    engine = studio.load_engine(device="cpu")
    example = studio.read_scene(HOME / "assets" / "examples" / "harbour.json")
    scene, _ = resize_scene(example, Extent(128, 128))
    requests = [
        studio.RenderRequest(scene, studio.Sampling(steps=4, seed=seed))
        for seed in range(PICTURES + 1)
    ]
    engine.render(requests[0])
    began = time.perf_counter()
    for request in requests[1:]:
        engine.render(request)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
