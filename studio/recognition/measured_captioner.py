"""Captions without weights: the colour and the material that are measured, in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from studio.project.surroundings import caption_of
from studio.recognition.captioner import Descriptions, LanguageModel
from studio.recognition.finder import Asked, Pixels, Recall, anew, check_region
from studio.segmentation.click.click_segmenter import ClickSegmenter
from studio.segmentation.segmenter import check_cancel

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
            captions.append(caption_of(image, mask, None))
        return Descriptions(self._of_picture(image, cancel, recall), tuple(captions))

    def _of_picture(self, image: Pixels, cancel: Asked, recall: Recall) -> str:
        """Its largest parts, from top to bottom."""
        key = f"embedding:{self.segmenter.digest}"
        embedding = recall(key, lambda: self.segmenter.embed(image))
        masks = self.segmenter.everything(embedding, cancel=cancel)
        large = [mask for mask in masks if mask.mean() >= _SMALLEST_NAMED] or masks[:1]
        named = {caption_of(image, mask, None): _middle(mask) for mask in reversed(large)}
        largest = list(named)[::-1][:_MOST_NAMED]
        return ", ".join(sorted((each for each in largest if each), key=lambda each: named[each]))


def _middle(mask: NDArray[np.bool_]) -> float:
    return float(np.flatnonzero(mask.any(axis=1)).mean())
