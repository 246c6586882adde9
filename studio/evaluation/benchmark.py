"""The held-out scenes of the benchmark, rendered, measured, and set beside perfect pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from studio.engine.engine import Engine
from studio.evaluation.judge import Judge
from studio.evaluation.metrics import decibels, shape_scores
from studio.scene.colour_names import COLOURS, to_lab
from studio.scene.geometry import Extent
from studio.scene.region import Region
from studio.scene.region_look import core_colour, features_of, has_colour
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import Scene
from studio.workshop.painting.colours import named_colour
from studio.workshop.painting.layouts import Layer
from studio.workshop.painting.materials import BY_NAME, MATERIALS
from studio.workshop.painting.outlines import coverage_of, ellipse, placed
from studio.workshop.painting.painter import PaintedScene, compose, paint_scene
from studio.workshop.painting.subjects import BADGE, Subject

Say = Callable[[str], None]
Pixels = NDArray[np.uint8]
Copier = Callable[[Pixels], Pixels]  # a picture as the model's own VAE gives it back
SEED = 4_000_000  # far from every seed of training
BATCH = 4  # scenes rendered together
GAMMAS = (1.0, 0.5, 0.2, 0.05)


@dataclass
class Figures:
    """What was measured; shares are 0..1, `true` is of the painted scenes themselves."""

    values: dict[str, float] = field(default_factory=dict)

    def __setitem__(self, name: str, value: float) -> None:
        self.values[name] = float(value)


@dataclass(frozen=True)
class Trial:
    """A painted scene, and the picture a model made of its words and masks."""

    scene: PaintedScene
    picture: Pixels


def held_out(count: int, extent: Extent, *, unseen: bool = False) -> list[PaintedScene]:
    """Scenes with at least two regions, in plain light; `unseen`: pairs that training left out."""
    scenes: list[PaintedScene] = []
    seed = SEED + (500_000 if unseen else 0)
    while len(scenes) < count:
        seed += 1
        rng = np.random.default_rng(seed)
        scene = paint_scene(rng, extent, "unseen" if unseen else "seen", moods=0.0)
        if 2 <= len(scene.regions) <= 16:
            scenes.append(scene)
    return scenes


def as_request(painted: PaintedScene, **sampling: Any) -> RenderRequest:
    height, width = painted.image.shape[:2]
    regions = [Region(region.mask, region.caption) for region in painted.regions]
    return RenderRequest(Scene(width, height, painted.caption, regions), Sampling(**sampling))


def rendered(
    engine: Engine, scenes: Sequence[PaintedScene], say: Say, **sampling: Any
) -> list[Trial]:
    """Each scene with its own seed, a few in a batch."""
    trials: list[Trial] = []
    for start in range(0, len(scenes), BATCH):
        part = scenes[start : start + BATCH]
        requests = [as_request(s, seed=start + i + 1, **sampling) for i, s in enumerate(part)]
        pictures = engine.render(requests)
        for scene, picture in zip(part, pictures, strict=True):
            trials.append(Trial(scene, np.asarray(picture.images[0])))
        say(f"rendered {len(trials)} of {len(scenes)}")
    return trials


def truth(scenes: Sequence[PaintedScene]) -> list[Trial]:
    return [Trial(scene, np.round(scene.image * 255).astype(np.uint8)) for scene in scenes]


@dataclass(frozen=True)
class Colours:
    """Of the regions captioned with a plain basic colour, whose core is nearest to it."""

    right: tuple[bool, ...]  # in the picture
    painted: tuple[bool, ...]  # in the painted scene: a mushroom's stem shows, its red cap does not

    @property
    def share(self) -> float:
        """Right where the painted scene itself shows the colour."""
        asked = [right for right, shown in zip(self.right, self.painted, strict=True) if shown]
        return float(np.mean(asked)) if asked else float("nan")

    def __str__(self) -> str:
        made, true = np.mean(self.right), np.mean(self.painted)
        return (
            f"of {sum(self.painted)} regions that show it when painted; "
            f"of all {len(self.right)}: {made:.1%}, true renders {true:.1%}"
        )


def colours(trials: Sequence[Trial]) -> Colours:
    right, painted = [], []
    for trial, true in zip(trials, truth([trial.scene for trial in trials]), strict=True):
        for region in trial.scene.regions:
            name = region.subject.basic_colour
            if name is not None:
                right.append(has_colour(trial.picture, region.mask, name))
                painted.append(has_colour(true.picture, region.mask, name))
    return Colours(tuple(right), tuple(painted))


def shape_means(trials: Sequence[Trial]) -> tuple[float, float]:
    """(mean IoU, mean boundary F)"""
    scores = [shape_scores(t.picture, [r.mask for r in t.scene.regions]) for t in trials]
    return float(np.mean([s.iou for s in scores])), float(np.mean([s.boundary for s in scores]))


def leak_share(trials: Sequence[Trial]) -> float:
    """Share of plainly coloured regions that look like another region's colour instead."""
    leaks: list[bool] = []
    for trial in trials:
        named = [r for r in trial.scene.regions if r.subject.basic_colour is not None]
        for region in named:
            others = {r.subject.basic_colour for r in named} - {region.subject.basic_colour}
            if others:
                leaks.append(any(has_colour(trial.picture, region.mask, o) for o in others if o))
    return float(np.mean(leaks)) if leaks else float("nan")


