"""A region's shape: which pixels of the scene it covers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.errors import SceneError
from studio.scene.geometry import Bounds, Extent


@dataclass(frozen=True, eq=False)
class Mask:
    """A read-only bool array (height, width). Two masks with the same digest are the same mask."""

    pixels: NDArray[np.bool_]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        pixels = np.asarray(self.pixels)
        if pixels.ndim != 2:
            raise SceneError(
                "A mask has two dimensions (height, width), not {shape}.", shape=pixels.shape
            )
        if pixels.dtype != np.bool_:
            raise SceneError(
                "A mask is a bool array, not {dtype}; threshold it first.", dtype=pixels.dtype
            )
        own = np.array(pixels, dtype=np.bool_, order="C")
        own.setflags(write=False)
        object.__setattr__(self, "pixels", own)
        object.__setattr__(self, "digest", _digest(own))

    @property
    def extent(self) -> Extent:
        height, width = self.pixels.shape
        return Extent(width, height)

    @cached_property
    def area(self) -> int:
        """Number of covered pixels."""
        return int(np.count_nonzero(self.pixels))

    @cached_property
    def bounds(self) -> Bounds | None:
        """The smallest box around the covered pixels, None for an empty mask."""
        columns = np.flatnonzero(self.pixels.any(axis=0))
        rows = np.flatnonzero(self.pixels.any(axis=1))
        if not len(rows):
            return None
        return Bounds(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)

    @cached_property
    def inner_width(self) -> float:
        """The width in pixels of the widest disc that fits inside the mask."""
        box = self.bounds
        if box is None:
            return 0.0
        inside = np.pad(self.pixels[box.top : box.bottom, box.left : box.right], 1)
        return 2.0 * float(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5).max()) - 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mask) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def _digest(pixels: NDArray[np.bool_]) -> str:
    content = hashlib.blake2b(str(pixels.shape).encode(), digest_size=16)
    content.update(np.packbits(pixels).tobytes())
    return content.hexdigest()
