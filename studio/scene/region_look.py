"""How a region of a picture looks: its core, its colour, and numbers that tell its material."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.colour_names import nearest_basic

Pixels = NDArray[np.uint8]  # (height, width, 3)
Features = NDArray[np.float64]
_SMALLEST_CORE = 20


def core_of(mask: NDArray[np.bool_], share: float = 0.35) -> NDArray[np.bool_]:
    """The inner part of a region: pixels deeper than `share` of its largest depth."""
    depth = _depth(mask)
    core = depth >= max(1.0, float(depth.max()) * share)
    return core if core.sum() >= _SMALLEST_CORE else mask


def core_colour(picture: Pixels, mask: NDArray[np.bool_]) -> NDArray[Any]:
    """The median colour of the region's core, 0..1."""
    return np.median(picture[core_of(mask)], axis=0).astype(np.float32) / 255


def has_colour(picture: Pixels, mask: NDArray[np.bool_], name: str) -> bool:
    """Whether the core is nearest to the named one of the 11 basic colours, in Lab."""
    return nearest_basic(core_colour(picture, mask)) == name


def features_of(picture: NDArray[np.uint8], mask: NDArray[np.bool_]) -> Features:
    """Colour statistics, contrast at several sizes, and directions of the edges, in the core."""
    core = core_of(mask, 0.25)
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    parts = [lab[core].mean(axis=0) / 20, np.log1p(lab[core].std(axis=0))]
    light = lab[:, :, 0]
    previous = light
    for size in (1.0, 2.0, 4.0, 8.0):
        smooth = cv2.GaussianBlur(light, (0, 0), size)
        band = (previous - smooth)[core]
        parts.append(np.array([np.log1p(band.std()), _skew(band)]))
        parts.append(_directions(smooth, core))
        previous = smooth
    return np.concatenate(parts).astype(np.float64)


def _skew(values: NDArray[Any]) -> float:
    spread = float(values.std()) + 1e-3
    skew = float(np.mean(((values - float(values.mean())) / spread) ** 3))
    return min(max(skew, -3.0), 3.0)


def _directions(light: NDArray[Any], core: NDArray[np.bool_]) -> Features:
    """Share of the gradient's strength in four directions, and the log of all of it."""
    dx = cv2.Sobel(light, cv2.CV_32F, 1, 0)[core]
    dy = cv2.Sobel(light, cv2.CV_32F, 0, 1)[core]
    strength = np.hypot(dx, dy)
    sector = (np.floor((np.arctan2(dy, dx) / np.pi + 0.125) * 4).astype(int)) % 4
    shares = np.bincount(sector, strength, 4) / (strength.sum() + 1e-3)
    return np.concatenate([shares, [np.log1p(strength.mean())]])


def _depth(mask: NDArray[np.bool_]) -> NDArray[Any]:
    framed = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
