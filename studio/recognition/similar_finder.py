"""Select similar without weights: colours, textures and shape of the click segmenter's parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.recognition.finder import (
    MOST_FINDINGS,
    Asked,
    Finding,
    Pixels,
    Recall,
    anew,
    check_region,
)
from studio.recognition.parts import Parts, best_cut, parts_of
from studio.segmentation.click.click_segmenter import ClickSegmenter
from studio.segmentation.click.superpixels import COLOUR_WORDS

Floats = NDArray[Any]
_CHANNELS = 7
_OVERLAP = 0.2  # with the region itself, above which a part is no other one


@dataclass(frozen=True, eq=False)
class LooksFinder:
    """Compares how parts look; it does not know what they are."""

    segmenter: ClickSegmenter = field(default_factory=ClickSegmenter)
    name: str = "measured"

    @property
    def digest(self) -> str:
        return f"looks:{self.segmenter.digest}"

    @property
    def needs_device(self) -> bool:
        return False

    def find_similar(
        self, image: Pixels, mask: NDArray[np.bool_], cancel: Asked = None, recall: Recall = anew
    ) -> list[Finding]:
        check_region(image, mask)
        parts = parts_of(self.segmenter, image, recall)
        likely = _likeness(parts, mask)
        found = [
            Finding(parts.mask(parts.pieces(part)), float(likely[part]), "")
            for part in best_cut(parts, np.sqrt(parts.areas) * (likely - 0.5))
        ]
        found = [each for each in found if each.mask.any()]
        return sorted(found, key=lambda each: -each.score)[:MOST_FINDINGS]


def _likeness(parts: Parts, mask: NDArray[np.bool_]) -> Floats:
    """(parts,) 0..1: how likely each is another of the region's kind."""
    land, tree = parts.land, parts.land.tree
    height, width = land.labels.shape
    small = _at_working_size(mask, width, height)
    share = land.share_of_pieces(small)
    own = share > 0.5
    if not own.any():
        own[share.argmax()] = True
    looks = tree.looks[parts.nodes]
    wanted = tree.looks[: tree.pieces][own].sum(axis=0, keepdims=True)
    colour, texture, light = _gaps(looks, wanted)
    boxes = parts.land.boxes[parts.nodes].astype(np.float64)
    own_box = _box_of(small)
    sides = (boxes[:, 2:] - boxes[:, :2]).clip(1)
    own_sides = np.array(own_box[2:]) - np.array(own_box[:2])
    fill = looks[:, 0] / sides.prod(axis=1)
    own_fill = wanted[0, 0] / max(1.0, float(own_sides.prod()))
    size = np.abs(np.log(looks[:, 0] / wanted[0, 0]))
    aspect = np.abs(np.log(sides[:, 0] / sides[:, 1]) - np.log(own_sides[0] / own_sides[1]))
    unlike = 3.0 * colour + 2.0 * texture + light / 20 + 0.8 * size + aspect
    unlike += 3.0 * np.abs(fill - own_fill)
    inside = land.node_sums(own * land.sizes)[parts.nodes] / looks[:, 0]
    likely = 1 / (1 + np.exp(2 * (unlike - 2.5)))
    return np.where(inside > _OVERLAP, 0.0, likely)


def _gaps(looks: Floats, wanted: Floats) -> tuple[Floats, Floats, Floats]:
    """Hellinger distances of colour and texture words, and the distance of mean colours."""
    start = 2 + 2 * _CHANNELS
    shares = [np.sqrt(each[:, start:] / each[:, :1]) for each in (looks, wanted)]
    products = shares[0] * shares[1]
    colour = np.sqrt(np.maximum(0, 1 - products[:, :COLOUR_WORDS].sum(axis=1)))
    texture = np.sqrt(np.maximum(0, 1 - products[:, COLOUR_WORDS:].sum(axis=1)))
    means = [each[:, 2:5] / each[:, :1] for each in (looks, wanted)]
    return colour, texture, np.linalg.norm(means[0] - means[1], axis=1)


def _at_working_size(mask: NDArray[np.bool_], width: int, height: int) -> NDArray[np.bool_]:
    soft: Any = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    found = soft > 0.5
    return found if found.any() else soft >= soft.max()


def _box_of(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
