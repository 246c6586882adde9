"""A first layout of a sentence by rules: where it says, else where such things usually are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.recognition.chinese_sentence import in_english, is_chinese
from studio.recognition.layout_words import EXTENTS, FLYING, ROUND, SUPPORTS, USUAL
from studio.recognition.layouter import check_sentence, too_many
from studio.recognition.sentence_reader import Mention, read_sentence
from studio.scene.errors import PromptError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.scene import Scene

LOOSE = 0.5  # gamma of a thing: its shape is a guess, so it is a hint and no border
_HORIZON, _SHORE = 0.46, 0.72
_FOOT, _IN_THE_SKY = 0.84, 0.2  # where things stand, where the middle of what flies is
_GAP = 0.03
_MOST_REGIONS = 40


@dataclass(frozen=True)
class Spot:
    """A box in shares of the picture."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    def inside(self) -> Spot:
        """Moved and, if it must be, cut so that it lies in the picture."""
        dx = max(0.0, 0.01 - self.left) - max(0.0, self.right - 0.99)
        dy = max(0.0, 0.01 - self.top) - max(0.0, self.bottom - 0.99)
        moved = Spot(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)
        return Spot(
            max(0.01, moved.left),
            max(0.01, moved.top),
            min(0.99, moved.right),
            min(0.99, moved.bottom),
        )


class RuleLayouter:
    """Knows some hundred words; whatever else is named becomes a thing of the usual size."""

    name = "rules"

    def lay_out(self, sentence: str, extent: Extent) -> Scene:
        said = check_sentence(sentence)
        english, own_words = in_english(said) if is_chinese(said) else (said, {})
        mentions = read_sentence(english)
        if not mentions:
            raise PromptError(
                "No thing is named in {sentence!r:.80}. Say what is where: a red house on a green "
                "hill, the sun above it.",
                sentence=said,
            )
        if sum(each.count for each in mentions) > _MOST_REGIONS:
            raise too_many(_MOST_REGIONS)
        regions = [
            Region(mask, own_words.get(caption, caption), gamma=gamma)
            for caption, mask, gamma in _Layout(mentions, extent).regions()
        ]
        return Scene(*extent, said, regions)


