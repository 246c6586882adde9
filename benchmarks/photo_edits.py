"""What the embedded model makes of edits, on painted scenes and on the photographs of the tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import studio
from studio.engine.engine import Engine
from studio.evaluation.benchmark import held_out
from studio.project.fidelity import iou, unmeasurable
from studio.scene.colour_names import BASIC
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.region_look import core_colour, has_colour
from studio.segmentation.segmenter import Segmenter

DATA = Path(__file__).parent.parent / "tests" / "data" / "segment"
MATERIALS = ("fabric", "plastic", "leather", "knit", "wood", "metal", "marble", "carpet")
SMALLEST, LARGEST = 0.03, 0.45  # of the picture: regions that are edited

Pixels = NDArray[np.uint8]
Say = Callable[[str], None]

# what becomes of each thing that has a mask; two edits each
PHOTOGRAPHED = {
    "astronaut-head": ("blue knit", "green leaves"),
    "astronaut-helmet": ("a blue ball", "red metal"),
    "astronaut-patch": ("a green badge", "a yellow flower"),
    "box": ("red fabric", "green grass"),
    "cameraman": ("blue knit", "red brick wall"),
    "cat-eye": ("a blue ball", "a red ball"),
    "cat-nose": ("a green ball", "purple flower"),
    "coffee": ("blue sea", "green grass"),
    "coffee-cup": ("blue metal", "yellow plastic"),
    "coin": ("a red badge", "a green ball"),
    "horse": ("green leaves", "blue fabric"),
    "motorcycle-seat": ("red leather", "green carpet"),
    "rocket": ("red plastic", "yellow fabric"),
    "spoon-bowl": ("green plastic", "blue knit"),
    "tower": ("red brick wall", "purple fabric"),
}


@dataclass(eq=False)
class Edited:
    """One edit: before, after, and what was asked for."""

    name: str
    caption: str
    colour: str
    mask: NDArray[np.bool_]
    before: Pixels
    after: Pixels
    others: tuple[NDArray[np.bool_], ...] = ()
    overlap: float | None = None  # with what is found in its box afterwards
    layer: NDArray[np.float32] | None = field(default=None, repr=False)

    @property
    def is_right(self) -> bool:
        return has_colour(self.after, self.mask, self.colour)

    @property
    def has_kept_others(self) -> bool:
        """Whether every other region's colour is what it was."""
        return all(
            np.array_equal(core_colour(self.before, other), core_colour(self.after, other))
            for other in self.others
        )


def painted(engine: Engine, count: int, say: Say) -> list[Edited]:
    """One region of a painted scene becomes another colour and another material."""
    done: list[Edited] = []
    for number, scene in enumerate(held_out(3 * count, Extent(256, 256))):
        rng = np.random.default_rng(9_000_000 + number)
        pixels = np.round(scene.image * 255).astype(np.uint8)
        able = [r for r in scene.regions if SMALLEST < r.mask.mean() < LARGEST]
        if not able:
            continue
        region = able[int(rng.integers(len(able)))]
        others = tuple(r.mask & ~region.mask for r in scene.regions if r is not region)
        shown = [name for name in BASIC if has_colour(pixels, region.mask, name)]
        colour = str(rng.choice([name for name in BASIC if name not in shown]))
        caption = f"{colour} {rng.choice(MATERIALS)}"
        request = request_for(pixels, region.mask, caption, seed=number + 1)
        after = np.asarray(engine.render(request).images[0])
        kept = tuple(other for other in others if other.sum() > 20)
        name = f"painted {number}"
        done.append(Edited(name, caption, colour, region.mask, pixels, after, kept))
        if len(done) % 10 == 0:
            say(f"painted scenes: {len(done)} of {count}")
        if len(done) == count:
            break
    return done


