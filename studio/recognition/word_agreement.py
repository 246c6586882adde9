"""Agreement without weights: the colours and materials that captions name, measured in regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.project.known_materials import known_materials
from studio.recognition.agreement import Agreements, Masks
from studio.recognition.finder import Pixels
from studio.recognition.measured_looks import colour_odds, material_odds, rows_of
from studio.recognition.said_words import Said, read
from studio.scene.mask import Mask
from studio.scene.region_look import core_of, features_of

_JUDGED_SIDE = 256  # pixels: as large as the patches that the judge of materials was fitted on
_LEAST = -0.5  # of one attribute: below that one is as unlikely as another


class WordAgreement:
    """How much likelier a region's pixels make the named colours and materials than chance would.

    A row holds logarithms: 0 is chance, 1 is e times as likely. What a caption does not name, such
    as a shape, does not count.
    """

    name = "measured"
    digest = "words-1"
    needs_device = False
    margin = 2.0  # marks 5 clean regions in 100 (benchmarks/leaks.py)

    def compare(self, image: Pixels, masks: Masks, captions: Sequence[str]) -> Agreements:
        said = [read(caption) for caption in captions]
        found = np.full((len(masks), len(captions)), np.nan, np.float32)
        for row, mask in enumerate(masks):
            if mask.any():
                look = _look(image, mask)
                found[row] = [_agreement(look, each) for each in said]
        return found


class _Look(NamedTuple):
    colours: NDArray[np.float32]  # (names,): the mean likelihood of a core pixel, adding up to 1
    materials: NDArray[np.float32]  # (materials,), adding up to 1


def _look(image: Pixels, mask: NDArray[np.bool_]) -> _Look:
    part, inside = _judged(image, mask)
    core = part[core_of(inside, 0.25)]
    return _Look(colour_odds(core).mean(axis=0), material_odds(features_of(part, inside)))


def _agreement(look: _Look, said: Said) -> float:
    if said.is_empty:
        return float("nan")
    total = 0.0
    if said.colours:
        rows = sorted({row for shade, colour in said.colours for row in rows_of(shade, colour)})
        total += _above_chance(look.colours, rows)
    if said.materials:
        names = known_materials().names
        rows = [place for place, name in enumerate(names) if name in said.materials]
        total += _above_chance(look.materials, rows)
    return total


def _above_chance(odds: NDArray[np.float32], rows: list[int]) -> float:
    """How much likelier these names together are than if all were alike."""
    likely = float(odds[rows].sum()) * len(odds) / len(rows)
    return max(float(np.log(likely + 1e-9)), _LEAST)


def _judged(image: Pixels, mask: NDArray[np.bool_]) -> tuple[Pixels, NDArray[np.bool_]]:
    """The part of the picture around the mask, no larger than materials are judged at."""
    box = Mask(mask).bounds
    assert box is not None
    by = max(8, round(0.25 * max(box.extent)))
    rows = slice(max(0, box.top - by), box.bottom + by)
    columns = slice(max(0, box.left - by), box.right + by)
    part, inside = image[rows, columns], mask[rows, columns]
    scale = _JUDGED_SIDE / max(inside.shape)
    if scale >= 1:
        return part, inside
    size = (max(2, round(inside.shape[1] * scale)), max(2, round(inside.shape[0] * scale)))
    small: Any = cv2.resize(inside.astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    shown = cast("Pixels", cv2.resize(part, size, interpolation=cv2.INTER_AREA))
    return shown, small > 0 if small.any() else np.ones(shown.shape[:2], np.bool_)
