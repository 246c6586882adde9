"""How well the leak warning tells regions that show their neighbour's caption from all others.

A scene is painted twice: once as its captions say, and once with one region painted as a region
that touches it. Each region of the first and the leaked one of the second is judged; the figure is
the area under the ROC curve, with a 95 % interval by resampling scenes. `half` mixes the two
paintings in the leaked region.

python -m benchmarks.leaks                    # the measured default: words for colours, materials
python -m benchmarks.leaks --agreement NAME   # the same with CLIP weights
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import studio
from studio.recognition.agreement import Agreement, nearest_other
from studio.scene.geometry import Extent
from studio.workshop.painting import layouts
from studio.workshop.painting.layouts import Layer
from studio.workshop.painting.painter import SMALLEST_SHARE, paint_layers
from studio.workshop.painting.subjects import Subject

FIRST_SEED = 700_000  # the margin was chosen on seeds from 600,000 on
CASES = 200
EXTENT = Extent(256, 256)
_LAYOUTS = (layouts.bands, layouts.patches, layouts.aerial, layouts.objects, layouts.many)
_TOUCH = np.ones((7, 7), np.uint8)


@dataclass(frozen=True, eq=False)
class Planted:
    """A scene as it should be and with one leak; captions and masks are those of the first."""

    clean: NDArray[np.uint8]
    leaked: NDArray[np.uint8]
    half: NDArray[np.uint8]
    masks: list[NDArray[np.bool_]]
    captions: list[str]
    region: int  # shows
    other: int  # this one's caption
    kind: str  # what the two captions differ in


@dataclass(frozen=True)
class Judged:
    """How much better another caption agrees: with each clean region, and with the leaked one."""

    clean: list[float]
    leaked: float
    half: float
    names_it: bool  # the caption that it shows is the one that leaked
    kind: str


def planted_leaks(first_seed: int, count: int) -> Iterator[Planted]:
    made, seed = 0, first_seed
    while made < count:
        found = _planted(np.random.default_rng(seed))
        seed += 1
        if found is not None:
            made += 1
            yield found


def judge(planted: Planted, agreement: Agreement) -> Judged:
    def scores(picture: NDArray[np.uint8]) -> list[tuple[int | None, float]]:
        rows = agreement.compare(picture, planted.masks, planted.captions)
        return [
            nearest_other(rows, planted.captions, region) for region in range(len(planted.masks))
        ]

    clean, leaked, half = (scores(each) for each in (planted.clean, planted.leaked, planted.half))
    shows, by = leaked[planted.region]
    return Judged(
        [by for _, by in clean],
        by,
        half[planted.region][1],
        shows is not None and planted.captions[shows] == planted.captions[planted.other],
        planted.kind,
    )


def area_under_curve(positives: NDArray[Any], negatives: NDArray[Any]) -> float:
    """The chance that a leaked region scores above a clean one; ties count half."""
    ranked = np.sort(negatives)
    below = np.searchsorted(ranked, positives, "left")
    upto = np.searchsorted(ranked, positives, "right")
    return float((below + upto).mean() / (2 * len(ranked)))


def interval(
    cases: list[Judged], of: str, rng: np.random.Generator, rounds: int = 1000
) -> tuple[float, float, float]:
    """The area with its 2.5th and 97.5th percentile over resampled scenes."""

    def area(chosen: list[Judged]) -> float:
        positives = np.array([getattr(case, of) for case in chosen])
        return area_under_curve(positives, np.concatenate([case.clean for case in chosen]))

    drawn = [
        area([cases[place] for place in rng.integers(len(cases), size=len(cases))])
        for _ in range(rounds)
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return area(cases), float(low), float(high)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agreement", help="CLIP weights: a folder or a name in weights/")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--seed", type=int, default=FIRST_SEED)
    given = parser.parse_args(arguments)
    agreement = studio.load_agreement(given.agreement)
    cases = [judge(each, agreement) for each in planted_leaks(given.seed, given.cases)]
    rng = np.random.default_rng(0)
    print(f"{agreement.name}: {len(cases)} planted leaks, {sum(len(c.clean) for c in cases)} clean")
    print("| leak | cases | area under the curve | 95 % interval |\n|---|---|---|---|")
    for of in ("leaked", "half"):
        kinds = ("all", *sorted({case.kind for case in cases})) if of == "leaked" else ("all",)
        for kind in kinds:
            chosen = [case for case in cases if kind in ("all", case.kind)]
            area, low, high = interval(chosen, of, rng)
            print(f"| {of}, {kind} | {len(chosen)} | {area:.3f} | {low:.3f} to {high:.3f} |")
    marked = np.array([case.leaked > agreement.margin for case in cases])
    alarms = np.concatenate([np.array(case.clean) > agreement.margin for case in cases])
    named = np.array([case.names_it for case in cases])[marked]
    print(
        f"marked at a margin of {agreement.margin:g}: {marked.mean():.1%} of the leaks, "
        f"{alarms.mean():.1%} of clean regions; the right neighbour is named in {named.mean():.1%}"
    )


def _planted(rng: np.random.Generator) -> Planted | None:
    layers = _LAYOUTS[int(rng.integers(len(_LAYOUTS)))](rng, EXTENT, "any")
    labels = np.zeros(EXTENT.shape, np.int32)
    for number, layer in enumerate(layers):
        labels[layer.region > 0.5] = number
    kept = [n for n in range(len(layers)) if (labels == n).mean() >= 2 * SMALLEST_SHARE]
    captions = {number: layers[number].subject.words(rng) for number in kept}
    pairs = [
        (one, other)
        for one in kept
        for other in kept
        if one != other and _touch(labels, one, other) and _differ(layers, one, other)
    ]
    if not pairs:
        return None
    one, other = pairs[int(rng.integers(len(pairs)))]
    leaked = [*layers]
    leaked[one] = replace(layers[one], subject=layers[other].subject)
    seed = int(rng.integers(2**31))
    clean_image, leaked_image = (
        paint_layers(np.random.default_rng(seed), each) for each in (layers, leaked)
    )
    return Planted(
        _pixels(clean_image),
        _pixels(leaked_image),
        _pixels(0.5 * clean_image + 0.5 * leaked_image),
        [labels == number for number in kept],
        [captions[number] for number in kept],
        kept.index(one),
        kept.index(other),
        _kind(layers[one].subject, layers[other].subject),
    )


def _pixels(image: NDArray[Any]) -> NDArray[np.uint8]:
    return np.round(image * 255).clip(0, 255).astype(np.uint8)


def _touch(labels: NDArray[np.int32], one: int, other: int) -> bool:
    near = cv2.dilate((labels == one).astype(np.uint8), _TOUCH) > 0
    return bool((near & (labels == other)).any())


def _differ(layers: list[Layer], one: int, other: int) -> bool:
    """In more than the shape, which a region has from its mask."""
    return _kind(layers[one].subject, layers[other].subject) != "shape alone"


def _kind(one: Subject, other: Subject) -> str:
    differs_in_colour = (one.colour and one.colour.words) != (other.colour and other.colour.words)
    differs_in_material = one.material is not other.material
    if differs_in_colour and differs_in_material:
        return "colour and material"
    if differs_in_colour:
        return "colour"
    return "material" if differs_in_material else "shape alone"


if __name__ == "__main__":
    main()
