"""Select similar without weights: how parts of the picture look, weighed by a small learnt net."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.recognition.finder import (
    Asked,
    Finding,
    Pixels,
    Recall,
    anew,
    check_region,
)
from studio.recognition.looks import looks_of_parts, looks_of_region, unlikeness
from studio.recognition.parts import Parts, likeliest_apart, parts_of
from studio.segmentation.click.click_segmenter import ClickSegmenter
from studio.segmentation.click.small_net import SmallNet, learnt_net
from studio.segmentation.segmenter import check_cancel

Floats = NDArray[Any]
_LEARNT = Path(__file__).with_name("learnt_likeness.npz")  # python -m benchmarks.learn_similar
_LIKELY = 0.5  # the IoU with another of the kind that a part has to promise
_OVERLAP = 0.2  # with the region itself, above which a part is no other one


@dataclass(frozen=True, eq=False)
class LooksFinder:
    """Compares how parts look; it does not know what they are."""

    segmenter: ClickSegmenter = field(default_factory=ClickSegmenter)
    likeness: SmallNet = field(default_factory=lambda: learnt_likeness())
    name: str = "measured"

    @property
    def digest(self) -> str:
        return f"looks:{self.likeness.digest}{self.segmenter.digest}"

    @property
    def needs_device(self) -> bool:
        return False

    def find_similar(
        self, image: Pixels, mask: NDArray[np.bool_], cancel: Asked = None, recall: Recall = anew
    ) -> list[Finding]:
        check_region(image, mask)
        parts = parts_of(self.segmenter, image, recall)
        check_cancel(cancel)
        looks = recall("looks", lambda: looks_of_parts(parts))
        own = pieces_of_region(parts, mask)
        logits = self.likeness(unlikeness(looks, looks_of_region(parts, own)))
        likely = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -50, 50)))
        likely[parts.mean_of_pieces(own.astype(np.float64)) > _OVERLAP] = 0
        found = [
            Finding(parts.mask(parts.pieces(part)), float(likely[part]), "")
            for part in likeliest_apart(parts, likely, _LIKELY)
        ]
        return [each for each in found if each.mask.any()]


@cache
def learnt_likeness() -> SmallNet:
    return learnt_net("likeness", _LEARNT)


def pieces_of_region(parts: Parts, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pieces that lie in a mask of the picture for the most part; at least one."""
    height, width = parts.land.labels.shape
    soft: Any = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    inside = soft > 0.5
    share = parts.land.share_of_pieces(inside if inside.any() else soft >= soft.max())
    own = share > 0.5
    if not own.any():
        own[share.argmax()] = True
    return own
