"""Masks as run lengths in a box: how shapes travel between the page and the session."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from studio.scene.errors import SceneError
from studio.scene.geometry import Bounds, Extent
from studio.scene.mask import Mask

MOST_RUNS = 4_000_000
FARTHEST = 100_000  # pixels a box may lie outside the scene


def encode_runs(pixels: NDArray[np.bool_]) -> list[int]:
    """Row-major counts that alternate off, on, off, ... and start with off."""
    flat = pixels.ravel()
    if not flat.size:
        return []
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    edges = np.concatenate(([0], changes, [flat.size]))
    runs = cast("list[int]", np.diff(edges).tolist())
    return [0, *runs] if flat[0] else runs


def decode_runs(counts: Any, extent: Extent) -> NDArray[np.bool_]:
    """The pixels (height, width); SceneError unless the counts cover them exactly."""
    if not isinstance(counts, (list, tuple)) or len(cast("list[Any]", counts)) > MOST_RUNS:
        raise SceneError("A shape's counts are not a list of run lengths.")
    given = cast("list[Any]", counts)
    if not all(type(count) is int and 0 <= count <= 2**31 for count in given):
        raise SceneError("A shape's counts must be whole numbers from 0 up.")
    runs = np.asarray(given, np.int64)
    if int(runs.sum()) != extent.width * extent.height:
        raise SceneError(
            "A shape's counts cover {covered} pixels; its box has {wanted}.",
            covered=int(runs.sum()),
            wanted=extent.width * extent.height,
        )
    is_on = np.arange(len(runs)) % 2 == 1
    return np.reshape(np.repeat(is_on, runs), extent.shape)


def shape_of(mask: Mask) -> dict[str, Any]:
    """{box: [left, top, right, bottom], counts: runs inside it}; an empty mask has no box."""
    box = mask.bounds
    if box is None:
        return {"box": None, "counts": []}
    inside = mask.pixels[box.top : box.bottom, box.left : box.right]
    return {"box": list(box), "counts": encode_runs(inside)}


def pixels_of(shape: Any, extent: Extent) -> NDArray[np.bool_]:
    """The shape drawn on a scene of `extent`; what lies outside is cut."""
    pixels = np.zeros(extent.shape, np.bool_)
    if not isinstance(shape, dict):
        raise SceneError("A shape is {box, counts}.")
    entries = cast("dict[str, Any]", shape)
    if entries.get("box") is None:
        return pixels
    box = box_of(entries["box"])
    inside = decode_runs(entries.get("counts"), box.extent)
    left, top = max(box.left, 0), max(box.top, 0)
    right, bottom = min(box.right, extent.width), min(box.bottom, extent.height)
    if left < right and top < bottom:
        cut = inside[top - box.top : bottom - box.top, left - box.left : right - box.left]
        pixels[top:bottom, left:right] = cut
    return pixels


def box_of(value: Any) -> Bounds:
    """A box from JSON: four whole numbers, not inside out, of a size a scene could have."""
    if not isinstance(value, (list, tuple)) or len(cast("list[Any]", value)) != 4:
        raise SceneError("A box is [left, top, right, bottom].")
    numbers = cast("list[Any]", value)
    if not all(type(number) is int and abs(number) <= FARTHEST for number in numbers):
        raise SceneError("A box is four whole numbers of pixels.")
    box = Bounds(*numbers)
    if box.left >= box.right or box.top >= box.bottom:
        raise SceneError("The box {box} is empty or inside out.", box=list(box))
    if box.extent.width * box.extent.height > 2**27:
        raise SceneError("The box {box} is too large.", box=list(box))
    return box
