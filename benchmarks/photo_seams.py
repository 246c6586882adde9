"""Borders of edits: the step across a mask's edge, and how well the drift of colours is undone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import studio
from benchmarks.photo_edits import Pixels, things
from studio.engine.engine import Engine
from studio.engine.photo.looking import pixels_seen, scaled
from studio.engine.photo.membrane import drift
from studio.engine.photo.plan import plan
from studio.engine.tokens.patch_grid import PatchGrid
from studio.project.surroundings import caption_of
from studio.scene.photo import Photo
from studio.scene.photo_layer import PhotoLayer, composite

Say = Callable[[str], None]
FLATNESS = (
    14.0  # levels of standard deviation in the blurred photo, above which a disc is no ground
)
STRENGTH = 0.4
DRIFT = 6.0  # levels


@dataclass(frozen=True)
class Seam:
    """Mean difference of neighbours across the mask's border, in levels."""

    name: str
    photo: float
    edit: float
    paste: float


def seams(engine: Engine, count: int, say: Say) -> list[Seam]:
    """Discs of ground made again at a strength that keeps what they are, and a perfect paste.

    A new thing differs from what surrounds it, as it should; only where the same ground goes on
    does a step tell of a seam.
    """
    vocabulary = getattr(engine, "vocabulary", None)
    done: list[Seam] = []
    for number, (name, pixels, mask) in enumerate(grounds(count)):
        caption = caption_of(pixels, mask, vocabulary)
        height, width = mask.shape
        scene = studio.Scene(width, height, None, [studio.Region(mask, caption)])
        edit = studio.PhotoEdit(pixels, strength=STRENGTH)
        request = studio.RenderRequest(scene, studio.Sampling(seed=number), edit=edit)
        picture = engine.render(request)
        after = composite(pixels, picture.layers)
        pasted = _perfect_paste(engine, request, pixels, picture.layers[0])
        found = [step_across(each, mask) for each in (pixels, after, pasted)]
        done.append(Seam(f"{name}: {caption}", *found))
        say(f"seams: {done[-1].name}, step {found[1]:.1f}, perfect paste {found[2]:.1f}")
    return done


def grounds(count: int) -> Iterator[tuple[str, Pixels, NDArray[np.bool_]]]:
    """Discs in quiet parts of the photographs: wall, lawn, sky, wood, fur."""
    rng = np.random.default_rng(11)
    photos = {pixels.tobytes(): (name, pixels) for name, pixels, _ in things()}
    found = 0
    while found < count:
        name, pixels = list(photos.values())[int(rng.integers(len(photos)))]
        height, width = pixels.shape[:2]
        radius = int(rng.integers(20, 45))
        x, y = (int(rng.integers(2 * radius, side - 2 * radius)) for side in (width, height))
        rows, columns = np.ogrid[:height, :width]
        far = np.hypot(columns - x, rows - y)
        smooth = cv2.GaussianBlur(pixels, (0, 0), 4)
        if smooth[far < 1.6 * radius].std(axis=0).max() < FLATNESS:
            found += 1
            yield name, pixels, far < radius


def step_across(picture: Pixels, mask: NDArray[np.bool_]) -> float:
    values = picture.astype(np.float32)
    steps: list[NDArray[Any]] = []
    for axis in (0, 1):
        near, far = (np.take(mask, range(*ends), axis) for ends in _pairs(mask.shape[axis]))
        first, second = (np.take(values, range(*ends), axis) for ends in _pairs(mask.shape[axis]))
        steps.append(np.abs(first - second).mean(axis=2)[near != far])
    return float(np.concatenate(steps).mean())


def _pairs(side: int) -> tuple[tuple[int, int], tuple[int, int]]:
    return (0, side - 1), (1, side)


def _perfect_paste(
    engine: Any, request: studio.RenderRequest, pixels: Pixels, layer: PhotoLayer
) -> Pixels:
    """The very crop that the model saw, decoded as it is, in the region of the edit."""
    crop = plan(engine.resolve(request))[0]
    seen = pixels_seen(Photo.of(pixels), crop, (), crop.extent)
    size = engine.token_pixels
    grid = PatchGrid(crop.extent.height // size, crop.extent.width // size, size)
    decoded = scaled(engine.decode(engine.encode(seen), grid), crop.box.extent)
    left, top, right, bottom = layer.box
    place = np.s_[
        top - crop.box.top : bottom - crop.box.top, left - crop.box.left : right - crop.box.left
    ]
    shown = np.clip(np.rint(decoded[place]), 0, 255).astype(np.uint8)
    return composite(pixels, [replace(layer, pixels=shown)])


@dataclass(frozen=True)
class Membrane:
    """A smooth drift put on a decoded picture and taken out again; levels and seconds."""

    ring: float
    hue: float
    seconds: float


def membrane(side: int = 600, seeds: int = 4) -> Membrane:
    """An object of a new colour in a ring of the photo, under a drift of 6 levels."""
    rings, hues, spent = [], [], []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        photo = _smooth(rng, side, 40.0, 12) + 128 + rng.normal(0, 4, (side, side, 3))
        photo = photo.astype(np.float32)
        rows, columns = np.ogrid[:side, :side]
        inside = np.hypot(rows - side / 2, columns - side / 2) < side * 0.3
        wanted = np.where(inside[..., None], rng.uniform(30, 220, 3), photo).astype(np.float32)
        decoded = wanted + _smooth(rng, side, DRIFT, 4)
        started = time.perf_counter()
        mended = decoded + drift(photo, decoded, ~inside, smooth=4.0)
        spent.append(time.perf_counter() - started)
        ring = ~inside & (cv2.dilate(inside.astype(np.uint8), np.ones((33, 33), np.uint8)) > 0)
        rings.append(np.abs(mended - photo)[ring].mean())
        hues.append(np.abs((mended - wanted)[inside].mean(axis=0)).max())
    return Membrane(float(np.mean(rings)), float(np.mean(hues)), float(np.median(spent)))


def _smooth(rng: np.random.Generator, side: int, deviation: float, cells: int) -> Any:
    coarse = rng.normal(0, 1, (cells, cells, 3)).astype(np.float32)
    values = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    return (values - values.mean(axis=(0, 1))) / values.std() * deviation
