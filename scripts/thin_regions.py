"""Draws docs/thin-regions.webp: python -m scripts.thin_regions [MODEL_FOLDER [OUT_FILE]]

A road, a pole, a river, a wire and a ring that no token centre of a 256 x 256 picture hits, with
the tokens each of them holds and the pictures made so, the published way and with its share.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from studio.engine.engine import Engine
from studio.engine.loading import load_engine
from studio.engine.tokens.membership import membership
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.coverage import ThinRegions
from studio.scene.region import Region
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import Scene

SIDE, TITLE = 256, 24
WAYS: tuple[ThinRegions, ...] = ("published", "share")
PAPER, INK, GROUND, THING, HELD = "white", "black", (206, 214, 206), (70, 90, 110), (235, 120, 40)


class Thing(NamedTuple):
    """A thin shape of boxes (left, top, right, bottom), what it shows and what lies below it."""

    name: str
    boxes: Sequence[tuple[int, int, int, int]]
    caption: str
    ground: str
    holes: Sequence[tuple[int, int, int, int]] = ()

    @property
    def mask(self) -> NDArray[np.bool_]:
        pixels = np.zeros((SIDE, SIDE), np.bool_)
        for boxes, value in ((self.boxes, True), (self.holes, False)):
            for left, top, right, bottom in boxes:
                pixels[top:bottom, left:right] = value
        return pixels


THINGS = (
    Thing("road", [(0, 138, 256, 148)], "asphalt road", "green grass"),
    Thing("pole", [(122, 40, 132, 256)], "red metal", "clear sky"),
    Thing(
        "river",
        [(0, 105, 103, 116), (91, 105, 103, 164), (91, 153, 256, 164)],
        "blue water",
        "green meadow",
    ),
    Thing("wire", [(0, 75, 256, 78)], "black rubber", "clear sky"),
    Thing("ring", [(57, 57, 199, 199)], "polished gold", "wood", [(65, 65, 191, 191)]),
)


def main() -> None:
    model = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("weights/mini")
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else Path("docs/thin-regions.webp")
    engine = load_engine(model, device="cpu", dtype="float32")
    sheet(engine).save(out, quality=82, method=6)


def sheet(engine: Engine) -> Image.Image:
    """A column for each thing; for each way a row of tokens and a row of pictures."""
    rows = [(f"tokens, {way}", "tokens", way) for way in WAYS]
    rows += [(f"picture, {way}", "picture", way) for way in WAYS]
    whole = Image.new("RGB", (len(THINGS) * SIDE, len(rows) * (SIDE + TITLE)), PAPER)
    pen = ImageDraw.Draw(whole)
    font = ImageFont.load_default(size=15)
    for down, (title, kind, way) in enumerate(rows):
        for across, thing in enumerate(THINGS):
            left, top = across * SIDE, down * (SIDE + TITLE)
            pen.text((left + 4, top + 3), f"{thing.name}: {title}", INK, font)
            cell = tokens_picture(thing, way) if kind == "tokens" else rendered(engine, thing, way)
            whole.paste(cell, (left, top + TITLE))
    return whole


def rendered(engine: Engine, thing: Thing, way: ThinRegions) -> Image.Image:
    return engine.render(RenderRequest(scene_of(thing), Sampling(seed=3, thin_regions=way))).images[
        0
    ]


def tokens_picture(thing: Thing, way: ThinRegions) -> Image.Image:
    """The shape, and in outline the tokens that read its caption."""
    picture = Image.new("RGB", (SIDE, SIDE), GROUND)
    picture.paste(THING, mask=Image.fromarray(thing.mask))
    grid = PatchGrid(SIDE // 16, SIDE // 16, 16)
    masks = [region.mask.pixels for region in scene_of(thing).regions]
    members = membership(masks, grid, "top", way)
    pen = ImageDraw.Draw(picture)
    for token in np.flatnonzero(members.words[:, 0] & 2):
        row, column = divmod(int(token), grid.columns)
        pen.rectangle(
            (column * 16, row * 16, column * 16 + 15, row * 16 + 15), outline=HELD, width=2
        )
    return picture


def scene_of(thing: Thing) -> Scene:
    ground = Region(np.ones((SIDE, SIDE), np.bool_), thing.ground)
    return Scene(SIDE, SIDE, "a sunny day", [ground, Region(thing.mask, thing.caption)])


if __name__ == "__main__":
    main()
