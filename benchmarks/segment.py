"""How good and how fast a segmenter is: simulated clicks on painted scenes and photographs.

On painted scenes the bars are for visible pieces, the things that a user can see and click: each
connected piece of a region that is at least as large as the painter's smallest region, unless it
touches a twin, something of the very same material and colours, from which no eye could tell it.
The whole regions that those pieces come from, hidden seams, twins and all, are measured beside
them, and their figures are printed without a bar.

python -m benchmarks.segment                            # the click segmenter
python -m benchmarks.segment --segmenter sam2.1-large   # the same tables with SAM 2.1
python -m benchmarks.segment --sheets docs              # also draw what was clicked and found
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image

import studio
from studio.scene.geometry import Extent
from studio.segmentation.segmenter import ImageEmbedding, Segmenter
from studio.workshop.painting.painter import SMALLEST_SHARE, PaintedScene, paint_scene
from studio.workshop.painting.subjects import Subject

DATA = Path(__file__).parent.parent / "tests" / "data" / "segment"
CLICKS = 5
SHOWN = (1, 3, 5)
PAINTED_SIDE = 512
FIRST_SEED = 90_000  # the click segmenter's numbers were learnt from seeds from 50,000 on
MOST_REGIONS = 10  # of one scene, so that crowded scenes do not count for most
TIMED_SIDE = 1024
FALL = 0.01  # of IoU, that a further click may cost unnoticed
BARS = {
    "painted, visible pieces": (0.85, 0.92, 0.95),
    "photographs": (0.60, 0.75, 0.82),
}


@dataclass(eq=False)
class Thing:
    """A thing with its true mask, and what the segmenter made of it."""

    name: str
    pixels: NDArray[np.uint8]
    truth: NDArray[np.bool_]
    clicks: list[tuple[int, int, int]] = field(default_factory=list)  # x, y, label
    masks: list[NDArray[np.bool_]] = field(default_factory=list)  # after each click
    best_of_three: float = 0.0  # of the candidates of the first click
    scores: list[float] = field(default_factory=list)
    box_mask: NDArray[np.bool_] | None = None

    def overlap(self, clicks: int) -> float:
        return iou(self.masks[clicks - 1], self.truth)

    @property
    def falls(self) -> int:
        """How many clicks made it worse."""
        overlaps = [self.overlap(clicks + 1) for clicks in range(CLICKS)]
        return sum(then < now - FALL for now, then in itertools.pairwise(overlaps))


@dataclass(frozen=True, eq=False)
class VisiblePiece:
    """A connected piece of a painted region."""

    mask: NDArray[np.bool_]
    region: int
    has_a_twin: bool  # beside it lies the same material in the same colours


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--segmenter", default="click")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--scenes", type=int, default=24, help="painted scenes")
    parser.add_argument("--only", choices=("painted", "photographs", "speed"))
    parser.add_argument("--sheets", type=Path, help="folder for the contact sheets")
    options = parser.parse_args()
    segmenter = studio.load_segmenter(options.segmenter, device=options.device)
    print(f"{segmenter.name}: mean IoU with the true mask")
    if options.only in (None, "photographs"):
        things = measured_photographs(segmenter)
        report("photographs", things, with_names=True)
        if options.sheets:
            sheet(things, options.sheets / "segment-photographs.png")
            everything_sheet(segmenter, things, options.sheets / "segment-everything.png")
    if options.only in (None, "painted"):
        pieces, regions = measured_paintings(segmenter, options.scenes)
        report("painted, visible pieces", pieces)
        report("painted, whole regions", regions)
        if options.sheets:
            shown = pieces[:: max(1, len(pieces) // 15)][:15]
            sheet(shown, options.sheets / "segment-painted.png")
    if options.only in (None, "speed"):
        speed(segmenter)


def photographed() -> Iterator[Thing]:
    for name, photo in json.loads((DATA / "objects.json").read_text()).items():
        file = DATA / "photos" / f"{photo}.jpg"
        if photo == "motorcycle":  # not ours to copy: it comes with scikit-image
            file = Path(skimage.data.data_dir) / "motorcycle_left.png"
        pixels = np.asarray(Image.open(file).convert("RGB"))
        truth = np.asarray(Image.open(DATA / "truth" / f"{name}.png").convert("L")) > 127
        yield Thing(name, pixels, truth)


def measured_photographs(segmenter: Segmenter) -> list[Thing]:
    embeddings: dict[bytes, ImageEmbedding] = {}
    things: list[Thing] = []
    for thing in photographed():
        key = thing.pixels.tobytes()
        if key not in embeddings:
            embeddings[key] = segmenter.embed(thing.pixels)
        things.append(measured(segmenter, thing, embeddings[key]))
    return things


def measured_paintings(segmenter: Segmenter, scenes: int) -> tuple[list[Thing], list[Thing]]:
    """Visible pieces, and the whole regions they come from, some of each scene."""
    pieces: list[Thing] = []
    regions: list[Thing] = []
    for seed in range(FIRST_SEED, FIRST_SEED + scenes):
        scene = paint_scene(np.random.default_rng(seed), Extent(PAINTED_SIDE, PAINTED_SIDE))
        pixels = (np.clip(scene.image, 0, 1) * 255 + 0.5).astype(np.uint8)
        embedding = segmenter.embed(pixels)
        order = np.random.default_rng(seed).permutation(len(scene.regions))[:MOST_REGIONS]
        visible = visible_pieces(scene)
        for index in order:
            region = scene.regions[index]
            whole = Thing(f"{seed}: {region.caption}", pixels, region.mask)
            regions.append(measured(segmenter, whole, embedding))
            for piece in visible:
                if piece.region != index or piece.has_a_twin:
                    continue
                if np.array_equal(piece.mask, region.mask):
                    pieces.append(whole)
                else:
                    part = Thing(whole.name, pixels, piece.mask)
                    pieces.append(measured(segmenter, part, embedding))
    return pieces, regions


def visible_pieces(scene: PaintedScene) -> list[VisiblePiece]:
    """The pieces that are not too small to be called regions."""
    owners = np.zeros(scene.image.shape[:2], np.int32)  # 0: the ground, where it is no region
    looks = [None if scene.ground is None else look(scene.ground)]
    for number, region in enumerate(scene.regions, start=1):
        owners[region.mask] = number
        looks.append(look(region.subject))
    pieces: list[VisiblePiece] = []
    for number, region in enumerate(scene.regions, start=1):
        count, parts, stats, _ = cv2.connectedComponentsWithStats(region.mask.astype(np.uint8))
        for part in range(1, count):
            if stats[part, cv2.CC_STAT_AREA] < SMALLEST_SHARE * owners.size:
                continue
            mask = parts == part
            grown = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            beside = set(np.unique(owners[grown]).tolist()) - {number}
            has_a_twin = any(looks[other] == looks[number] for other in beside)
            pieces.append(VisiblePiece(mask, number - 1, has_a_twin))
    return pieces


def look(subject: Subject) -> tuple[str, str, str]:
    """What a surface is of, and its colours in words: the same for twins."""
    of = subject.material or subject.thing
    colour, other = ("" if c is None else c.words for c in (subject.colour, subject.other))
    return ("" if of is None else of.name, colour, other)


def measured(segmenter: Segmenter, thing: Thing, embedding: ImageEmbedding) -> Thing:
    """Click and box the thing; each click lies at the centre of the largest error."""
    mask = np.zeros(thing.truth.shape, np.bool_)
    for number in range(CLICKS):
        place = error_centre(mask != thing.truth)
        if place is not None:
            thing.clicks.append((*place, int(thing.truth[place[1], place[0]])))
            points = [(x, y) for x, y, _ in thing.clicks]
            labels = [label for _, _, label in thing.clicks]
            candidates = segmenter.segment(embedding, points=points, labels=labels)
            mask = candidates[0].mask
            thing.scores.append(candidates[0].score)
            if number == 0:
                thing.best_of_three = max(iou(one.mask, thing.truth) for one in candidates)
        thing.masks.append(mask)
    rows, columns = np.nonzero(thing.truth)
    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    thing.box_mask = segmenter.segment(embedding, box=box)[0].mask
    return thing


def error_centre(error: NDArray[np.bool_]) -> tuple[int, int] | None:
    """x, y of the innermost pixel of the largest connected error."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(
        error.astype(np.uint8), connectivity=4
    )
    if count < 2:
        return None
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    framed = cv2.copyMakeBorder(
        (parts == largest).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0
    )
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = divmod(int(depth.argmax()), depth.shape[1])
    return x, y


def iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(one & other) / max(1, np.count_nonzero(one | other)))


def report(kind: str, things: list[Thing], with_names: bool = False) -> None:
    if with_names:
        print(f"{'':18s}" + "".join(f"{f'{n} clicks':>10s}" for n in SHOWN) + f"{'box':>10s}")
        for thing in things:
            values = [thing.overlap(n) for n in SHOWN] + [iou(thing.box_mask, thing.truth)]
            print(f"{thing.name:18s}" + "".join(f"{value:10.2f}" for value in values))
    print(f"{kind} ({len(things)} things)")
    bars = BARS.get(kind, (None,) * len(SHOWN))
    for clicks, bar in zip(SHOWN, bars, strict=True):
        mean = statistics.mean(thing.overlap(clicks) for thing in things)
        verdict = ""
        if bar is not None:
            verdict = f"bar {bar:.2f} " + ("reached" if mean >= bar else "missed")
        print(f"  {clicks} clicks  {mean:.3f}   {verdict}")
    box = statistics.mean(iou(thing.box_mask, thing.truth) for thing in things)
    print(f"  box       {box:.3f}" + ("   bar 0.80" if kind == "photographs" else ""))
    best = statistics.mean(thing.best_of_three for thing in things)
    told = statistics.mean(thing.scores[0] for thing in things)
    off = statistics.mean(abs(t.scores[0] - t.overlap(1)) for t in things)
    print(f"  1 click, best of its candidates {best:.3f}")
    print(f"  1 click, the score it gave itself {told:.3f}, off by {off:.3f} on average")
    last = statistics.mean(t.scores[-1] - t.overlap(CLICKS) for t in things)
    print(f"  {CLICKS} clicks, the score is {last:+.3f} too high on average")
    falls = sum(thing.falls for thing in things) / ((CLICKS - 1) * len(things))
    print(f"  later clicks that cost more than {FALL} of IoU: {falls:.1%}")


