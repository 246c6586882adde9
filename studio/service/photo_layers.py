"""What an edit made, kept in the project: each layer at the photo's size and at the page's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.files.layer_file import layer_bytes
from studio.project.document import Document
from studio.project.photo_changes import work_of
from studio.project.photo_work import Made, scaled_box
from studio.scene.geometry import Bounds, Extent
from studio.scene.photo import Pixels
from studio.scene.photo_layer import PhotoLayer

Put = Callable[[bytes, str], str]
DRAFT = "draft "  # before the key of a layer that a final edit has still to make


def kept_layers(
    layers: Iterable[PhotoLayer], document: Document, put: Put, *, is_draft: bool
) -> dict[str, Made]:
    """By region. What lies round a kept subject belongs to the subject."""
    work = work_of(document)
    found: dict[str, Made] = {}
    for layer in layers:
        identity = layer.region or work.subject
        if identity is None:
            continue
        region = document.scene.region(identity)
        key = work.key(region, document.scene)
        reference = put(layer_bytes(layer.pixels, layer.alpha), "png")
        shown, shown_box = reference, layer.box
        if layer.pixels.dtype != np.uint8 or document.scene.extent != work.extent:
            content, shown_box = _shown(layer, work.extent, document.scene.extent)
            shown = put(content, "png")
        found[identity] = Made(
            layer=reference,
            box=Bounds(*layer.box),
            shown=shown,
            shown_box=Bounds(*shown_box),
            mask=region.mask.digest,
            key=f"{DRAFT}{key}" if is_draft else key,
            seed=document.sampling.seed if region.seed is None else region.seed,
            is_around=layer.region is None,
        )
    return found


def _shown(layer: PhotoLayer, photo: Extent, working: Extent) -> tuple[bytes, Bounds]:
    """The layer for the page: 8 bits, scaled as the photo below it is; a plane at a time."""
    box = scaled_box(layer.box, photo, working)
    around = scaled_box(box, working, photo)
    opacity = np.minimum(_scaled(layer.alpha, layer, around, box), np.float32(1))
    planes = [
        _scaled(layer.pixels[..., channel] * layer.alpha, layer, around, box)
        for channel in range(layer.pixels.shape[2])
    ]
    colours = np.dstack(planes) / np.maximum(opacity, np.float32(1e-6))[..., None]
    return layer_bytes(_eight_bit(colours, layer.pixels), opacity), box


def _scaled(
    values: NDArray[np.float32], layer: PhotoLayer, around: Bounds, box: Bounds
) -> NDArray[np.float32]:
    """A plane (h, w) of the layer, laid into `around` of the photo and scaled to `box`."""
    placed = np.zeros(around.extent.shape, np.float32)
    left, top = layer.box.left - around.left, layer.box.top - around.top
    placed[top : top + values.shape[0], left : left + values.shape[1]] = values
    return cast("NDArray[np.float32]", cv2.resize(placed, box.extent, interpolation=cv2.INTER_AREA))


def _eight_bit(colours: NDArray[Any], like: Pixels) -> NDArray[np.uint8]:
    scale = 255 / np.iinfo(like.dtype).max
    return np.rint(np.minimum(colours * np.float32(scale), 255)).astype(np.uint8)