def photographed(engine: Engine, segmenter: Segmenter, each: int, say: Say) -> list[Edited]:
    """Every thing with a mask becomes something else, `each` times."""
    done: list[Edited] = []
    for name, pixels, mask in things():
        for seed, caption in enumerate(PHOTOGRAPHED[name][:each], start=1):
            request = request_for(pixels, mask, caption, seed=seed)
            after = np.asarray(engine.render(request).images[0])
            edited = Edited(name, caption, colour_in(caption), mask, pixels, after)
            edited.overlap = overlap_in_box(segmenter, after, mask)
            done.append(edited)
        say(f"photographs: {len(done)} edits, {name}")
    return done


def request_for(
    pixels: Pixels, mask: NDArray[np.bool_], caption: str, seed: int, **edit: object
) -> studio.RenderRequest:
    height, width = mask.shape
    scene = studio.Scene(width, height, None, [studio.Region(mask, caption)])
    made = studio.PhotoEdit(pixels, **edit)  # type: ignore[arg-type]
    return studio.RenderRequest(scene, studio.Sampling(seed=seed), edit=made)


def things() -> Iterator[tuple[str, Pixels, NDArray[np.bool_]]]:
    """(name, photograph, mask); the motorcycle comes with scikit-image."""
    import skimage.data

    for name, photo in json.loads((DATA / "objects.json").read_text()).items():
        file = DATA / "photos" / f"{photo}.jpg"
        if photo == "motorcycle":
            file = Path(skimage.data.data_dir) / "motorcycle_left.png"
        pixels = np.asarray(Image.open(file).convert("RGB"))
        mask = np.asarray(Image.open(DATA / "truth" / f"{name}.png").convert("L")) > 127
        yield name, pixels, mask


def overlap_in_box(segmenter: Segmenter, picture: Pixels, mask: NDArray[np.bool_]) -> float | None:
    """IoU of the mask with what the segmenter finds in its box; it never sees the mask."""
    if unmeasurable(mask):
        return None
    box = Mask(mask).bounds
    assert box is not None
    found = segmenter.segment(segmenter.embed(picture), box=[float(side) for side in box])
    return iou(max(found, key=lambda each: each.score).mask, mask)


def colour_in(caption: str) -> str:
    """The basic colour that the caption names, or that what it names has."""
    own = {"leaves": "green", "sea": "blue", "grass": "green"}
    words = caption.split()
    named = [word for word in words if word in BASIC] or [own[w] for w in words if w in own]
    return named[0]


def contact_sheet(edits: Sequence[Edited], file: Path, columns: int = 5, side: int = 300) -> None:
    """Before and after beside each other, around what was edited, with the captions."""
    cells = [_cell(each, side) for each in edits]
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    height, width = cells[0].shape[:2]
    sheet = np.full((len(rows) * height, columns * width, 3), 255, np.uint8)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            sheet[y * height : (y + 1) * height, x * width : (x + 1) * width] = cell
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet).save(file, quality=90)


def _cell(edited: Edited, side: int) -> Pixels:
    box = Mask(edited.mask).bounds
    assert box is not None
    height, width = edited.mask.shape
    reach = min(max(box.extent) * 2, height, width)
    left = min(max(0, (box.left + box.right - reach) // 2), width - reach)
    top = min(max(0, (box.top + box.bottom - reach) // 2), height - reach)
    place = np.s_[top : top + reach, left : left + reach]
    cell = Image.new("RGB", (2 * side + 12, side + 26), "white")
    for number, pixels in enumerate((edited.before, edited.after)):
        shown = cv2.resize(pixels[place], (side, side), interpolation=cv2.INTER_AREA)
        cell.paste(Image.fromarray(np.asarray(shown, np.uint8)), (number * (side + 4), 22))
    mark = "   COLOUR WRONG" if edited.colour and not edited.is_right else ""
    overlap = "" if edited.overlap is None else f"   IoU {edited.overlap:.2f}"
    ImageDraw.Draw(cell).text((4, 5), f"{edited.caption}{overlap}{mark}", "black")
    return np.asarray(cell)
