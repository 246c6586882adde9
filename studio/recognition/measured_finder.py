"""Find by word without weights: colours and materials, measured on the click segmenter's parts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.project.known_materials import known_materials
from studio.recognition.finder import (
    MOST_FINDINGS,
    Asked,
    Finding,
    Pixels,
    Recall,
    anew,
    read_words,
)
from studio.recognition.measured_looks import colour_shares, material_likelihoods
from studio.recognition.parts import Floats, Parts, best_cut, parts_of
from studio.recognition.said_words import Said, nearest_readable, read
from studio.scene.errors import PromptError
from studio.segmentation.click.click_segmenter import ClickSegmenter

_LIKELY = 0.5  # what a part has to show of what was said
_ALIKE = 10.0  # of Lab: touching parts as near as that are one thing
_ONE_THING = 0.5  # a logit: merged at no more, two parts are one thing rather than two
_MOSTLY = 0.4
_LARGEST_THING = 0.6  # of the picture
_SLIVER = 0.1  # of a thing's size: a touching part no larger is its rim or its shade


@dataclass(frozen=True, eq=False)
class MeasuredFinder:
    """Knows the colours and materials that the mini model was taught, and no things."""

    segmenter: ClickSegmenter = field(default_factory=ClickSegmenter)
    name: str = "measured"

    @property
    def digest(self) -> str:
        return f"measured:{self.segmenter.digest}"

    @property
    def needs_device(self) -> bool:
        return False

    def find(
        self, image: Pixels, words: str, cancel: Asked = None, recall: Recall = anew
    ) -> list[Finding]:
        wanted = read_words(words)
        said = _readable(wanted)
        parts = parts_of(self.segmenter, image, recall)
        shows = _shown(parts, said, recall, cancel)
        chosen = best_cut(parts, parts.areas * (_as_things(parts, shows) - _LIKELY))
        groups = _grouped(parts, chosen)
        found = [_finding(parts, group, shows, wanted) for group in groups]
        found = _without_slivers([each for each in found if each.mask.any()])
        return sorted(found, key=lambda each: -each.score)[:MOST_FINDINGS]


def _readable(words: str) -> Said:
    said = read(words)
    if not said.is_empty:
        return said
    near = next((each for each in map(nearest_readable, said.unread) if each), None)
    if near is None:
        raise PromptError(
            "The finder without weights knows colours and materials, not {words!r}. Say one, such "
            "as red, sky or grass, or select one and use Select similar.",
            words=words,
        )
    raise PromptError(
        "The finder without weights knows colours and materials, not {words!r}. Did you mean "
        "{near!r}?",
        words=words,
        near=near,
    )


def _shown(parts: Parts, said: Said, recall: Recall, cancel: Asked) -> Floats:
    """(parts,) 0..1, of all that was said."""
    shows = np.ones(len(parts.nodes))
    if said.colours:
        each = [colour_shares(parts, *named) for named in said.colours]
        shows = np.minimum(shows, np.sum(each, axis=0))
    if said.materials:
        names = known_materials().names
        columns = [place for place, name in enumerate(names) if name in said.materials]
        likely = material_likelihoods(parts, recall, cancel)
        shows = np.minimum(shows, likely[:, columns].sum(axis=1))
    return np.minimum(shows, 1.0)


def _as_things(parts: Parts, shows: Floats) -> Floats:
    """What is one thing and mostly shows what was said counts for half of the rest too: a red ball
    is red with its light and its shade."""
    heights = parts.land.tree.heights[parts.nodes]
    is_thing = (heights <= _ONE_THING) & (shows >= _MOSTLY) & (parts.areas <= _LARGEST_THING)
    return np.where(is_thing, (1 + shows) / 2, shows)


def _grouped(parts: Parts, chosen: list[int]) -> list[list[int]]:
    """Parts that touch and have the same colour are one thing."""
    land = parts.land
    owner = np.full(land.tree.pieces, -1, np.int64)
    for place, part in enumerate(chosen):
        owner[land.pieces_of(int(parts.nodes[part]))] = place
    looks = land.tree.looks[parts.nodes[chosen]]
    colours = looks[:, 2:5] / looks[:, :1]
    group = np.arange(len(chosen))
    ends = owner[land.pairs]
    touching = ends[(ends >= 0).all(axis=1) & (ends[:, 0] != ends[:, 1])]
    for one, other in np.unique(touching, axis=0) if len(touching) else ():
        if np.linalg.norm(colours[one] - colours[other]) <= _ALIKE:
            group[group == group[other]] = group[one]
    return [
        [part for part, own in zip(chosen, group, strict=True) if own == each]
        for each in np.unique(group)
    ]


def _finding(parts: Parts, group: list[int], shows: Floats, caption: str) -> Finding:
    pieces: NDArray[np.bool_] = np.any([parts.pieces(part) for part in group], axis=0)
    areas = parts.areas[group]
    return Finding(parts.mask(pieces), float(np.average(shows[group], weights=areas)), caption)


def _without_slivers(found: list[Finding]) -> list[Finding]:
    """What is small and lies at something larger is laid to it."""
    kept: list[Finding] = []
    for each in sorted(found, key=lambda each: -int(each.mask.sum())):
        area = int(each.mask.sum())
        near = cv2.dilate(each.mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        for place, one in enumerate(kept):
            if area <= _SLIVER * one.mask.sum() and (near & one.mask).any():
                kept[place] = replace(one, mask=one.mask | each.mask)
                break
        else:
            kept.append(each)
    return kept
