"""The eight ways a camera lays down a picture, as EXIF numbers them, applied to pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from studio.scene.photo import Pixels


def turned(pixels: Pixels, orientation: int) -> Pixels:
    """Stored pixels (height, width, ...) as they are to be seen: a view, or the very pixels."""
    turn = _TURNS.get(orientation)
    return pixels if turn is None else turn(pixels)


def turned_back(pixels: Pixels, orientation: int) -> Pixels:
    """Upright pixels as a file of this orientation stores them."""
    return turned(pixels, {6: 8, 8: 6}.get(orientation, orientation))


def _mirrored(pixels: Pixels) -> Pixels:
    """Rows become columns."""
    return np.swapaxes(pixels, 0, 1)


_TURNS: dict[int, Callable[[Pixels], Pixels]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: _mirrored(pixels),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: _mirrored(pixels[::-1, ::-1]),
    8: lambda pixels: np.rot90(pixels),
}
