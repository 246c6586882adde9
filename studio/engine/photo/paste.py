"""From a decoded crop to layers over the photo, at the photo's own depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.engine.photo.border import FIRM, Border, grown, place_in
from studio.engine.photo.changes import Change
from studio.engine.photo.plan import Crop
from studio.scene.geometry import Bounds
from studio.scene.photo import Photo, Pixels, colours_of
from studio.scene.photo_layer import PhotoLayer

BAND = 0.03  # of a clicked region's size: how far its edge may move inward to the photo's own edge
NARROWEST, WIDEST = 2, 16  # pixels of such a band
_EDGE = 100.0  # squared levels: fainter edges of the photo do not draw a mask in
_GREY = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(eq=False)
class Canvas:
    """What one change has become so far: the photo's pixels in its box, painted over."""

    change: Change
    pixels: Pixels  # (h, w, 1 or 3)
    alpha: NDArray[np.float32]
    border: Border | None = None  # of a feather that fits what was made; None: it is given

    @staticmethod
    def over(photo: Photo, change: Change, alpha: NDArray[np.float32]) -> Canvas:
        colours = colours_of(photo.crop(change.box).pixels)
        border = Border.of(change, photo) if change.feather is None else None
        return Canvas(change, np.array(colours), alpha, border)

    def paint(self, crop: Crop, shown: Pixels, weight: NDArray[np.float32] | None) -> None:
        """Lay a crop's pixels over what is there; weight (h, w): how far, None: wholly."""
        box = self.change.box
        left, top, right, bottom = box.overlap(crop.box)
        if left >= right or top >= bottom:
            return
        own = self.pixels[top - box.top : bottom - box.top, left - box.left : right - box.left]
        rows = slice(top - crop.box.top, bottom - crop.box.top)
        columns = slice(left - crop.box.left, right - crop.box.left)
        if weight is None:
            own[:] = shown[rows, columns]
            return
        share = weight[rows, columns, None]
        mixed = own + (shown[rows, columns].astype(np.float32) - own) * share
        own[:] = np.rint(mixed).astype(own.dtype)

    def layer(self, light: NDArray[np.float32] | None = None) -> PhotoLayer:
        """light: (h, w) of the photo, how much of it is left; None: all."""
        alpha, pixels = self.alpha, self.pixels
        if self.border is not None:
            alpha = np.minimum(alpha, self.border.feather(Photo(self.pixels, "").colours8()))
        if light is not None:
            left, top, right, bottom = self.change.box
            shaded = pixels * light[top:bottom, left:right, None]
            pixels = np.rint(shaded).astype(pixels.dtype)
        return PhotoLayer(self.change.box, pixels, alpha, self.change.identity)


def alpha_of(change: Change, photo: Photo) -> NDArray[np.float32]:
    """(h, w) in the change's box: its feather, and for what was clicked the photo's own edges."""
    alpha = change.slope(change.width)
    if change.feather is None and change.width > FIRM:
        alpha += (change.slope(FIRM) - alpha) * Border.of(change, photo).difference()
    if change.region is None or not change.region.clicks or change.feather is not None:
        return alpha
    size = float(np.count_nonzero(change.mask)) ** 0.5
    band = round(min(max(BAND * size, NARROWEST), WIDEST))
    around = grown(change, band)
    mask = np.zeros(around.extent.shape, np.bool_)
    inner = place_in(change.box, around)
    mask[inner] = change.mask
    return np.minimum(alpha, refine_mask(photo.crop(around).colours8(), mask, band)[inner])


def refine_mask(photo8: NDArray[np.uint8], mask: NDArray[np.bool_], band: int) -> NDArray[Any]:
    """(h, w) float32: the mask drawn in to the photo's own edges, at most `band` pixels inward.

    Each pixel of the band is taken for a mixture of the colours further inside and those outside,
    as far as these differ: hair and fur become half transparent. Outside the mask it is 0.
    """
    if band < 1 or mask.all() or not mask.any():
        return mask.astype(np.float32)
    depth: Any = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    inner = depth > band
    if not inner.any():
        return mask.astype(np.float32)
    photo = photo8.astype(np.float32)
    within, spread_within = _around(photo, inner, 3 * band)
    beyond, spread_beyond = _around(photo, ~mask, 3 * band)
    across = within - beyond
    apart = (across * across).sum(axis=2)
    share = ((photo - beyond) * across).sum(axis=2) / np.maximum(apart, 1)
    certain = apart / (apart + 2 * (spread_within + spread_beyond) + _EDGE)
    alpha = 1 - certain * (1 - np.clip(share, 0, 1))
    alpha = np.where(inner, 1, cv2.blur(alpha, (3, 3)))
    return (alpha * mask).astype(np.float32)


def at_depth(decoded: NDArray[np.float32], photo: Photo) -> Pixels:
    """(h, w, 3) levels from 0 to 255 as the photo has them: its number type, grey or colour."""
    colours = decoded if photo.colour_channels == 3 else (decoded @ _GREY)[..., None]
    colours = np.clip(colours, 0, 255)
    if photo.depth == 16:
        return np.rint(colours * 257).astype(np.uint16)
    return np.rint(colours).astype(np.uint8)


def tile_weight(crop: Crop, box: Bounds, overlap: float) -> NDArray[np.float32]:
    """(h, w) of a tile: 1 within, falling to 0 over the overlap where another tile goes on."""
    width, height = crop.box.extent
    return np.minimum.outer(
        _ramp(height, overlap, crop.box.top > box.top, crop.box.bottom < box.bottom),
        _ramp(width, overlap, crop.box.left > box.left, crop.box.right < box.right),
    )


def _ramp(length: int, overlap: float, at_start: bool, at_end: bool) -> NDArray[np.float32]:
    wide = max(1.0, overlap * length)
    place = np.arange(length, dtype=np.float32) + 0.5
    ramp = np.ones(length, np.float32)
    if at_start:
        ramp = np.minimum(ramp, place / wide)
    if at_end:
        ramp = np.minimum(ramp, (length - place) / wide)
    return ramp.astype(np.float32)


def _around(
    photo: NDArray[np.float32], where: NDArray[np.bool_], radius: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean colour (h, w, 3) and its spread (h, w) of the pixels that are `where`, nearby."""
    side = (2 * radius + 1, 2 * radius + 1)

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(values, side, borderType=cv2.BORDER_REFLECT), np.float32)

    weight = where.astype(np.float32)
    total = np.maximum(mean(weight), 1e-6)
    middle = mean(photo * weight[..., None]) / total[..., None]
    squares = mean((photo * photo).sum(axis=2) * weight) / total
    spread = np.maximum(squares - (middle * middle).sum(axis=2), 0)
    return middle.astype(np.float32), spread.astype(np.float32)