class _Layout:
    def __init__(self, mentions: list[Mention], extent: Extent) -> None:
        self.mentions = mentions
        self.extent = extent
        self.aspect = extent.width / extent.height
        kinds = {each.kind for each in mentions}
        self.horizon = _HORIZON if kinds & {"sky", "far"} or "ground" not in kinds else 0.3
        self.things = [each for each in mentions if each.kind == "thing"]
        self.spots: dict[int, list[Spot]] = {}
        self.free = [each for each in self.things if self._is_free(each)]

    def regions(self) -> list[tuple[str, Mask, float | None]]:
        """From back to front: caption, mask, gamma."""
        made: list[tuple[str, Mask, float | None]] = [
            (each.caption, self._band(each), None) for each in self._bands()
        ]
        for mention in self.things:
            self._place(mention, ())
        for mention in sorted(self.things, key=self._depth):
            for spot in self.spots[id(mention)]:
                made.append((mention.caption, self._mask(spot, mention.noun), LOOSE))
        return made

    # bands: what fills the picture from side to side

    def _bands(self) -> list[Mention]:
        order = {"sky": 0, "far": 1, "ground": 2}
        bands = [each for each in self.mentions if each.kind != "thing"]
        return sorted(bands, key=lambda each: (order[each.kind], "back" not in each.where))

    def _band(self, mention: Mention) -> Mask:
        rows, columns = self.extent.shape
        bands = self._bands()
        own = [each for each in bands if each.kind == mention.kind]
        number = own.index(mention)
        y = (np.arange(rows) + 0.5)[:, None] / rows
        x = (np.arange(columns) + 0.5)[None] / columns
        if mention.kind == "sky":
            is_alone = len(bands) == len(own)
            top, bottom = _shared(0.0, 1.0 if is_alone else self.horizon, number, len(own))
            return Mask(np.broadcast_to((y >= top) & (y < bottom), (rows, columns)))
        if mention.kind == "far":
            has_ground = any(each.kind == "ground" for each in bands)
            ridge = self.horizon - 0.13 + 0.05 * np.sin(2 * np.pi * (1.5 * x + 0.3 * number))
            return Mask((y >= ridge) & (y < (self.horizon + 0.02 if has_ground else 1.0)))
        top, bottom = _shared(self.horizon, 1.0, number, len(own))
        if len(bands) == 1 and not self.things:
            top = 0.0
        left, right = _half(mention)
        return Mask((y >= top) & (y < bottom) & (x >= left) & (x < right))

    # things

    def _is_free(self, mention: Mention) -> bool:
        """Nothing says where it is from left to right."""
        is_placed = {"left", "right", "middle"} & set(mention.where)
        to_thing = any(each.kind == "thing" for each in mention.targets)
        return not is_placed and not to_thing

    def _depth(self, mention: Mention) -> tuple[int, float]:
        """Behind, in the middle, in front; then whatever reaches lower is nearer."""
        level = {"behind": -1, "in front of": 2, "on": 1, "in": 1}.get(mention.relation or "", 0)
        level = level if any(each.kind == "thing" for each in mention.targets) else 0
        level += ("front" in mention.where) - ("back" in mention.where)
        return level, max(spot.bottom for spot in self.spots[id(mention)])

    def _place(self, mention: Mention, waiting: tuple[int, ...]) -> list[Spot]:
        """Where it is; what it is told against comes first, unless that waits for it."""
        if id(mention) in self.spots:
            return self.spots[id(mention)]
        targets = [
            each
            for each in mention.targets
            if each.kind == "thing" and id(each) not in (*waiting, id(mention))
        ]
        others = [_around(self._place(each, (*waiting, id(mention)))) for each in targets]
        spot = self._usual(mention)
        if others:
            spot = _related(mention, spot, others)
        elif mention.relation in ("in", "on", "above") and mention.targets:
            spot = self._in_band(mention, spot)
        self.spots[id(mention)] = [each.inside() for each in self._each(mention, spot, others)]
        return self.spots[id(mention)]

    def _usual(self, mention: Mention) -> Spot:
        width, height = EXTENTS.get(mention.noun, USUAL)
        side = min(self.extent)
        scale = mention.scale * (0.7 if "back" in mention.where else 1.0)
        width = min(0.94, width * scale * side / self.extent.width)
        height = min(0.94, height * scale * side / self.extent.height)
        is_high = mention.noun in FLYING or "top" in mention.where
        bottom = _IN_THE_SKY + height / 2 if is_high else _FOOT
        if "bottom" in mention.where or "front" in mention.where:
            bottom = 0.97
        if "back" in mention.where and not is_high:
            bottom = self.horizon + 0.12
        middle = self._across(mention)
        return Spot(middle - width / 2, bottom - height, middle + width / 2, bottom)

    def _across(self, mention: Mention) -> float:
        for where, middle in (("left", 0.22), ("right", 0.78), ("middle", 0.5)):
            if where in mention.where:
                return middle
        if mention not in self.free:
            return 0.5
        place = self.free.index(mention)
        return (place + 1) / (len(self.free) + 1)

    def _in_band(self, mention: Mention, spot: Spot) -> Spot:
        """In the sky, on the grass, above the sea."""
        kind = mention.targets[0].kind
        if kind == "sky" or (mention.relation == "above" and kind in ("ground", "far")):
            middle = _IN_THE_SKY if kind == "sky" else min(_IN_THE_SKY, self.horizon - 0.1)
            return replace(spot, top=middle - spot.height / 2, bottom=middle + spot.height / 2)
        if mention.noun in FLYING and mention.relation != "in":
            return spot
        bottom = max(spot.bottom, self.horizon + 0.1) if kind == "ground" else self.horizon + 0.05
        return replace(spot, top=bottom - spot.height, bottom=bottom)

    def _each(self, mention: Mention, spot: Spot, others: list[Spot]) -> list[Spot]:
        """Several of a kind stand beside each other, a little higher and lower in turn."""
        count = mention.count
        if count == 1:
            return [spot]
        wide = 0.92
        if others and mention.relation in ("on", "in"):
            wide = others[0].width * 0.94
        elif set(mention.where) & {"left", "right"} or len(self.free) > 1 or others:
            wide = min(0.92, max(0.4, 0.92 / max(1, len(self.free))))
        step = min(spot.width * 1.2, wide / count)
        scale = min(1.0, step / (spot.width * 1.08))
        width, height = spot.width * scale, spot.height * scale
        first = min(max(spot.middle - step * count / 2, 0.02), 0.98 - step * count)
        is_level = bool(others) and mention.relation in ("on", "in")
        found: list[Spot] = []
        for number in range(count):
            sway = 0.0 if is_level else (0.035 if number % 2 else -0.035)
            left = first + step * number + (step - width) / 2
            bottom = spot.bottom + sway
            found.append(Spot(left, bottom - height, left + width, bottom))
        return found

    def _mask(self, spot: Spot, noun: str) -> Mask:
        """A soft shape in the spot: an ellipse for round things, else a box with round corners."""
        rows, columns = self.extent.shape
        y = ((np.arange(rows) + 0.5) / rows - (spot.top + spot.bottom) / 2)[:, None]
        x = ((np.arange(columns) + 0.5) / columns - spot.middle)[None]
        power = 2.0 if noun in ROUND else 4.0
        inside: NDArray[Any] = (
            np.abs(2 * x / max(spot.width, 1e-6)) ** power
            + np.abs(2 * y / max(spot.height, 1e-6)) ** power
        ) <= 1
        if not inside.any():
            row = min(rows - 1, int((spot.top + spot.bottom) / 2 * rows))
            inside[row, min(columns - 1, int(spot.middle * columns))] = True
        return Mask(inside)