def speed(segmenter: Segmenter) -> None:
    """Medians on photographs brought to 1024 x 1024."""
    cv2.setNumThreads(2)
    pictures = {}
    for thing in photographed():
        pictures.setdefault(thing.pixels.tobytes(), thing.pixels)
    embed: list[float] = []
    clicks: list[float] = []
    everything: list[float] = []
    for pixels in list(pictures.values())[:5]:
        square = cv2.resize(pixels, (TIMED_SIDE, TIMED_SIDE), interpolation=cv2.INTER_CUBIC)
        started = time.perf_counter()
        embedding = segmenter.embed(square)
        embed.append(time.perf_counter() - started)
        clicks += click_times(segmenter, embedding)
        started = time.perf_counter()
        segmenter.everything(embedding)
        everything.append(time.perf_counter() - started)
    clicks.sort()
    print(f"speed at {TIMED_SIDE} x {TIMED_SIDE}, {len(clicks)} clicks")
    print(f"  embed       {statistics.median(embed):6.2f} s    bar 1.50")
    print(f"  click       {statistics.median(clicks) * 1000:6.0f} ms   bar 150")
    print(f"  click p95   {clicks[int(0.95 * len(clicks))] * 1000:6.0f} ms   bar 300")
    print(f"  everything  {statistics.median(everything):6.2f} s    bar 6.00")


def click_times(segmenter: Segmenter, embedding: ImageEmbedding) -> list[float]:
    """A growing chain of 1 to 5 clicks, three times over."""
    random = np.random.default_rng(4)
    times: list[float] = []
    for _ in range(3):
        points = random.integers(20, TIMED_SIDE - 20, (CLICKS, 2)).astype(float)
        labels = np.array([1, 1, 0, 1, 0])
        for count in range(1, CLICKS + 1):
            started = time.perf_counter()
            segmenter.segment(embedding, points=points[:count], labels=labels[:count])
            times.append(time.perf_counter() - started)
    return times


TILE = 168


