"""The grid of patches that become tokens: positions, and how a mask in pixels reaches it."""

# numpy and torch leave some of their types open
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.scene.errors import RequestError
from studio.scene.geometry import Extent


@dataclass(frozen=True)
class PatchGrid:
    """`rows` x `columns` tokens, each covering `pixels` x `pixels` of the picture."""

    rows: int
    columns: int
    pixels: int

    @classmethod
    def over(cls, extent: Extent, pixels: int) -> PatchGrid:
        if not extent.is_multiple_of(pixels):
            raise RequestError(
                "The size {extent} does not divide into patches of {pixels} pixels; width and "
                "height must be multiples of {pixels}.",
                extent=extent,
                pixels=pixels,
            )
        return cls(extent.height // pixels, extent.width // pixels, pixels)

    @property
    def count(self) -> int:
        return self.rows * self.columns

    def positions(self, scale: int = 1) -> NDArray[np.float32]:
        """(tokens, 3): 0, row, column; a reduced grid's rows and columns times its scale."""
        ids = np.zeros((self.rows, self.columns, 3), np.float32)
        ids[..., 1] = np.arange(self.rows)[:, None] * scale
        ids[..., 2] = np.arange(self.columns)[None, :] * scale
        return ids.reshape(-1, 3)

    def sample(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(tokens,): the mask at each patch's centre (nearest-exact sampling)."""
        centre = self.pixels // 2
        return mask[centre :: self.pixels, centre :: self.pixels].reshape(-1)

    def covered(self, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """(tokens,): how many of each patch's pixels the mask covers."""
        bands = mask.reshape(self.rows, self.pixels, -1).sum(axis=1, dtype=np.int32)
        patches = bands.reshape(self.rows, self.columns, self.pixels)
        return patches.sum(axis=2, dtype=np.int64).reshape(-1)

    def shares(self, mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        """(tokens,): the share of each patch's pixels that the mask covers."""
        return (self.covered(mask) / self.pixels**2).astype(np.float32)

    def any_set(self, picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """(tokens,): whether any value of each patch of a picture (height, width) is above 0."""
        patches = picture.reshape(self.rows, self.pixels, self.columns, self.pixels)
        return patches.any(axis=(1, 3)).reshape(-1)
