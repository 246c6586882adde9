"""An edit from its conditions to the finished picture: crop by crop, each laid over the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from studio.engine.photo.changes import changed_mask
from studio.engine.photo.contact_shadow import light_left
from studio.engine.photo.edit_conditions import EditConditions, Look
from studio.engine.photo.edit_preview import EditPreview
from studio.engine.photo.looking import levels_seen, pixels_seen, scaled
from studio.engine.photo.membrane import drift
from studio.engine.photo.paste import Canvas, alpha_of, at_depth, tile_weight
from studio.engine.photo.plan import TILE_OVERLAP, union
from studio.engine.sampling.batches import Sample, batches_of
from studio.engine.sampling.conditions import Conditions
from studio.engine.sampling.denoise import StepCounter
from studio.engine.sampling.follow import Follow, first_step, pixels_held, release_levels
from studio.engine.sampling.preview import LatentPreview, Matrix
from studio.engine.sampling.step import Cancel, OnStep
from studio.engine.tokens.patch_grid import PatchGrid
from studio.files.photo_file import open_photo
from studio.scene.photo import Photo
from studio.scene.photo_layer import Outside, PhotoLayer, composite, outside


class Rendering(Protocol):
    """What rendering an edit asks of an engine."""

    def noise(self, conditions: Conditions) -> Tensor: ...

    def sigmas(self, conditions: Conditions) -> Tensor: ...

    def sample(
        self,
        batch: list[Sample],
        painter: LatentPreview,
        counter: StepCounter,
        cancel: Cancel | None,
    ) -> Tensor: ...

    def encode(self, pixels: NDArray[np.uint8]) -> Tensor: ...

    def decode(self, latents: Tensor, grid: PatchGrid) -> NDArray[np.float32]: ...

    def preview_matrix(self) -> Matrix: ...


@dataclass(eq=False)
class EditRender:
    """One render of an edit. What each change has become so far stands in its canvases."""

    engine: Rendering
    conditions: EditConditions
    photo: Photo
    canvases: list[list[Canvas]] = field(default_factory=list[list[Canvas]])
    latents: list[Tensor] = field(default_factory=list[Tensor])

    @staticmethod
    def of(engine: Rendering, conditions: EditConditions) -> EditRender:
        edit, count = conditions.request.edit, conditions.request.sampling.count
        assert edit is not None
        photo = open_photo(edit).photo
        alphas = [alpha_of(change, photo) for change in conditions.changed]
        pairs = list(zip(conditions.changed, alphas, strict=True))
        canvases = [[Canvas.over(photo, *pair) for pair in pairs] for _ in range(count)]
        return EditRender(engine, conditions, photo, canvases)

    def run(self, on_step: OnStep | None, cancel: Cancel | None) -> None:
        """Every crop in its order. A later one sees what earlier ones have made."""
        steps = [_Steps.of(self, look) for look in self.conditions.looks]
        count = self.conditions.request.sampling.count
        total = sum(
            each.count * len(_batched(look, each, count)) for look, each in self._with(steps)
        )
        counter = StepCounter(total, on_step)
        made: set[int] = set()
        for look, each in self._with(steps):
            counter = self._look(look, each, made, counter, cancel)
            made |= set(look.crop.changes)

    def finished(self) -> dict[str, Any]:
        """What the picture gets: images, layers, and the proof of what they left alone."""
        photo = self.photo
        mask = changed_mask(photo.extent, self.conditions.changed)
        light = self._light(mask)
        layers: list[PhotoLayer] = []
        found: list[Outside] = []
        images: list[Image.Image] = []
        for canvases in self.canvases:
            own = [canvas.layer(light) for canvas in canvases]
            pixels = composite(photo.pixels, own) if own else photo.pixels
            found.append(outside(photo.pixels, pixels, mask))
            images.append(photo.image(pixels))
            layers += own
        largest = max(each.largest for each in found)
        differing = max(each.count for each in found)
        return {
            "images": images,
            "latents": tuple(self.latents),
            "outside": Outside(largest, differing, found[0].of),
            "layers": tuple(layers),
        }

    def _light(self, mask: NDArray[np.bool_]) -> NDArray[np.float32] | None:
        """(h, w): what a kept subject's contact shadow leaves of it; None: there is no shadow."""
        edit = self.conditions.request.edit
        if edit is None or not edit.keep_subject or not edit.contact_shadow:
            return None
        return light_left(~mask, float(edit.contact_shadow))

    def _with(self, steps: list[_Steps]):
        return zip(self.conditions.looks, steps, strict=True)

    def _look(
        self,
        look: Look,
        steps: _Steps,
        made: set[int],
        counter: StepCounter,
        cancel: Cancel | None,
    ) -> StepCounter:
        grid, extent = look.conditions.positive.grid, look.conditions.request.rendered.extent
        below = [
            [canvases[number].layer() for number in sorted(made)] for canvases in self.canvases
        ]
        seen = [pixels_seen(self.photo, look.crop, layers, extent) for layers in below]
        noise = self.engine.noise(look.conditions)
        samples: list[Sample] = []
        for pixels, own in zip(seen, noise.split(1), strict=True):
            photo = self.engine.encode(pixels) if look.photo is None else look.photo
            follow = Follow(photo.cpu().to(own.dtype), own, steps.release)
            start = follow.at(steps.sigma).to(own.dtype)
            samples.append(Sample(0, look.conditions, start, follow, steps.first))
        painter = EditPreview(
            grid, self.engine.preview_matrix, self.photo, look.crop, below[0], steps.levels
        )
        finished: list[Tensor] = []
        for batch in batches_of(samples):
            finished += self.engine.sample(batch, painter, counter, cancel).split(1)
            counter = counter.after(steps.count)
        for index, own in enumerate(finished):
            decoded = self.engine.decode(own, grid)
            self._paint(look, steps, index, seen[index].astype(np.float32), decoded)
        self.latents.append(torch.cat(finished).cpu())
        return counter

    def _paint(
        self,
        look: Look,
        steps: _Steps,
        index: int,
        seen: NDArray[np.float32],
        decoded: NDArray[np.float32],
    ) -> None:
        edit, crop = self.conditions.request.edit, look.crop
        grid = look.conditions.positive.grid
        if edit is not None and edit.match_colours:
            kept = pixels_held(steps.release, grid)
            shift = drift(seen, decoded, kept, smooth=grid.pixels / 2)
            decoded = decoded + np.float32(edit.match_colours) * shift
        shown = at_depth(scaled(decoded, crop.box.extent), self.photo)
        weight = None
        if crop.tile:
            changed = [self.conditions.changed[number].box for number in crop.changes]
            weight = tile_weight(crop, union(changed), TILE_OVERLAP)
        for number in crop.changes:
            self.canvases[index][number].paint(crop, shown, weight)


@dataclass(frozen=True)
class _Steps:
    """Where in the schedule a crop begins, and what is held of it until when."""

    levels: NDArray[np.float32]
    release: Tensor
    first: int
    sigma: float
    count: int

    @staticmethod
    def of(render: EditRender, look: Look) -> _Steps:
        conditions, photo = look.conditions, render.photo
        grid, sigmas = conditions.positive.grid, render.engine.sigmas(conditions)
        last = float(sigmas[-1])
        levels = levels_seen(look.crop, render.conditions.changed, photo.extent, grid, last)
        channels = conditions.positive.contour.shape[1]
        release = release_levels(levels, grid, channels)
        first = first_step(release, sigmas)
        return _Steps(levels, release, first, float(sigmas[first]), len(sigmas) - first)


def _batched(look: Look, steps: _Steps, count: int) -> Sequence[object]:
    start = steps.release
    samples = [Sample(0, look.conditions, start, None, steps.first) for _ in range(count)]
    return batches_of(samples)