def leak_pull(trials: Sequence[Trial]) -> float:
    """How far plainly coloured regions are pulled towards the nearest other region's colour.

    0: the core has the colour that the painted scene has there; 1: it has the other's (in Lab,
    along the line between the two). The mean over regions.
    """
    pulls: list[float] = []
    for trial, true in zip(trials, truth([trial.scene for trial in trials]), strict=True):
        named = [r for r in trial.scene.regions if r.subject.basic_colour is not None]
        own = to_lab(np.stack([core_colour(true.picture, r.mask) for r in named]))
        found = to_lab(np.stack([core_colour(trial.picture, r.mask) for r in named]))
        for place in range(len(named)):
            way = np.delete(own, place, axis=0) - own[place]
            moved = (way @ (found[place] - own[place])) / np.square(way).sum(axis=1).clip(1)
            pulls.append(float(moved.max()))
    return float(np.mean(pulls))


def neighbours(count: int, extent: Extent) -> list[PaintedScene]:
    """Pairs of discs on a ground, each of another basic colour: the test for leaking captions."""
    scenes = []
    for number in range(count):
        rng = np.random.default_rng(SEED + 700_000 + number)
        names = rng.permutation(list(COLOURS)[:9])[:4]
        layers = [Layer(np.ones(extent.shape, np.float32), Subject(material=BY_NAME["paper"]))]
        side = extent.width * 0.46
        for place, name in enumerate(names):
            material = BY_NAME[str(rng.choice(["fabric", "plastic", "leather", "knit", "carpet"]))]
            subject = Subject(material=material, colour=named_colour(str(name)))
            left = (place % 2) * extent.width / 2 + extent.width * 0.02
            top = (place // 2) * extent.height / 2 + extent.height * 0.02
            outline = placed(ellipse(rng), left, top, side, side, 0.0)
            layers.append(Layer(coverage_of(outline, extent.height, extent.width), subject, True))
        scenes.append(compose(rng, layers))
    return scenes


def badges(extent: Extent) -> PaintedScene:
    """20 round badges of 20 colours on wood."""
    rng = np.random.default_rng(SEED + 800_000)
    colours = [named_colour(name) for name in COLOURS]
    colours += [named_colour("blue", "light"), named_colour("green", "light")]
    colours += [named_colour("red", "dark"), named_colour("blue", "dark")]
    colours += [named_colour("green", "dark"), named_colour("purple", "light")]
    layers = [Layer(np.ones(extent.shape, np.float32), Subject(material=BY_NAME["wood"]))]
    wide, high = extent.width / 5, extent.height / 4
    for place, colour in enumerate(colours):
        size = min(wide, high) * 0.84
        left, top = (place % 5 + 0.5) * wide - size / 2, (place // 5 + 0.5) * high - size / 2
        outline = placed(ellipse(rng), left, top, size, size, 0.0)
        cover = coverage_of(outline, extent.height, extent.width)
        layers.append(Layer(cover, Subject(BADGE, None, colour), True))
    return compose(rng, layers)


def badges_right(trial: Trial) -> int:
    """How many badges are nearest to their own colour among the 20."""
    named = [r for r in trial.scene.regions if r.subject.thing is not None]
    wanted = np.stack([r.subject.colour.rgb for r in named if r.subject.colour is not None])
    found = to_lab(np.stack([core_colour(trial.picture, r.mask) for r in named]))
    far = np.linalg.norm(found[:, None] - to_lab(wanted)[None], axis=2)
    return int((far.argmin(axis=1) == np.arange(len(named))).sum())


def material_scenes(each: int, extent: Extent, first: int) -> list[PaintedScene]:
    """Discs of every material on a plain ground, four a scene."""
    scenes = []
    order = [m for m in MATERIALS for _ in range(each)]
    np.random.default_rng(SEED + first).shuffle(order)  # type: ignore[arg-type]
    for start in range(0, len(order), 4):
        rng = np.random.default_rng(SEED + first + start)
        subject = Subject(material=BY_NAME["paper"])
        layers = [Layer(np.ones(extent.shape, np.float32), subject)]
        side = extent.width * 0.46
        for place, material in enumerate(order[start : start + 4]):
            left = (place % 2) * extent.width / 2 + extent.width * 0.02
            top = (place // 2) * extent.height / 2 + extent.height * 0.02
            outline = placed(ellipse(rng), left, top, side, side, 0.0)
            cover = coverage_of(outline, extent.height, extent.width)
            layers.append(Layer(cover, Subject(material=material), False))
        scenes.append(compose(rng, layers))
    return scenes


def fitted_judge(copy: Copier, extent: Extent, each: int = 6) -> Judge:
    """A judge of materials, fitted on what the model's own VAE makes of painted ones."""
    features, names = [], []
    for trial in truth(material_scenes(each, extent, 100_000)):
        picture = copy(trial.picture)
        for region in trial.scene.regions[1:]:
            features.append(features_of(picture, region.mask))
            names.append(region.subject.name)
    return Judge(features, names)


def material_share(judge: Judge, trials: Sequence[Trial]) -> float:
    answers = [
        judge.best(features_of(trial.picture, region.mask)) == region.subject.name
        for trial in trials
        for region in trial.scene.regions[1:]
    ]
    return float(np.mean(answers))


@torch.no_grad()
def copies(trials: Sequence[Trial], copy: Copier) -> list[Trial]:
    return [Trial(trial.scene, copy(trial.picture)) for trial in trials]


def vae_decibels(trials: Sequence[Trial], copy: Copier) -> float:
    return float(np.mean([decibels(copy(trial.picture), trial.picture) for trial in trials]))


def seconds_a_render(engine: Engine, scene: PaintedScene, repeats: int = 3) -> float:
    """The best of a few renders with everything new, default settings."""
    spent = []
    for seed in range(repeats):
        started = time.perf_counter()
        engine.render(as_request(scene, seed=seed))
        spent.append(time.perf_counter() - started)
    return min(spent)
