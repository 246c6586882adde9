"""How a colour that a caption names becomes paint."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.scene.colour_names import COLOURS, SHADES, WITHOUT_SHADES, shaded

Rgb = NDArray[Any]  # (3,) or (..., 3), 0..1


class Colour(NamedTuple):
    """A colour as a caption names it, with the paint it stands for."""

    words: str
    name: str
    shade: str | None
    rgb: Rgb


def named_colour(name: str, shade: str | None = None) -> Colour:
    rgb = shaded(np.array(COLOURS[name], np.float32), shade)
    return Colour(f"{shade} {name}" if shade else name, name, shade, rgb)


def random_colour(rng: np.random.Generator, shades: float = 0.3) -> Colour:
    """A named colour, shaded now and then, with a little jitter in its paint."""
    name = str(rng.choice(list(COLOURS)))
    shade = None
    if name not in WITHOUT_SHADES and rng.random() < shades:
        shade = str(rng.choice(SHADES))
    colour = named_colour(name, shade)
    return colour._replace(rgb=jittered(rng, colour.rgb))


def jittered(rng: np.random.Generator, rgb: Rgb, amount: float = 0.03) -> Rgb:
    return np.clip(rgb + rng.normal(0, amount, 3).astype(np.float32), 0.02, 0.98)
