"""Which material a patch of a photo shows, by a linear judge that was fitted on painted ones."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.scene.region_look import Features

MOST_APART = 14.0  # of Lab's 255 levels
_FITTED = Path(__file__).with_name("materials.npz")  # python -m scripts.materials


class KnownMaterials(NamedTuple):
    """A judge's numbers as they are kept in a file: what each material is called and looks like."""

    names: tuple[str, ...]
    takes_colour: tuple[bool, ...]
    weights: NDArray[np.float32]  # (materials, features)
    offsets: NDArray[np.float32]
    tints: NDArray[np.float32]  # (materials, 2): Lab's a and b as they are painted, 0..255

    def best(self, features: Features, words: Collection[str] | None) -> int | None:
        """The likeliest one that can be said in these words; None: in any.

        One that has its own colour, as the sea has, has to show it.
        """
        scores = self.weights @ features + self.offsets
        apart = np.linalg.norm(self.tints - 20 * np.asarray(features[1:3]), axis=1)
        sayable = [
            place
            for place, name in enumerate(self.names)
            if (self.takes_colour[place] or apart[place] <= MOST_APART)
            and (words is None or all(word in words for word in name.split()))
        ]
        return max(sayable, key=lambda place: scores[place], default=None)


@cache
def known_materials() -> KnownMaterials:
    with np.load(_FITTED, allow_pickle=False) as file:
        names = tuple(str(name) for name in file["names"])
        takes_colour = tuple(bool(each) for each in file["takes_colour"])
        parts = file["weights"], file["offsets"], file["tints"]
        return KnownMaterials(names, takes_colour, *parts)
