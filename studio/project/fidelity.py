"""Measured shape fidelity: does the picture's thing fill the region that was drawn for it?

The segmenter sees the result and the region's box alone, never the region's mask; the IoU of what
it finds with the pixels the region owns is the score. Thin or hidden parts lower it, and very small
regions, or ones that fill the picture, say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.scene.coverage import coverage
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.mask_edits import resized
from studio.scene.scene import Scene
from studio.scene.sentences import say

if TYPE_CHECKING:
    from PIL import Image

    from studio.segmentation.segmenter import ImageEmbedding, Segmenter

Pixels = NDArray[np.bool_]
SMALLEST_SIDE = 12  # pixels; a thinner box says more about the segmenter than about the render
SMALLEST_AREA = 144
LARGEST_SHARE = 0.9  # a box around nearly everything finds nearly everything


@dataclass(frozen=True)
class Fidelity:
    """How well one region obeyed its shape and its words.

    iou: None if the shape cannot be measured, for this reason; shows: another region, whose caption
    this one shows rather than its own, as the warning says; likeness: how much it looks like what
    it should look like, by features.
    """

    iou: float | None
    reason: str = ""
    shows: str | None = None
    warning: str = ""
    likeness: float | None = None


@dataclass(frozen=True)
class Measurement:
    """A region's fidelity and the shape that was found in its box."""

    fidelity: Fidelity
    found: Mask | None


def measure_region(segmenter: Segmenter, embedding: ImageEmbedding, owned: Pixels) -> Measurement:
    """`owned`: the region's pixels at the picture's size."""
    reason = unmeasurable(owned)
    if reason:
        return Measurement(Fidelity(None, reason), None)
    box = Mask(owned).bounds
    assert box is not None
    candidates = segmenter.segment(embedding, box=tuple(float(side) for side in box))
    best = max(candidates, key=lambda candidate: candidate.score)
    return Measurement(Fidelity(round(iou(best.mask, owned), 4)), Mask(best.mask))


def measure_scene(segmenter: Segmenter, picture: Image.Image, scene: Scene) -> dict[str, Fidelity]:
    """Each visible region that reaches the model, measured at the picture's own size."""
    shown = {name: each for name, each in owned_in(scene, picture).items() if each is not None}
    embedding = segmenter.embed(picture) if shown else None
    if embedding is None:
        return {}
    return {
        name: measure_region(segmenter, embedding, pixels).fidelity
        for name, pixels in shown.items()
    }


def owned_in(scene: Scene, image: Image.Image) -> dict[str, Pixels | None]:
    """The pixels of each visible region at the picture's size; None for a hidden one."""
    covered = coverage(scene)
    owned: dict[str, Pixels | None] = {region.identity: None for region in scene.visible_regions}
    for region, mask in zip(covered.regions, covered.masks, strict=True):
        owned[region.identity] = resized(Mask(mask), Extent(*image.size)).pixels
    return owned


def unmeasurable(owned: Pixels) -> str:
    """Why a region cannot be measured; empty if it can."""
    box = Mask(owned).bounds
    if box is None:
        return say("hidden by the regions above it")
    area = int(np.count_nonzero(owned))
    if min(box.extent) < SMALLEST_SIDE or area < SMALLEST_AREA:
        return say("too small to be measured")
    if area > LARGEST_SHARE * owned.size:
        return say("fills the picture")
    return ""


def iou(first: Pixels, second: Pixels) -> float:
    union = int(np.count_nonzero(first | second))
    return int(np.count_nonzero(first & second)) / union if union else 0.0
