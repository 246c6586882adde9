"""Thin regions: winding roads, poles and sagging wires, down to four pixels."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Extent
from studio.workshop.painting.colours import Rgb
from studio.workshop.painting.form import Form
from studio.workshop.painting.layouts import Cover, Layer
from studio.workshop.painting.materials import BY_NAME
from studio.workshop.painting.outlines import rectangle
from studio.workshop.painting.subjects import Pairs, Subject, pick_colour
from studio.workshop.painting.surface import Image, tint
from studio.workshop.painting.things import Thing

THINNEST = 4.0  # pixels
_LEVEL = 4  # bits of a pixel that OpenCV draws with
_FINER = 4  # times, while drawing
_BORDER = 1 / _FINER  # pixels: OpenCV fills a polygon's border, too


def _rod(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    return tint(rgb, form.rounded * 0.6)


POLE = Thing(("pole", "post"), _rod, rectangle, own=(0.42, 0.36, 0.30), aspect=0.1)
WIRE = Thing(("wire", "cable", "rope"), _rod, rectangle, own=(0.10, 0.10, 0.11), aspect=10.0)
THIN_THINGS = (POLE, WIRE)
_WAYS = ("road", "river", "gravel", "soil")


def with_thin_regions(
    rng: np.random.Generator, extent: Extent, layers: list[Layer], pairs: Pairs
) -> list[Layer]:
    """The layers with a way on the ground below the things, or poles or wires before them."""
    if rng.random() < 0.4:
        grounds = [n for n, layer in enumerate(layers) if not layer.is_solid]
        place = max(grounds, default=-1) + 1
        return [*layers[:place], _way(rng, extent), *layers[place:]]
    if rng.random() < 0.5:
        return [*layers, *(_pole(rng, extent, pairs) for _ in range(int(rng.integers(1, 4))))]
    return [*layers, *(_wire(rng, extent, pairs) for _ in range(int(rng.integers(1, 4))))]


def _way(rng: np.random.Generator, extent: Extent) -> Layer:
    """From the lower border up, narrower the farther it is."""
    steps = np.linspace(0, 1, 40)
    top = rng.uniform(0.2, 0.7)
    y = extent.height * (1.02 - (1.02 - top) * steps)
    bend = np.sin(steps * rng.uniform(2, 8) + rng.uniform(0, 6)) * rng.uniform(0.02, 0.2)
    x = extent.width * (rng.uniform(0.1, 0.9) + bend * (1 - 0.6 * steps))
    near = rng.uniform(THINNEST, 26)
    width = near + (max(THINNEST, near * 0.25) - near) * steps
    name = str(rng.choice(list(_WAYS)))
    return Layer(stroke(extent, x, y, width), Subject(material=BY_NAME[name]), is_thin=True)


def _pole(rng: np.random.Generator, extent: Extent, pairs: Pairs) -> Layer:
    foot = rng.uniform(0.5, 1.05) * extent.height
    tall = rng.uniform(0.25, 0.9) * extent.height
    lean = rng.normal(0, 0.03) * tall
    x = rng.random() * extent.width + np.array([0.0, lean])
    width = np.full(2, rng.uniform(THINNEST, 9))
    cover = stroke(extent, x, np.array([foot, foot - tall]), width)
    return Layer(cover, _coloured_thing(rng, POLE, pairs), True, is_thin=True)


def _wire(rng: np.random.Generator, extent: Extent, pairs: Pairs) -> Layer:
    """From border to border, sagging in between."""
    steps = np.linspace(0, 1, 40)
    left, right = rng.uniform(0.02, 0.8, 2)
    level = left + (right - left) * steps + rng.uniform(0, 0.25) * 4 * steps * (1 - steps)
    x = (steps * 1.04 - 0.02) * extent.width
    width = np.full(40, rng.uniform(THINNEST, 6.5))
    cover = stroke(extent, x, level * extent.height, width)
    return Layer(cover, _coloured_thing(rng, WIRE, pairs), is_thin=True)


def _coloured_thing(rng: np.random.Generator, thing: Thing, pairs: Pairs) -> Subject:
    colour = pick_colour(rng, thing.name, pairs) if rng.random() < 0.5 else None
    return Subject(thing, None, colour)


def stroke(extent: Extent, x: NDArray[Any], y: NDArray[Any], width: NDArray[Any]) -> Cover:
    """The cover of a line through points in pixels, as wide at each as `width` says."""
    along = np.stack([np.gradient(x), np.gradient(y)], axis=1)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * (width - _BORDER)[:, None] / 2
    middle = np.stack([x, y], axis=1)
    band = np.concatenate([middle + across, (middle - across)[::-1]])
    fine = np.zeros((extent.height * _FINER, extent.width * _FINER), np.uint8)
    points = np.round(band * _FINER * 2**_LEVEL).astype(np.int32)
    cv2.fillPoly(fine, [points], 255, cv2.LINE_AA, _LEVEL)
    shrunk = cv2.resize(fine, (extent.width, extent.height), interpolation=cv2.INTER_AREA)
    return shrunk.astype(np.float32) / 255
