"""Things cut out of drawings: the alpha is the region, the English name is the caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.errors import MissingWeights
from studio.scene.geometry import Extent
from studio.workshop.painting.drawings import Drawing, read_drawing
from studio.workshop.painting.form import Form
from studio.workshop.painting.layouts import Cover, Layer
from studio.workshop.painting.subjects import Pairs, Subject, coloured, pick_colour
from studio.workshop.painting.surface import Field, Image, Surface

_LIST = Path(__file__).with_name("cutouts.txt")
_RECOLOURED = 0.3  # of the cut-outs that can be
_MAIN_SHARE = 0.5  # a drawing with less of one colour is never recoloured
_ROUGH = 0.35  # of the outlines: drawn as a hand would draw them
_STRETCH = 0.14
_WARP = 0.045  # of the size


@dataclass(frozen=True)
class Cutout:
    """A thing to be cut out of the drawing `code`; the words of `also` mean the same."""

    code: str
    phrases: tuple[str, ...]
    tags: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.phrases[0]


@cache
def known_cutouts() -> tuple[Cutout, ...]:
    """Everything in the list beside this file."""
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return tuple(_cutout(line) for line in lines if line.strip() and not line.startswith("#"))


def _cutout(line: str) -> Cutout:
    code, phrases, tags, also = (*line.split("|"), "", "")[:4]
    return Cutout(code, _listed(phrases), frozenset(tags.split()), _listed(also))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


class Drawings:
    """The cut-outs whose drawings lie in a folder; each drawing is read once, when first used."""

    def __init__(self, folder: Path, cutouts: Sequence[Cutout] | None = None) -> None:
        wanted = known_cutouts() if cutouts is None else cutouts
        files = {cutout: _file(folder, cutout) for cutout in wanted}
        self._files = {cutout: path for cutout, path in files.items() if path is not None}
        self._read: dict[Cutout, Drawing] = {}
        if not self._files:
            raise MissingWeights(
                f"{folder} holds none of the drawings (files like 1f9f8.webp). Leave --drawings "
                "out, and they are fetched."
            )
        self.cutouts = tuple(self._files)
        self.flying = tuple(c for c in self.cutouts if "sky" in c.tags) or self.cutouts

    def of(self, cutout: Cutout) -> Drawing:
        if cutout not in self._read:
            self._read[cutout] = read_drawing(self._files[cutout])
        return self._read[cutout]

    def named(self, name: str) -> tuple[Cutout, ...]:
        return tuple(cutout for cutout in self.cutouts if cutout.name == name)


def _file(folder: Path, cutout: Cutout) -> Path | None:
    """The drawing's file; sets differ in whether they write the variation selector."""
    plain = cutout.code.removesuffix("-fe0f")
    found = (folder / f"{code}.webp" for code in (cutout.code, plain, f"{plain}-fe0f"))
    return next((path for path in found if path.exists()), None)


@dataclass(frozen=True)
class CutSubject(Subject):
    """A cut-out as a region shows it; `picture` is its paint over the whole canvas."""

    cutout: Cutout | None = None
    picture: Image | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        assert self.cutout is not None
        return self.cutout.name

    def painted(self, form: Form, shade: float = 0.0) -> Image:
        assert self.picture is not None
        left, top = form.origin
        return self.picture[top : top + form.height, left : left + form.width]

    def words(self, rng: np.random.Generator) -> str:
        assert self.cutout is not None
        phrases = self.cutout.phrases
        phrase = phrases[0] if rng.random() < 0.6 else str(rng.choice(list(phrases)))
        return coloured(rng, phrase, self.colour)


@dataclass(frozen=True)
class Placing:
    """Where a cut-out goes; `size` is its longer side in pixels, `turn` in radians."""

    centre: tuple[float, float]
    size: float
    turn: float = 0.0
    rough: float = _ROUGH
    stretch: float = _STRETCH


