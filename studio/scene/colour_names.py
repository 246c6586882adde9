"""The colours a caption can name: their paint, and which is nearest to a measured colour."""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[Any]  # (3,) or (..., 3), 0..1

COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (0.80, 0.11, 0.11),
    "orange": (0.95, 0.50, 0.07),
    "yellow": (0.96, 0.84, 0.14),
    "green": (0.17, 0.58, 0.20),
    "blue": (0.13, 0.31, 0.80),
    "purple": (0.49, 0.17, 0.64),
    "pink": (0.96, 0.54, 0.71),
    "brown": (0.44, 0.26, 0.13),
    "black": (0.08, 0.08, 0.09),
    "white": (0.94, 0.94, 0.93),
    "grey": (0.52, 0.52, 0.53),
    "turquoise": (0.13, 0.71, 0.69),
    "beige": (0.87, 0.78, 0.60),
    "olive": (0.47, 0.47, 0.14),
}
BASIC = tuple(COLOURS)[:11]
SHADES = ("light", "dark", "bright", "pale")
WITHOUT_SHADES = frozenset(("black", "white"))


def shaded(rgb: Rgb, shade: str | None) -> Rgb:
    grey = rgb.mean()
    if shade == "light":
        return rgb + (1 - rgb) * 0.42
    if shade == "dark":
        return rgb * 0.52
    if shade == "bright":
        return np.minimum(np.maximum(grey + (rgb - grey) * 1.35 + 0.07, 0), 1)
    if shade == "pale":
        return (grey + (rgb - grey) * 0.5) * 0.45 + 0.52
    return rgb


def nearest_basic(rgb: Rgb) -> str:
    """The nearest of the 11 basic colours, by distance in Lab."""
    distances = np.linalg.norm(_lab(np.asarray(rgb, np.float32)[None]) - _BASIC_LAB, axis=1)
    return BASIC[int(distances.argmin())]


def to_lab(rgb: Rgb) -> Rgb:
    """Lab (0..100, about -128..127) of colours (n, 3), 0..1."""
    return _lab(np.asarray(rgb, np.float32))


def _lab(rgb: Rgb) -> Rgb:
    return cv2.cvtColor(np.ascontiguousarray(rgb[None]), cv2.COLOR_RGB2LAB)[0]


def colour_words(rgb: Rgb) -> str:
    """The nearest colour with its shade, as a caption names it: "dark blue"."""
    words, lab = _named_shades()
    distances = np.linalg.norm(_lab(np.asarray(rgb, np.float32)[None]) - lab, axis=1)
    return words[int(distances.argmin())]


@cache
def _named_shades() -> tuple[tuple[str, ...], Rgb]:
    named = [
        (f"{shade} {name}" if shade else name, shaded(np.array(rgb, np.float32), shade))
        for name, rgb in COLOURS.items()
        for shade in (None, *(() if name in WITHOUT_SHADES else SHADES))
    ]
    return tuple(words for words, _ in named), to_lab(np.stack([rgb for _, rgb in named]))


_BASIC_LAB = _lab(np.array([COLOURS[name] for name in BASIC], np.float32))