def _related(mention: Mention, spot: Spot, others: list[Spot]) -> Spot:
    """Where it is to one other thing, or between two."""
    other, width, height = others[0], spot.width, spot.height
    middle, bottom = other.middle, max(each.bottom for each in others)
    if mention.relation == "between" and len(others) > 1:
        middle = (others[0].middle + others[1].middle) / 2
        bottom = bottom if mention.noun not in FLYING else spot.bottom
    elif mention.relation in ("left of", "right of", "beside"):
        is_left = mention.relation == "left of" or (
            mention.relation == "beside" and other.middle > 0.55
        )
        by = (other.width + width) / 2 + _GAP
        middle += -by if is_left else by
    elif mention.relation == "on":
        bottom = other.top + 0.12 * height
    elif mention.relation == "in":
        bottom = other.bottom - 0.1 * other.height
        width, height = min(width, 0.8 * other.width), min(height, 0.8 * other.height)
    elif mention.relation == "above":
        bottom = other.top - _GAP
    elif mention.relation == "under":
        is_support = (mention.targets[0].noun in SUPPORTS) or other.top > 0.5
        bottom = other.bottom if is_support else max(other.bottom, other.top + height + _GAP)
        width = min(width, 0.8 * other.width) if is_support else width
    elif mention.relation == "behind":
        middle, bottom = middle + 0.3 * other.width, bottom - 0.1
    elif mention.relation == "in front of":
        middle, bottom = middle - 0.2 * other.width, bottom + 0.1
    return Spot(middle - width / 2, bottom - height, middle + width / 2, bottom)


def _around(spots: list[Spot]) -> Spot:
    return Spot(
        min(each.left for each in spots),
        min(each.top for each in spots),
        max(each.right for each in spots),
        max(each.bottom for each in spots),
    )


def _shared(top: float, bottom: float, number: int, count: int) -> tuple[float, float]:
    """The part of a band that one of several takes."""
    step = (bottom - top) / count
    return top + step * number, top + step * (number + 1)


def _half(mention: Mention) -> tuple[float, float]:
    if "left" in mention.where:
        return 0.0, 0.5
    return (0.5, 1.0) if "right" in mention.where else (0.0, 1.0)
