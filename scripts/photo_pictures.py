"""The pictures of docs/photo.md: python -m scripts.photo_pictures"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import studio
from benchmarks.photo_edits import Pixels, request_for, things
from benchmarks.photo_worlds import world_of
from studio.engine.engine import Engine
from studio.project.growth import draw_world
from studio.project.removal import finished_layers, removal
from studio.scene.mask import Mask
from studio.scene.mask_edits import grow
from studio.scene.photo import Photo
from studio.scene.photo_layer import composite

DOCS = Path(__file__).parent.parent / "docs"
EDITS = (
    ("coffee", "blue sea"),
    ("cat-eye", "a blue ball"),
    ("motorcycle-seat", "red leather"),
    ("tower", "red brick wall"),
    ("astronaut-helmet", "a blue ball"),
    ("box", "green grass"),
)
REMOVED = ("rocket", "tower")
WORLDS = (("horse", "green grass"), ("coffee-cup", "blue sea"), ("coin", "wood"))
SIDE = 260

Masked = tuple[Pixels, NDArray[np.bool_]]


def main() -> None:
    engine = studio.load_engine()
    segmenter = studio.load_segmenter("click")
    known = {name: (pixels, mask) for name, pixels, mask in things()}

    def edited(name: str, caption: str) -> Pixels:
        request = request_for(*known[name], caption, seed=1)
        return np.asarray(engine.render(request).images[0])

    def in_world(name: str, caption: str) -> Pixels:
        request = world_of(*known[name], caption)
        return np.asarray(draw_world(engine.render, segmenter, request).images[0])

    _save("photo-edits.jpg", known, EDITS, edited)
    _save(
        "photo-remove.jpg",
        known,
        [(n, "") for n in REMOVED],
        lambda n, _: removed(engine, *known[n]),
    )
    _save("photo-worlds.jpg", known, WORLDS, in_world)


def removed(engine: Engine, pixels: Pixels, mask: NDArray[np.bool_]) -> Pixels:
    """As the studio does it: the shape grown a little, filled, drawn over, and the nearer kept."""
    grown = grow(Mask(mask), 4).pixels
    photo = Photo.of(pixels)
    request = request_for(pixels, grown, "", seed=1)
    done = removal(request, photo, getattr(engine, "vocabulary", None))
    picture = engine.render(done.request)
    return np.asarray(composite(photo.pixels, finished_layers(done, picture.layers)))


def _save(
    file: str,
    known: dict[str, Masked],
    asked: Sequence[tuple[str, str]],
    make: Callable[[str, str], Pixels],
) -> None:
    cells = [_cell(*known[name], make(name, caption), caption) for name, caption in asked]
    rows = [np.hstack(cells[start : start + 3]) for start in range(0, len(cells), 3)]
    Image.fromarray(np.vstack(rows)).save(DOCS / file, quality=82)
    print(DOCS / file)


def _cell(pixels: Pixels, mask: NDArray[np.bool_], after: Pixels, caption: str) -> Pixels:
    """Before and after, around what is meant."""
    box = Mask(mask).bounds
    assert box is not None
    height, width = mask.shape
    reach = min(round(1.6 * max(box.extent)), height, width)
    left = min(max(0, (box.left + box.right - reach) // 2), width - reach)
    top = min(max(0, (box.top + box.bottom - reach) // 2), height - reach)
    cell = Image.new("RGB", (2 * SIDE + 12, SIDE + 24), "white")
    for number, each in enumerate((pixels, after)):
        shown = each[top : top + reach, left : left + reach]
        small = cv2.resize(shown, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        cell.paste(Image.fromarray(np.asarray(small, np.uint8)), (number * (SIDE + 3), 20))
    ImageDraw.Draw(cell).text((3, 4), caption, "black")
    return np.asarray(cell)


if __name__ == "__main__":
    main()
