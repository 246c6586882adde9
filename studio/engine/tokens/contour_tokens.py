"""The sparse shape condition: the contour map at its scale, and the tokens that carry it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.contour import contour_map
from studio.scene.errors import RequestError
from studio.scene.geometry import Extent


class ContourTokens(NamedTuple):
    """The scaled contour map and the tokens of it that take part."""

    picture: NDArray[np.uint8]  # (height, width, 3) at the contour's own scale
    kept: NDArray[np.int64]  # indices into the contour grid
    positions: NDArray[np.float32]  # (kept, 3), shared with the image's positions
    grid: PatchGrid


def contour_tokens(
    masks: Iterable[NDArray[np.bool_]],
    extent: Extent,
    token_pixels: int,
    scale: int,
    keep_all: bool,
) -> ContourTokens:
    """Keep only contour tokens that carry an outline, unless `keep_all`."""
    check_divides(extent, token_pixels, scale)
    picture = scaled(contour_map(masks, extent), scale)
    grid = PatchGrid.over(Extent(extent.width // scale, extent.height // scale), token_pixels)
    kept = np.arange(grid.count)
    if not keep_all:
        kept = np.flatnonzero(grid.any_set(picture[:, :, 0]))
    return ContourTokens(picture, kept, grid.positions(scale)[kept], grid)


def check_divides(extent: Extent, token_pixels: int, scale: int) -> None:
    step = token_pixels * scale
    if not extent.is_multiple_of(step):
        raise RequestError(
            "The size {extent} does not divide by {step} (patches of {token_pixels} pixels, "
            "contour at 1/{scale}); width and height must be multiples of {step}.",
            extent=extent,
            step=step,
            token_pixels=token_pixels,
            scale=scale,
        )


def scaled(picture: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    if scale == 1:
        return picture
    height, width = picture.shape[:2]
    size = (width // scale, height // scale)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR))


def contour_bias(
    tokens: ContourTokens,
    masks: Iterable[NDArray[np.bool_]],
    gammas: Sequence[float | None],
    gamma: float,
    scale: int,
) -> NDArray[np.float32] | float:
    """log gamma of each kept token: that of the region it draws, the largest on a shared border.

    A token that draws no region's outline by itself has the scene's gamma.
    """
    if all(own is None or own == gamma for own in gammas):
        return math.log(gamma)
    strongest = np.zeros(tokens.grid.count, np.float64)
    for mask, own in zip(masks, gammas, strict=True):
        height, width = mask.shape
        outline = scaled(contour_map([mask], Extent(width, height)), scale)
        drawn = tokens.grid.any_set(outline[:, :, 0])
        strongest[drawn] = np.maximum(strongest[drawn], gamma if own is None else own)
    strongest[strongest == 0] = gamma
    return np.log(strongest[tokens.kept]).astype(np.float32)