def cut_layer(
    rng: np.random.Generator,
    extent: Extent,
    drawings: Drawings,
    cutout: Cutout,
    placing: Placing,
    pairs: Pairs = "seen",
) -> Layer:
    """A cut-out as a layer; its region is the cover without holes."""
    drawing = drawings.of(cutout)
    colour = None
    if "own" not in cutout.tags and drawing.main_share > _MAIN_SHARE:
        colour = pick_colour(rng, cutout.name, pairs) if rng.random() < _RECOLOURED else None
    paint, alpha = drawing.painted(None if colour is None else colour.rgb), drawing.alpha
    if rng.random() < 0.5 and "as-is" not in cutout.tags:
        paint, alpha = paint[:, ::-1], alpha[:, ::-1]
    cover, picture = _laid(rng, extent, paint, alpha, placing)
    if rng.random() < placing.rough:
        cover = roughly(rng, cover, placing.size)
    subject = CutSubject(colour=colour, cutout=cutout, picture=picture)
    return Layer(cover, subject, rng.random() < 0.85, mask=without_holes(cover))


def _laid(
    rng: np.random.Generator, extent: Extent, paint: Image, alpha: Field, placing: Placing
) -> tuple[Cover, Image]:
    """Stretched, turned and softly bent: (cover, paint), both over the whole canvas."""
    high, wide = alpha.shape
    scale_x, scale_y = np.exp(rng.normal(0, placing.stretch, 2)) * placing.size / max(high, wide)
    side = (max(8, round(wide * scale_x)), max(8, round(high * scale_y)))
    how = cv2.INTER_AREA if side[0] < wide else cv2.INTER_LINEAR
    paint = cv2.resize(np.ascontiguousarray(paint), side, interpolation=how)
    alpha = cv2.resize(np.ascontiguousarray(alpha), side, interpolation=how)
    surface = Surface(rng, extent.height, extent.width)
    x, y = surface.x - placing.centre[0] + 0.5, surface.y - placing.centre[1] + 0.5
    cosine, sine = np.cos(placing.turn), np.sin(placing.turn)
    reach = placing.size * _WARP * abs(rng.normal())
    cell = placing.size * rng.uniform(0.4, 0.8)
    u = cosine * x + sine * y + surface.noise(cell) * reach + side[0] / 2 - 0.5
    v = cosine * y - sine * x + surface.noise(cell) * reach + side[1] / 2 - 0.5
    u, v = u.astype(np.float32), v.astype(np.float32)
    cover = cv2.remap(alpha, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return cover, cv2.remap(paint, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def without_holes(cover: Cover) -> Cover:
    seen = cv2.copyMakeBorder((cover > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    cv2.floodFill(seen, None, (0, 0), 2)  # pyright: ignore[reportCallIssue, reportArgumentType]
    return (seen[1:-1, 1:-1] != 2).astype(np.float32)


def roughly(rng: np.random.Generator, cover: Cover, size: float) -> Cover:
    """An outline as a hand would draw it: rounder, of straight lines, or without hollows."""
    solid = without_holes(cover)
    kind = rng.random()
    if kind < 0.5:
        soft = cv2.GaussianBlur(solid, (0, 0), max(0.8, size * rng.uniform(0.015, 0.06)))
        return np.clip((soft - rng.uniform(0.3, 0.5)) * 6 + 0.5, 0, 1).astype(np.float32)
    lines, _ = cv2.findContours(solid.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not lines:
        return cover
    line = max(lines, key=cv2.contourArea)
    slack = size * rng.uniform(0.015, 0.05)
    drawn = cv2.convexHull(line) if kind > 0.9 else cv2.approxPolyDP(line, slack, True)
    return _filled(cover.shape, np.asarray(drawn))


def _filled(shape: tuple[int, ...], polygon: NDArray[Any]) -> Cover:
    fine = np.zeros((shape[0] * 2, shape[1] * 2), np.uint8)
    cv2.fillPoly(fine, [polygon * 2 + 1], 255, cv2.LINE_AA)
    shrunk = cv2.resize(fine, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return shrunk.astype(np.float32) / 255
