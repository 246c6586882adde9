"""How well "select similar" finds the other things of a kind, and how fast.

python -m benchmarks.similar                    # what needs no weights
python -m benchmarks.similar --features dinov2-small

On painted scenes of balloons, roofs and trees among other things, one is given and the others are
to be found. A finding counts where its IoU with a thing is at least a half; one that meets no thing
is false. The bars: at least 0.8 of the true ones, at most 0.1 of the findings false, and 0.8 s for
every region after a picture's first.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import studio
from benchmarks.alike import KINDS, AlikeScene, Kind, alike_scenes
from benchmarks.segment import iou
from studio.recognition.finder import SimilarFinder

FIRST_SEED = 90_000  # the numbers were learnt from seeds from 60,000 on
GIVEN_A_SCENE = 3
FOUND = 0.5  # IoU
LEAST_FOUND, MOST_FALSE, MOST_SECONDS = 0.8, 0.1, 0.8


class Tally:
    """What was found of one kind."""

    def __init__(self) -> None:
        self.true = self.found = self.findings = self.false = 0
        self.first: list[float] = []
        self.later: list[float] = []

    def add(self, finder: SimilarFinder, scene: AlikeScene) -> None:
        kept: dict[str, Any] = {}

        def recall(kind: str, make: Callable[[], Any]) -> Any:
            if kind not in kept:
                kept[kind] = make()
            return kept[kind]

        for number in range(min(GIVEN_A_SCENE, len(scene.things))):
            start = time.perf_counter()
            found = finder.find_similar(scene.pixels, scene.things[number], recall=recall)
            (self.later if number else self.first).append(time.perf_counter() - start)
            others = [mask for place, mask in enumerate(scene.things) if place != number]
            overlaps = np.array([[iou(f.mask, mask) for mask in others] for f in found])
            overlaps = overlaps.reshape(len(found), len(others))
            self.true += len(others)
            self.found += int((overlaps >= FOUND).any(axis=0).sum())
            self.findings += len(found)
            self.false += int((~(overlaps >= FOUND).any(axis=1)).sum())

    @property
    def shares(self) -> tuple[float, float]:
        return self.found / max(1, self.true), self.false / max(1, self.findings)


def measured(finder: SimilarFinder, kind: Kind, scenes: int) -> Tally:
    tally = Tally()
    for scene in alike_scenes(kind, scenes, FIRST_SEED):
        tally.add(finder, scene)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--features", default="measured", help="measured, dinov2-small, a folder")
    parser.add_argument("--scenes", type=int, default=20, help="of each kind")
    options = parser.parse_args()
    finder = studio.load_similar_finder(options.features)
    print(f"{finder.name}: {options.scenes} scenes of each kind, {GIVEN_A_SCENE} given in each")
    for kind in (*KINDS, "things"):
        tally = measured(finder, kind, options.scenes)
        found, false = tally.shares
        later = float(np.median(tally.later))
        is_met = found >= LEAST_FOUND and false <= MOST_FALSE and later <= MOST_SECONDS
        bar = "" if kind == "things" else f"  bar {'met' if is_met else 'NOT met'}"
        print(
            f"  {kind:9} {found:.2f} of {tally.true} found, {false:.2f} of {tally.findings} false, "
            f"first {np.median(tally.first):.2f} s, then {later:.2f} s{bar}"
        )


if __name__ == "__main__":
    main()
