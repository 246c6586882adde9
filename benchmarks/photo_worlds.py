"""Kept subjects in new worlds: what the rounds cost, and how much the subject grew."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import studio
from benchmarks.photo_edits import Edited, Pixels, contact_sheet, things
from studio.engine.engine import Engine
from studio.project.growth import best_world, growth
from studio.scene.request import Picture
from studio.segmentation.segmenter import Segmenter

WORLDS = {
    "horse": "green grass",
    "coffee-cup": "blue sea",
    "astronaut-helmet": "sand dunes",
    "coin": "wood",
    "cameraman": "a forest",
    "rocket": "night sky with stars",
}
Say = Callable[[str], None]


@dataclass(frozen=True)
class World:
    """cost: all drafts with their measuring and the full render, in full renders."""

    name: str
    cost: float
    growth: float
    rounds: int


def worlds(engine: Engine, segmenter: Segmenter, count: int, say: Say, sheet: Path) -> list[World]:
    found: list[World] = []
    shown: list[Edited] = []
    known = {name: (pixels, mask) for name, pixels, mask in things()}
    for name, caption in list(WORLDS.items())[:count]:
        pixels, mask = known[name]
        request = world_of(pixels, mask, caption)
        engine.render(request.with_sampling(steps=1))  # warm
        spent = 0.0

        def measured(picture: Picture, mask: NDArray[np.bool_] = mask) -> float:
            return growth(segmenter, np.asarray(picture.images[0]), mask)

        started = time.process_time()
        rounds = best_world(engine.render, request, measured)
        spent = time.process_time() - started
        started = time.process_time()
        picture = engine.render(request.with_sampling(seed=rounds[0].seed))
        full = time.process_time() - started
        ratio = measured(picture)
        found.append(World(name, (spent + full) / full, ratio, len(rounds)))
        after = np.asarray(picture.images[0])
        shown.append(Edited(name, f"{caption}, grew {ratio:.1%}", "", ~mask, pixels, after))
        say(f"{name} in {caption}: {found[-1].cost:.2f} renders, grew {ratio:.3f} {rounds}")
    contact_sheet(shown, sheet, columns=2)
    return found


def world_of(pixels: Pixels, mask: NDArray[np.bool_], caption: str) -> studio.RenderRequest:
    height, width = mask.shape
    scene = studio.Scene(width, height, caption, [studio.Region(mask, "the subject")])
    edit = studio.PhotoEdit(pixels, keep_subject=True)
    return studio.RenderRequest(scene, studio.Sampling(seed=1), edit=edit)
