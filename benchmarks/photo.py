"""How well photos are edited: the bars of editing, measured with the embedded model.

python -m benchmarks.photo            # everything: 20 minutes on two cores
python -m benchmarks.photo --quick    # a part of each
python -m benchmarks.photo --only photographs painted
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import studio
from benchmarks.photo_edits import Edited, contact_sheet, painted, photographed, things
from benchmarks.photo_outside import random_cases
from benchmarks.photo_seams import membrane, seams
from benchmarks.photo_speed import click_seconds, cost
from benchmarks.photo_worlds import worlds
from studio.engine.engine import Engine
from studio.scene.photo import Photo
from studio.scene.photo_layer import composite
from studio.segmentation.segmenter import Segmenter

OUT = Path("out")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Row:
    """A line of the table; `is_met` None: there is no bar."""

    what: str
    measured: str
    bar: str
    is_met: bool | None


@dataclass(frozen=True)
class Bench:
    engine: Engine
    segmenter: Segmenter
    quick: bool

    def count(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def outside(self) -> list[Row]:
        cases = random_cases(self.engine, self.count(300, 30), _say, 1500 if self.quick else 6000)
        worst = [max(getattr(each, at) for each in cases) for at in ("told", "measured", "written")]
        text = f"{max(worst[:2])} in memory, {worst[2]} on disk, {len(cases)} cases"
        return [Row("outside difference", text, "0", max(worst) == 0)]

    def determinism(self) -> list[Row]:
        same, kept = again(self.engine)
        return [
            Row("the same request twice", _yes(same), "byte-equal", same),
            Row("one region again", f"the other {_yes(kept)}", "byte-equal", kept),
        ]

    def painted(self) -> list[Row]:
        edits = painted(self.engine, self.count(60, 12), _say)
        contact_sheet(edits, OUT / "photo-painted.jpg", columns=6, side=200)
        kept = all(each.has_kept_others for each in edits)
        return [
            _share("painted scenes: new colour and material", edits, 0.9),
            Row("  the neighbours' colours", _yes(kept, "unchanged"), "unchanged", kept),
        ]

    def photographs(self) -> list[Row]:
        edits = photographed(self.engine, self.segmenter, self.count(2, 1), _say)
        contact_sheet(edits, OUT / "photo-photographs.jpg")
        overlaps = [each.overlap for each in edits if each.overlap is not None]
        mean, spread = (
            float(np.mean(overlaps)),
            1.96 * float(np.std(overlaps)) / len(overlaps) ** 0.5,
        )
        return [
            _share("photographs: the colour that was asked for", edits, 0.85),
            Row("  IoU in its box", f"{mean:.3f} ± {spread:.3f}", ">= 0.8", mean >= 0.8),
        ]

    def seams(self) -> list[Row]:
        found = seams(self.engine, self.count(24, 6), _say)
        edit, paste, photo = (
            float(np.mean([getattr(each, at) for each in found]))
            for at in ("edit", "paste", "photo")
        )
        text = f"{edit:.2f} against {paste:.2f} (the photo itself {photo:.2f})"
        return [Row("step across the border", text, "<= a perfect paste + 1", edit <= paste + 1)]

    def membrane(self) -> list[Row]:
        found = membrane()
        return [
            Row(
                "drift of 6 levels: error in the ring", f"{found.ring:.2f}", "<= 1", found.ring <= 1
            ),
            Row("  shift of a new colour", f"{found.hue:.2f}", "<= 3", found.hue <= 3),
            Row("  600 x 600", f"{found.seconds:.2f} s", "<= 1 s", found.seconds <= 1),
        ]

    def speed(self) -> list[Row]:
        rows: list[Row] = []
        for format in ("JPEG",) if self.quick else ("JPEG", "PNG"):
            one = cost(self.engine, format)
            parts = f"read {one.reading:.1f}, crop to paste {one.around_steps:.1f}"
            text = f"{one.beside:.1f} s ({parts}, write {one.writing:.1f})"
            rows += [
                Row(f"24 megapixels, {format}: beside the steps", text, "<= 4 s", one.beside <= 4),
                Row("  memory above the start", f"{one.memory:.2f} GB", "<= 2 GB", one.memory <= 2),
                Row("  opening to first sight", f"{one.opening:.1f} s", "<= 3 s", one.opening <= 3),
            ]
        click = 1000 * click_seconds(self.segmenter)
        rows.append(Row("  a click after embedding", f"{click:.0f} ms", "<= 250 ms", click <= 250))
        return rows

    def worlds(self) -> list[Row]:
        found = worlds(
            self.engine, self.segmenter, self.count(6, 2), _say, OUT / "photo-worlds.jpg"
        )
        ratio, growth = max(each.cost for each in found), [each.growth for each in found]
        within = sum(each <= 0.03 for each in growth)
        return [
            Row(
                "kept subject: rounds and render",
                f"{ratio:.2f} x one render",
                "<= 1.5",
                ratio <= 1.5,
            ),
            Row("  grew by 3 % or less", f"{within} of {len(found)}", "", None),
        ]


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a part of each measurement")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--base", help="a FLUX folder; the embedded model without it")
    parser.add_argument("--segmenter", default="click")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args(given)
    torch.set_num_threads(options.threads)
    engine = studio.load_engine(options.base)
    bench = Bench(engine, studio.load_segmenter(options.segmenter), options.quick)
    OUT.mkdir(exist_ok=True)
    rows: list[Row] = []
    for part in options.only:
        found = getattr(bench, part)()
        _say(table(found))  # a later part may take long
        rows += found
    print(f"\n{engine.name}, {bench.segmenter.name}\n")
    print(table(rows))
    return 0 if all(row.is_met is not False for row in rows) else 1


def table(rows: Sequence[Row]) -> str:
    marks = {True: "met", False: "NOT MET", None: ""}
    cells = [("what", "measured", "bar", "")]
    cells += [(row.what, row.measured, row.bar, marks[row.is_met]) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    lines = [
        "| "
        + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        + " |"
        for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def again(engine: Engine) -> tuple[bool, bool]:
    """Whether an edit is the same twice, and whether a second region keeps what the first got."""
    pixels = next(pixels for name, pixels, _ in things() if name == "coffee-cup")
    masks = {name: mask for name, _, mask in things() if name in ("coffee", "spoon-bowl")}
    height, width = pixels.shape[:2]
    regions = [
        studio.Region(masks["coffee"], "blue sea"),
        studio.Region(masks["spoon-bowl"], "wood"),
    ]

    def render(below: Any, chosen: Sequence[studio.Region], seed: int) -> Any:
        scene = studio.Scene(width, height, None, chosen)
        sampling = studio.Sampling(seed=seed)
        return engine.render(studio.RenderRequest(scene, sampling, edit=studio.PhotoEdit(below)))

    first, second = (render(pixels, regions, 1).images[0].tobytes() for _ in "ab")
    both = render(pixels, regions, 1)
    other = composite(pixels, [each for each in both.layers if each.region == regions[0].identity])
    rerolled = np.asarray(render(Photo.of(other), regions[1:], 2).images[0])
    kept = np.array_equal(rerolled[masks["coffee"]], other[masks["coffee"]])
    return first == second, kept


def _share(what: str, edits: Sequence[Edited], bar: float) -> Row:
    right, count = sum(each.is_right for each in edits), len(edits)
    low, high = wilson(right, count)
    text = f"{right} of {count}: {right / count:.0%} ({low:.0%} to {high:.0%})"
    return Row(what, text, f">= {bar:.0%}", right / count >= bar)


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    share, squared = right / count, z * z / count
    middle = (share + squared / 2) / (1 + squared)
    reach = z / (1 + squared) * (share * (1 - share) / count + squared / (4 * count)) ** 0.5
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _yes(is_so: bool, word: str = "byte-equal") -> str:
    return word if is_so else f"not {word}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


PARTS = ["determinism", "membrane", "seams", "photographs", "painted", "worlds", "speed", "outside"]


if __name__ == "__main__":
    sys.exit(main())
