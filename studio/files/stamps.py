"""Outlines of things to stamp onto a canvas, for those who cannot draw."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.files.polygons import polygon_pixels
from studio.scene.errors import SceneError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask

_FILE = Path(__file__).with_name("stamps.json")  # python -m scripts.stamps


@dataclass(frozen=True)
class Stamp:
    """An outline with the caption that goes with it.

    names, chinese: other words that it is found by; size: (width, height) of the outline's own
    box; loops: x, y, x, y ... in that box, filled by the even-odd rule.
    """

    caption: str
    names: tuple[str, ...]
    chinese: tuple[str, ...]
    size: tuple[int, int]
    loops: tuple[tuple[int, ...], ...]

    def mask(
        self,
        extent: Extent,
        centre: tuple[float, float],
        width: float,
        *,
        degrees: float = 0.0,
        mirrored: bool = False,
    ) -> Mask:
        """Its pixels in a scene: `width` pixels wide, turned clockwise about its centre.

        SceneError if nothing of it lies in the scene.
        """
        scale = width / self.size[0]
        cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        rotation: NDArray[np.float64] = np.array([[cosine, sine], [-sine, cosine]])
        pixels = np.zeros(extent.shape, np.bool_)
        for loop in self.loops:
            corners = self._centred(loop, mirrored) * scale
            pixels ^= polygon_pixels(corners @ rotation + np.array(centre), extent)
        if not pixels.any():
            raise SceneError("Nothing of the stamp would lie in the picture; put it further in.")
        return Mask(pixels)

    def _centred(self, loop: tuple[int, ...], mirrored: bool) -> NDArray[np.float64]:
        corners = list(zip(loop[::2], loop[1::2], strict=True))
        points = np.array(corners, np.float64) - np.array(self.size, np.float64) / 2
        return points * np.array((-1.0, 1.0)) if mirrored else points


@cache
def known_stamps() -> dict[str, Stamp]:
    """All of them by caption, in the order of the palette."""
    listed = json.loads(_FILE.read_text(encoding="utf-8"))["stamps"]
    stamps = (
        Stamp(
            caption=each["caption"],
            names=tuple(each["names"]),
            chinese=tuple(each["chinese"]),
            size=(each["size"][0], each["size"][1]),
            loops=tuple(map(tuple, each["loops"])),
        )
        for each in listed
    )
    return {stamp.caption: stamp for stamp in stamps}


def stamp_named(name: str) -> Stamp:
    """By its caption or any of its other words; SceneError, with some that there are, for none."""
    wanted = " ".join(name.lower().split())
    stamps = known_stamps()
    if wanted in stamps:
        return stamps[wanted]
    for stamp in stamps.values():
        if wanted in stamp.names or wanted in stamp.chinese:
            return stamp
    raise SceneError(
        "There is no stamp {name!r:.60}. There are {count}, such as {some}.",
        name=name,
        count=len(stamps),
        some=", ".join(list(stamps)[:3]),
    )
