"""How well a picture agrees with its captions: the colours they name, where they name one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from studio.scene.colour_names import COLOURS, SHADES, colour_words, nearest_basic
from studio.scene.region_look import core_colour

Pixels = NDArray[np.uint8]
_LIKE_GREY = "gray"
_HOPELESS_GROWTH = 0.1  # of the subject's area: such a picture scores nothing for it
_NEAR_BASIC = {"turquoise": ("blue", "green"), "beige": ("brown", "white"), "olive": ("green",)}


def named_colour_in(caption: str) -> str | None:
    """The one colour that a caption names; None for none, or for several."""
    words = re.findall(r"[a-z]+", caption.lower().replace(_LIKE_GREY, "grey"))
    named = {word for word in words if word in COLOURS}
    return named.pop() if len(named) == 1 else None


def shows_colour(picture: Pixels, mask: NDArray[np.bool_], name: str) -> bool:
    """Whether a region's core is nearest to the colour, in any of its shades."""
    colour = core_colour(picture, mask)
    basic, words = nearest_basic(colour), colour_words(colour).split()
    if name == basic or name in words:
        return True
    return name in _NEAR_BASIC and basic in _NEAR_BASIC[name] and words[0] in SHADES


def colour_agreement(
    picture: Pixels, regions: Iterable[tuple[str, NDArray[np.bool_]]]
) -> float | None:
    """Of the regions (caption, mask) that name a colour, the share that shows it; None: none do."""
    found: list[bool] = []
    for caption, mask in regions:
        name = named_colour_in(caption)
        if name is not None and mask.any():
            found.append(shows_colour(picture, mask, name))
    return sum(found) / len(found) if found else None


def total_score(scores: Mapping[str, float]) -> float:
    """0..1 from what could be measured: fidelity, colours, and how little a kept subject grew."""
    parts = [scores[name] for name in ("fidelity", "colours") if name in scores]
    if "growth" in scores:
        parts.append(max(0.0, 1.0 - scores["growth"] / _HOPELESS_GROWTH))
    return sum(parts) / len(parts) if parts else 0.0
