"""What the model sees in a crop: the photo's pixels, and the scene of what changes there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.engine.photo.changes import Change
from studio.engine.photo.plan import Crop
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.geometry import Bounds, Extent
from studio.scene.mask import Mask
from studio.scene.photo import Photo
from studio.scene.photo_layer import PhotoLayer, composite
from studio.scene.region import Region
from studio.scene.request import RenderRequest, ResolvedRequest
from studio.scene.scene import Scene


def inner_request(
    request: ResolvedRequest, crop: Crop, changed: Sequence[Change]
) -> RenderRequest | None:
    """The crop as a scene of its own; None where nothing of it changes.

    A tile has a noise of its own, so that no pattern repeats from tile to tile.
    """
    here = [changed[number] for number in crop.changes if meets(changed[number].box, crop.box)]
    if not any(each.mask[_within(each.box, crop.box)].any() for each in here):
        return None
    if request.edit is not None and request.edit.keep_subject:
        subject, *others = request.scene.visible_regions
        regions = [*others, subject]  # on top: it keeps what is its own
    else:
        regions = [each.region for each in here if each.region is not None]
    shown = [made for region in regions if (made := _shown(region, crop)) is not None]
    scene = Scene(*crop.extent, request.scene.caption, shown)
    sampling = replace(request.sampling, seed=_seed(request.sampling.seed, crop))
    return RenderRequest(scene, sampling)


def pixels_seen(photo: Photo, crop: Crop, layers: Sequence[PhotoLayer], extent: Extent) -> Any:
    """(h, w, 3) uint8 at the model's size, of the photo under the layers that were made before."""
    inside = visible(crop.box, photo.extent)
    pixels = photo.pixels[inside.top : inside.bottom, inside.left : inside.right]
    near = [shifted(layer, inside) for layer in layers if meets(layer.box, inside)]
    shown = Photo(composite(pixels, near) if near else pixels, "").colours8()
    return scaled(padded(shown, crop.box, photo.extent), extent)


def levels_seen(
    crop: Crop, changed: Sequence[Change], photo: Extent, grid: PatchGrid, last_sigma: float
) -> Any:
    """(h, w) float32 at the model's size: the noise level at which each pixel is let go.

    A feather wider than the model's latents is a slope: its outer pixels follow the photo longest.
    A strength below the last noise level acts at the last step, so that what was asked for happens.
    """
    extent = Extent(grid.columns * grid.pixels, grid.rows * grid.pixels)
    latent = grid.pixels / 2 * crop.box.extent.width / extent.width
    inside = visible(crop.box, photo)
    levels = np.zeros(inside.extent.shape, np.float32)
    for number in crop.changes:
        each = changed[number]
        if meets(each.box, inside):
            target = levels[_within(inside, each.box)]
            strength = max(min(crop.strength, each.strength), last_sigma)
            soft = each.slope(each.width - latent)[_within(each.box, inside)] * np.float32(strength)
            np.maximum(target, soft, out=target)
    whole = padded(levels, crop.box, photo)
    if whole.shape == extent.shape:
        return whole
    shrinks = extent.width < whole.shape[1]
    if shrinks:  # the highest level of all pixels that become one, so that no thin part is lost
        side = int(np.ceil(whole.shape[1] / extent.width))
        whole = cv2.dilate(whole, np.ones((side, side), np.uint8))
    return np.asarray(cv2.resize(whole, tuple(extent), interpolation=cv2.INTER_NEAREST_EXACT))


def padded(pixels: NDArray[Any], box: Bounds, photo: Extent) -> NDArray[Any]:
    """Pixels of the part of the box within the photo, reflected beyond the photo's border."""
    inside = visible(box, photo)
    sides = (
        inside.top - box.top,
        box.bottom - inside.bottom,
        inside.left - box.left,
        box.right - inside.right,
    )
    if not any(sides):
        return pixels
    return np.asarray(cv2.copyMakeBorder(pixels, *sides, cv2.BORDER_REFLECT))


def scaled(pixels: NDArray[Any], extent: Extent) -> NDArray[Any]:
    if pixels.shape[:2] == extent.shape:
        return pixels
    shrinks = extent.width < pixels.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, tuple(extent), interpolation=how))


def visible(box: Bounds, photo: Extent) -> Bounds:
    """The part of a box that lies in the photo."""
    return box.overlap(Bounds(0, 0, *photo))


def meets(box: Bounds, other: Bounds) -> bool:
    across = box.left < other.right and other.left < box.right
    return across and box.top < other.bottom and other.top < box.bottom


def shifted(layer: PhotoLayer, box: Bounds) -> PhotoLayer:
    """The part of a layer within a box, whose corner is the new origin."""
    place = _within(layer.box, box)
    left, top = max(layer.box.left, box.left), max(layer.box.top, box.top)
    alpha = layer.alpha[place]
    height, width = alpha.shape
    corner = (left - box.left, top - box.top)
    moved = Bounds(*corner, corner[0] + width, corner[1] + height)
    return PhotoLayer(moved, layer.pixels[place], alpha, layer.region)


def _shown(region: Region, crop: Crop) -> Region | None:
    extent = region.mask.extent
    inside = visible(crop.box, extent)
    pixels = region.mask.pixels[inside.top : inside.bottom, inside.left : inside.right]
    if not pixels.any():
        return None
    whole = padded(pixels.astype(np.uint8), crop.box, extent)
    mask = _resampled(whole, crop.extent)
    return replace(region, mask=Mask(mask), clicks=(), seed=_seed(region.seed, crop))


def _resampled(mask: NDArray[np.uint8], extent: Extent) -> NDArray[np.bool_]:
    """Where at least half of each new pixel is covered, or whatever is touched if that is none."""
    if mask.shape == extent.shape:
        return mask.astype(np.bool_)
    shrinks = extent.width < mask.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    shares = cv2.resize(mask.astype(np.float32), tuple(extent), interpolation=how)
    covered = shares >= 0.5
    return np.asarray(covered if covered.any() else shares > 0)


def _seed(seed: Any, crop: Crop) -> Any:
    return None if seed is None else (seed + crop.tile) % 2**63


def _within(box: Bounds, other: Bounds) -> tuple[slice, slice]:
    """The part of `other` that lies in `box`, in the box's own rows and columns."""
    return (
        slice(max(0, other.top - box.top), max(0, min(box.bottom, other.bottom) - box.top)),
        slice(max(0, other.left - box.left), max(0, min(box.right, other.right) - box.left)),
    )