def sheet(things: list[Thing], path: Path) -> None:
    """A row for each thing: the truth, then the masks after 1, 3, 5 clicks, then of the box."""
    rows = []
    for thing in things:
        tiles = [tile(thing, thing.truth, 0, "truth")]
        for clicks in SHOWN:
            label = f"{clicks}: {thing.overlap(clicks):.2f}"
            tiles.append(tile(thing, thing.masks[clicks - 1], clicks, label))
        box = thing.box_mask
        tiles.append(tile(thing, box, 0, f"box: {iou(box, thing.truth):.2f}"))
        rows.append(np.hstack(tiles))
    half = (len(rows) + 1) // 2
    rows += [np.full_like(rows[0], 255)] * (2 * half - len(rows))
    gap = np.full((TILE * half, 12, 3), 255, np.uint8)
    picture = np.hstack([np.vstack(rows[:half]), gap, np.vstack(rows[half:])])
    save(picture, path)


def tile(thing: Thing, mask: NDArray[np.bool_], clicks: int, label: str) -> NDArray[np.uint8]:
    """The thing's surroundings with a mask tinted and its clicks: green adds, red takes away."""
    rows, columns = np.nonzero(thing.truth)
    reach = int(0.3 * max(np.ptp(rows), np.ptp(columns))) + 8
    top, left = max(0, rows.min() - reach), max(0, columns.min() - reach)
    window = np.s_[top : rows.max() + reach, left : columns.max() + reach]
    view, seen = thing.pixels[window].copy(), mask[window].astype(np.uint8)
    scale = TILE / max(view.shape[:2])
    size = (max(1, int(view.shape[1] * scale)), max(1, int(view.shape[0] * scale)))
    view = cv2.resize(view, size, interpolation=cv2.INTER_AREA)
    seen = cv2.resize(seen, size, interpolation=cv2.INTER_NEAREST)
    tinted = np.where(seen[..., None] > 0, view * 0.55 + np.array([0, 110, 115]), view)
    canvas = np.full((TILE, TILE, 3), 255, np.uint8)
    canvas[: size[1], : size[0]] = tinted.astype(np.uint8)
    outlines, _ = cv2.findContours(seen, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(canvas, outlines, -1, (255, 255, 0), 1)
    for x, y, adds in thing.clicks[:clicks]:
        centre = (int((x - left) * scale), int((y - top) * scale))
        cv2.circle(canvas, centre, 4, (255, 255, 255), -1)
        cv2.circle(canvas, centre, 3, (0, 160, 0) if adds else (220, 0, 0), -1)
    for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(canvas, label, (4, TILE - 6), 0, 0.42, colour, thickness, cv2.LINE_AA)
    return canvas


def everything_sheet(segmenter: Segmenter, things: list[Thing], path: Path) -> None:
    """Each photograph beside the partition that everything-mode makes of it."""
    seen: dict[bytes, NDArray[np.uint8]] = {t.pixels.tobytes(): t.pixels for t in things}
    tiles = []
    for pixels in seen.values():
        masks = segmenter.everything(segmenter.embed(pixels))
        colours = np.random.default_rng(1).integers(0, 256, (len(masks), 3))
        painted_over = pixels.astype(np.float32)
        for mask, colour in zip(masks, colours, strict=True):
            painted_over[mask] = 0.45 * painted_over[mask] + 0.55 * colour
        pair = np.hstack([pixels, painted_over.astype(np.uint8)])
        scale = 400 / pair.shape[1]
        pair = cv2.resize(pair, (400, int(pair.shape[0] * scale)), interpolation=cv2.INTER_AREA)
        canvas = np.full((204, 404, 3), 255, np.uint8)
        canvas[: min(200, len(pair)), :400] = pair[:200]
        cv2.putText(canvas, f"{len(masks)} regions", (4, 196), 0, 0.42, (255, 255, 255), 1)
        tiles.append(canvas)
    if len(tiles) % 2:
        tiles.append(np.full_like(tiles[0], 255))
    save(np.vstack([np.hstack(tiles[i : i + 2]) for i in range(0, len(tiles), 2)]), path)


def save(picture: NDArray[np.uint8], path: Path) -> None:
    """As a palette picture: a sheet is to be looked at, not measured."""
    Image.fromarray(picture).quantize(200, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
