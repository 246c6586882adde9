"""A thing taken out of a photo: filled from what is around it, then drawn over by the model."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.project.document import Document
from studio.project.edits import edit_mask, set_region
from studio.project.photo_changes import set_work
from studio.project.surroundings import caption_of, unlikeness
from studio.scene.fill import fill_from_surroundings
from studio.scene.geometry import Bounds
from studio.scene.mask_edits import grow
from studio.scene.photo import Photo, colours_of
from studio.scene.photo_layer import PhotoLayer, composite
from studio.scene.request import RenderRequest

STRENGTH = 0.5  # what is below shows through, so that it goes on with its surroundings
RIM, NARROWEST_RIM, WIDEST_RIM = 0.02, 2, 8  # of its size, in pixels of the scene
_COMPARED_SIDE = 384  # pixels: textures are compared at this size


@dataclass(frozen=True, eq=False)
class Removal:
    """A request whose regions without a caption are filled: what the model is asked instead.

    captions: the words that were measured, by region.
    """

    request: RenderRequest
    filled: Photo
    captions: Mapping[str, str]


def as_removed(document: Document, identity: str) -> Document:
    """The region without a caption, to be filled; its shape grows over the thing's soft edge."""
    mask = document.scene.region(identity).mask
    by = round(min(max(RIM * mask.area**0.5, NARROWEST_RIM), WIDEST_RIM))
    grown = edit_mask(document, identity, lambda drawn: grow(drawn, by))
    return set_work(set_region(grown, identity, caption=""), fill=True)


def removal(request: RenderRequest, photo: Photo, words: Collection[str] | None) -> Removal:
    """words: what the model can read, None for anything; `photo`: what the request edits."""
    assert request.edit is not None
    pixels = photo.pixels
    empty = {each.identity for each in request.scene.visible_regions if not each.caption.strip()}
    for region in request.scene.visible_regions:
        if region.identity in empty:
            pixels = fill_from_surroundings(pixels, region.mask.pixels)
    filled = Photo.of(pixels)
    captions: dict[str, str] = {}
    regions = list(request.scene.regions)
    for number, region in enumerate(regions):
        if region.identity in empty:
            box = _around(region.mask.bounds, filled)
            inside = region.mask.pixels[box.top : box.bottom, box.left : box.right]
            caption = caption_of(filled.crop(box).colours8(), inside, words)
            captions[region.identity] = caption
            strength = STRENGTH if region.strength is None else region.strength
            regions[number] = replace(region, caption=caption, strength=strength)
    scene = request.scene.with_regions(regions)
    edit = request.edit.of_photo(filled)
    return Removal(RenderRequest(scene, request.sampling, edit), filled, captions)


def finished_layers(done: Removal, layers: tuple[PhotoLayer, ...]) -> tuple[PhotoLayer, ...]:
    """The model's layers over the filled photo as layers over the photo itself.

    Where the filling alone is as near to the surroundings as what the model made of it, it stays.
    """
    masks = {region.identity: region.mask.pixels for region in done.request.scene.regions}
    return tuple(
        _finished(done, layer, masks[layer.region])
        if layer.region is not None and layer.region in done.captions
        else layer
        for layer in layers
    )


def _finished(done: Removal, layer: PhotoLayer, mask: NDArray[np.bool_]) -> PhotoLayer:
    """Solid where the region is: below it lies the thing, which must not shine through."""
    left, top, right, bottom = layer.box
    inside = mask[top:bottom, left:right] & (layer.alpha > 0)
    below = done.filled.crop(layer.box).pixels
    moved = PhotoLayer(Bounds(0, 0, right - left, bottom - top), layer.pixels, layer.alpha, None)
    made = composite(below, [moved])
    box = _around(layer.box, done.filled)
    around = mask[box.top : box.bottom, box.left : box.right]
    filled = done.filled.crop(box)
    drawn = _with_part(filled, made, left - box.left, top - box.top)
    if _unlikeness(filled, around) <= _unlikeness(drawn, around):
        made = below
    pixels = np.ascontiguousarray(colours_of(made))
    return PhotoLayer(layer.box, pixels, inside.astype(np.float32), layer.region)


def _with_part(photo: Photo, part: NDArray[Any], left: int, top: int) -> Photo:
    pixels: Any = np.array(photo.pixels)
    pixels[top : top + part.shape[0], left : left + part.shape[1]] = part
    return Photo(pixels, "")


def _unlikeness(photo: Photo, inside: NDArray[np.bool_]) -> float:
    """Of the region from what is around it, at a size at which grain is still seen."""
    pixels = photo.colours8()
    scale = _COMPARED_SIDE / max(inside.shape)
    if scale < 1:
        size = (max(2, round(inside.shape[1] * scale)), max(2, round(inside.shape[0] * scale)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        inside = cv2.resize(inside.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    return unlikeness(pixels, inside) if inside.any() else 0.0


def _around(box: Bounds | None, photo: Photo) -> Bounds:
    assert box is not None
    margin = max(16, max(box.extent) // 2)
    return box.grown(margin, photo.extent)
