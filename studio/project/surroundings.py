"""What surrounds a region of a photo: words for it, and how well a filling agrees with it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.project.known_materials import known_materials
from studio.scene.colour_names import colour_words
from studio.scene.mask import Mask
from studio.scene.region_look import core_colour, features_of

Pixels = NDArray[np.uint8]  # (height, width, 3)
_JUDGED_SIDE = 256  # pixels: as large as the patches that the judge was fitted on
_RIM_SHARE, _SMALLEST_RIM = 0.12, 4  # of the region's size: how far its neighbourhood reaches


def caption_of(picture: Pixels, mask: NDArray[np.bool_], words: Collection[str] | None) -> str:
    """Colour and material of a region, as far as these words go: "dark brown wood"."""
    part, inside = _near(picture, mask, 0.25)
    scale = _JUDGED_SIDE / max(inside.shape)
    if scale < 1:
        size = (max(2, round(inside.shape[1] * scale)), max(2, round(inside.shape[0] * scale)))
        part = cast("Pixels", cv2.resize(part, size, interpolation=cv2.INTER_AREA))
        small = cv2.resize(inside.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
        inside = small if small.any() else np.ones(part.shape[:2], np.bool_)
    colour = colour_words(core_colour(part, inside))
    if words is not None and not all(word in words for word in colour.split()):
        colour = ""
    materials = known_materials()
    place = materials.best(features_of(part, inside), words)
    if place is None:
        return colour
    name = materials.names[place]
    return f"{colour} {name}".strip() if materials.takes_colour[place] else name


def unlikeness(picture: Pixels, mask: NDArray[np.bool_]) -> float:
    """How far a region looks from what is just around it; 0: the same colours and textures.

    The colours on both sides of its border are compared where they meet, in Lab; the textures as a
    whole, as the log of the contrast at four sizes.
    """
    part, inside = _near(picture, mask, 1.0)
    reach = max(_SMALLEST_RIM, round(_RIM_SHARE * float(np.sqrt(np.count_nonzero(inside)))))
    around = _grown(inside, reach) & ~_grown(inside, 1)
    if not around.any():
        return 0.0
    lab = cv2.cvtColor(part.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    border = _grown(inside, reach // 2) & inside & _grown(~inside, reach // 2)
    within, without = (_mean_near(lab, each, reach) for each in (border, around))
    colours = float(np.linalg.norm(within - without, axis=2)[border].mean())
    return colours / 4 + _texture_distance(lab[:, :, 0], inside, around)


def _texture_distance(light: NDArray[Any], inside: Any, around: Any) -> float:
    total, previous = 0.0, light
    for size in (1.0, 2.0, 4.0, 8.0):
        smooth = cv2.GaussianBlur(light, (0, 0), size)
        band = previous - smooth
        contrasts = [float(np.log(band[each].std() + 0.3)) for each in (inside, around)]
        total += abs(contrasts[0] - contrasts[1])
        previous = smooth
    return total


def _mean_near(values: NDArray[Any], mask: NDArray[np.bool_], reach: int) -> NDArray[Any]:
    """The mean of the masked values around each pixel."""
    weight = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), reach)
    total = cv2.GaussianBlur(values * mask[:, :, None], (0, 0), reach)
    return total / np.maximum(weight, 1e-6)[:, :, None]


def _near(
    picture: Pixels, mask: NDArray[np.bool_], margin: float
) -> tuple[Pixels, NDArray[np.bool_]]:
    """The part of the picture around the mask."""
    box = Mask(mask).bounds
    assert box is not None
    by = max(8, round(margin * max(box.extent)))
    rows = slice(max(0, box.top - by), box.bottom + by)
    columns = slice(max(0, box.left - by), box.right + by)
    return picture[rows, columns], mask[rows, columns]


def _grown(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    if by < 1:
        return mask
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return cv2.dilate(mask.astype(np.uint8), disc) > 0
