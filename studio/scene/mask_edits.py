"""What a user does to a mask: combine, grow, smooth, fill, move. Every edit gives a new mask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.errors import SceneError
from studio.scene.geometry import Bounds, Extent
from studio.scene.mask import Mask

Pixels = NDArray[np.bool_]
LARGEST_STEP = 512  # pixels a mask grows or shrinks at once


def combine(mask: Mask, other: Pixels, mode: str) -> Mask:
    """`mode`: add, subtract, intersect or replace."""
    if mode not in COMBINATIONS:
        raise SceneError(
            "A shape can be combined by {allowed}; not by {mode!r}.",
            allowed=", ".join(COMBINATIONS),
            mode=mode,
        )
    if other.shape != mask.pixels.shape:
        raise SceneError("Only masks of one size can be combined.")
    return Mask(COMBINATIONS[mode](mask.pixels, other))


def grow(mask: Mask, pixels: int) -> Mask:
    """Every pixel within `pixels` of the mask joins it; a negative number shrinks."""
    if not -LARGEST_STEP <= pixels <= LARGEST_STEP:
        raise SceneError(
            "A mask grows or shrinks by at most {most} pixels at once.", most=LARGEST_STEP
        )
    if pixels == 0:
        return mask
    grown = _distance(~mask.pixels) <= pixels if pixels > 0 else _distance(mask.pixels) > -pixels
    return Mask(grown)


def smooth(mask: Mask, pixels: int) -> Mask:
    """Round the border off: blur by `pixels`, then cut at one half."""
    if not 0 <= pixels <= LARGEST_STEP:
        raise SceneError("A border is smoothed over 0 to {most} pixels.", most=LARGEST_STEP)
    if pixels == 0:
        return mask
    soft = cv2.GaussianBlur(
        mask.pixels.astype(np.float32), (0, 0), pixels, borderType=cv2.BORDER_REPLICATE
    )
    return Mask(soft >= 0.5)


def invert(mask: Mask) -> Mask:
    return Mask(~mask.pixels)


def fill_holes(mask: Mask) -> Mask:
    """Background that does not reach the picture's edge joins the mask."""
    around = np.pad(~mask.pixels, 1, constant_values=True).astype(np.uint8)
    _, outside, _, _ = cv2.floodFill(around, None, (0, 0), 2)  # pyright: ignore
    return Mask(np.asarray(outside)[1:-1, 1:-1] != 2)


def largest_part(mask: Mask) -> Mask:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.pixels.astype(np.uint8))
    if count <= 2:
        return mask
    biggest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return Mask(np.asarray(labels) == biggest)


def place(mask: Mask, box: Bounds) -> Mask:
    """Move and scale so that the mask's bounds become `box`; what leaves the scene is cut."""
    old = mask.bounds
    if old is None:
        return mask
    if max(box.extent) > 4 * max(mask.extent):
        raise SceneError(
            "The box {box} is far larger than the scene ({extent}).",
            box=list(box),
            extent=mask.extent,
        )
    rows = _sources(box.top, box.bottom, old.top, old.bottom, mask.extent.height)
    columns = _sources(box.left, box.right, old.left, old.right, mask.extent.width)
    moved = np.zeros(mask.extent.shape, np.bool_)
    inside = mask.pixels[rows[1]][:, columns[1]]
    moved[rows[0][:, None], columns[0][None, :]] = inside
    return Mask(moved)


def moved(mask: Mask, dx: int, dy: int) -> Mask:
    box = mask.bounds
    if box is None:
        return mask
    return place(mask, Bounds(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy))


def turned(mask: Mask, degrees: float, *, mirrored: bool = False) -> Mask:
    """Mirrored left to right if asked, then turned clockwise, both about the middle of its box."""
    box = mask.bounds
    if box is None:
        return mask
    centre = (box.left + box.right - 1) / 2, (box.top + box.bottom - 1) / 2
    pixels = mask.pixels.astype(np.float32)
    if mirrored:
        pixels = cv2.warpAffine(
            pixels,
            np.array([[-1.0, 0.0, 2 * centre[0]], [0.0, 1.0, 0.0]]),
            tuple(mask.extent),
            flags=cv2.INTER_NEAREST,
        )
    if degrees % 360:
        matrix = cv2.getRotationMatrix2D(centre, -degrees, 1.0)
        pixels = cv2.warpAffine(pixels, matrix, tuple(mask.extent), flags=cv2.INTER_LINEAR)
    return Mask(np.asarray(pixels) >= 0.5)


def resized(mask: Mask, extent: Extent) -> Mask:
    """Nearest sampling; a mask too thin for it keeps every pixel it touches."""
    if mask.extent == extent:
        return mask
    values = mask.pixels.astype(np.uint8)
    small = cv2.resize(values, tuple(extent), interpolation=cv2.INTER_NEAREST_EXACT) > 0
    if not small.any():
        rows, columns = np.nonzero(mask.pixels)
        height, width = mask.pixels.shape
        small[rows * extent.height // height, columns * extent.width // width] = True
    return Mask(small)


def _distance(pixels: Pixels) -> NDArray[np.float32]:
    """Of each set pixel to the nearest unset one; the picture's edge is no border."""
    if pixels.all():
        return np.full(pixels.shape, 1e9, np.float32)
    return cast(
        "NDArray[np.float32]", cv2.distanceTransform(pixels.astype(np.uint8), cv2.DIST_L2, 5)
    )


def _sources(
    start: int, stop: int, old_start: int, old_stop: int, size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The positions start..stop that lie in 0..size, and the old position each is taken from."""
    targets = np.arange(max(start, 0), min(stop, size))
    scale = (old_stop - old_start) / (stop - start)
    sources = np.floor(old_start + (targets + 0.5 - start) * scale).astype(np.int64)
    return targets, sources


def _replace(_: Pixels, other: Pixels) -> Pixels:
    return other


COMBINATIONS: dict[str, Callable[[Pixels, Pixels], Any]] = {
    "add": np.logical_or,
    "subtract": lambda mask, other: mask & ~other,
    "intersect": np.logical_and,
    "replace": _replace,
}
