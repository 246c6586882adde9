"""A first layout by a language model; what it answers is checked, and the rules step in."""

from __future__ import annotations

import json
import re
from typing import Any, cast

import numpy as np

from studio.recognition.captioner import LanguageModel
from studio.recognition.layouter import Layouter, check_sentence
from studio.recognition.rule_layouter import LOOSE, RuleLayouter
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.scene import Scene

_MOST = 40
_QUESTION = (
    "Lay out a picture of: {sentence}\n"
    "List every thing in it from back to front as JSON: "
    '[{{"caption": "short phrase", "box": [left, top, right, bottom]}}], with boxes in percent of '
    "the picture, 0 to 100. Sky and ground reach from side to side. One entry for each thing, also "
    "where there are several of a kind. Only the JSON."
)


class LanguageLayouter:
    def __init__(self, language: LanguageModel) -> None:
        self._language = language

    @property
    def name(self) -> str:
        return self._language.name

    def lay_out(self, sentence: str, extent: Extent) -> Scene:
        said = check_sentence(sentence)
        regions = regions_in(self._language.answer(_QUESTION.format(sentence=said)), extent)
        if not regions:
            return RuleLayouter().lay_out(said, extent)
        return Scene(*extent, said, regions)


def layouter(language: LanguageModel | None) -> Layouter:
    return RuleLayouter() if language is None else LanguageLayouter(language)


def regions_in(answer: str, extent: Extent) -> list[Region]:
    """What of an answer is a thing with a box; none where it is no such list."""
    found = re.search(r"\[.*\]", answer, re.DOTALL)
    try:
        entries: Any = json.loads(found[0]) if found else []
    except ValueError:
        return []
    if not isinstance(entries, list):
        return []
    each = (_region(entry, extent) for entry in cast("list[Any]", entries)[:_MOST])
    return [region for region in each if region is not None]


def _region(entry: Any, extent: Extent) -> Region | None:
    try:
        caption = " ".join(str(entry["caption"]).split())[:200]
        left, top, right, bottom = (float(side) / 100 for side in entry["box"])
    except (KeyError, TypeError, ValueError):
        return None
    pixels = np.zeros(extent.shape, np.bool_)
    sides = np.clip([left, top, right, bottom], 0, 1)  # a NaN covers nothing
    if not caption or not np.isfinite(sides).all():
        return None
    x0, y0, x1, y1 = (np.round(sides * (*extent, *extent))).astype(int)
    pixels[y0:y1, x0:x1] = True
    if not pixels.any():
        return None
    is_band = left <= 0.01 and right >= 0.99
    return Region(Mask(pixels), caption, gamma=None if is_band else LOOSE)
