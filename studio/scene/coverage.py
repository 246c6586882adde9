"""Who owns each pixel of a scene."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Bounds
from studio.scene.region import Region
from studio.scene.scene import Scene

Overlap = Literal["top", "share"]
ThinRegions = Literal["share", "published"]
Pixels = NDArray[np.bool_]


class Coverage(NamedTuple):
    """The regions that reach the model, with the pixels each of them owns."""

    regions: tuple[Region, ...]
    masks: NDArray[np.bool_]  # (regions, height, width)
    hidden: tuple[Region, ...]  # wholly covered by regions above; the model never sees them


def label_map(scene: Scene) -> NDArray[np.int32]:
    """(height, width): 0 is background, i the i-th visible region from 1; the top one wins."""
    labels = np.zeros(scene.extent.shape, np.int32)
    for number, region in enumerate(scene.visible_regions, start=1):
        labels[region.mask.pixels] = number
    return labels


def coverage(scene: Scene, overlap: Overlap = "top") -> Coverage:
    """The pixels of each visible region: `top` resolves overlaps by order, `share` keeps them."""
    visible = scene.visible_regions
    owned = dict(_owned(scene, overlap))
    masks = list(owned.values())
    return Coverage(
        regions=tuple(visible[index] for index in owned),
        masks=np.stack(masks) if masks else np.zeros((0, *scene.extent.shape), np.bool_),
        hidden=tuple(region for index, region in enumerate(visible) if index not in owned),
    )


def owned_masks(scene: Scene, overlap: Overlap) -> Iterator[Pixels]:
    """The pixels of each region that reaches the model, one at a time: many large masks."""
    return (mask for _, mask in _owned(scene, overlap))


def owned_pixels(masks: Sequence[Pixels], overlap: Overlap, number: int) -> Pixels:
    """Of masks in their order, the last on top, what the one of that index owns."""
    if overlap == "share":
        return masks[number]
    owned = np.array(masks[number])
    for above in masks[number + 1 :]:
        owned &= ~above
    return owned


def owned_areas(
    masks: Sequence[Pixels],
    overlap: Overlap,
    wanted: Collection[int],
    boxes: Sequence[Bounds | None] | None = None,
) -> dict[int, int]:
    """How many pixels each of the wanted masks owns, counted in one pass from the top.

    `boxes`: the bounds of each mask, where they are known; small masks are counted faster then.
    """
    if overlap == "share" or not wanted:
        return {number: int(np.count_nonzero(masks[number])) for number in wanted}
    areas: dict[int, int] = {}
    taken = np.zeros_like(masks[0])
    for number in range(len(masks) - 1, min(wanted) - 1, -1):
        box = boxes[number] if boxes else None
        place = np.s_[box.top : box.bottom, box.left : box.right] if box else np.s_[:, :]
        inside, above = masks[number][place], taken[place]
        if number in wanted:
            areas[number] = int(np.count_nonzero(inside > above))
        above |= inside
    return areas


def _owned(scene: Scene, overlap: Overlap) -> Iterator[tuple[int, Pixels]]:
    """The index of each visible region that owns pixels, and these pixels."""
    if overlap == "share":
        yield from enumerate(region.mask.pixels for region in scene.visible_regions)
        return
    labels = label_map(scene)
    for number in np.flatnonzero(np.bincount(np.ravel(labels))):
        if number > 0:
            yield int(number) - 1, labels == number
