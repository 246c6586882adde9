"""Captions without weights: the colour and the material that are measured, in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.project.known_materials import MOST_APART, known_materials
from studio.recognition.captioner import Descriptions, LanguageModel
from studio.recognition.finder import Asked, Pixels, Recall, anew, check_region
from studio.recognition.measured_looks import material_odds
from studio.scene.colour_names import colour_words
from studio.scene.mask import Mask
from studio.scene.region_look import core_colour, features_of
from studio.segmentation.click.click_segmenter import ClickSegmenter
from studio.segmentation.segmenter import check_cancel

_LIKELY, _SURE = 0.6, 0.95  # of a material that has any colour, and of one that has its own
_JUDGED_SIDE = 256  # pixels
_MOST_NAMED = 3  # parts of the picture in its own caption
_SMALLEST_NAMED = 0.06  # of the picture


@dataclass(frozen=True, eq=False)
class MeasuredCaptioner:
    """Says what a region is like ("dark brown wood"); it does not know what it is."""

    segmenter: ClickSegmenter = field(default_factory=ClickSegmenter)
    name: str = "measured"

    @property
    def digest(self) -> str:
        return f"measured:{self.segmenter.digest}"

    @property
    def needs_device(self) -> bool:
        return False

    @property
    def language(self) -> LanguageModel | None:
        return None

    def describe(
        self,
        image: Pixels,
        masks: Sequence[NDArray[np.bool_]] = (),
        cancel: Asked = None,
        recall: Recall = anew,
    ) -> Descriptions:
        captions: list[str] = []
        for mask in masks:
            check_cancel(cancel)
            check_region(image, mask)
            captions.append(described(image, mask))
        return Descriptions(self._of_picture(image, cancel, recall), tuple(captions))

    def _of_picture(self, image: Pixels, cancel: Asked, recall: Recall) -> str:
        """Its largest parts, from top to bottom."""
        key = f"embedding:{self.segmenter.digest}"
        embedding = recall(key, lambda: self.segmenter.embed(image))
        masks = self.segmenter.everything(embedding, cancel=cancel)
        large = [mask for mask in masks if mask.mean() >= _SMALLEST_NAMED] or masks[:1]
        named = {described(image, mask): _middle(mask) for mask in reversed(large)}
        largest = list(named)[::-1][:_MOST_NAMED]
        return ", ".join(sorted((each for each in largest if each), key=lambda each: named[each]))


def described(image: Pixels, mask: NDArray[np.bool_]) -> str:
    """Colour and material; the material only where it is likely: "brown wood", "bright red"."""
    part, inside = _patch(image, mask)
    colour = colour_words(core_colour(part, inside))
    materials, features = known_materials(), features_of(part, inside)
    likely = material_odds(features)
    best = int(likely.argmax())
    takes_colour, name = materials.takes_colour[best], materials.names[best]
    apart = np.linalg.norm(materials.tints[best] - 20 * np.asarray(features[1:3]))
    if likely[best] < (_LIKELY if takes_colour else _SURE):
        return colour
    if not takes_colour and apart > MOST_APART / 2:
        return colour
    return f"{colour} {name}" if takes_colour else name


def _patch(image: Pixels, mask: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The region with a little around it, no larger than the patches the judge was fitted on."""
    box = Mask(mask).bounds
    assert box is not None
    box = box.grown(max(8, max(box.extent) // 4), Mask(mask).extent)
    window = np.s_[box.top : box.bottom, box.left : box.right]
    part, inside = image[window], mask[window]
    scale = _JUDGED_SIDE / max(inside.shape)
    if scale >= 1:
        return np.ascontiguousarray(part), inside
    size = (max(2, round(inside.shape[1] * scale)), max(2, round(inside.shape[0] * scale)))
    cover: Any = cv2.resize(inside.astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    small = cover > 0
    part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    return part, small if small.any() else ~small


def _middle(mask: NDArray[np.bool_]) -> float:
    return float(np.flatnonzero(mask.any(axis=1)).mean())
