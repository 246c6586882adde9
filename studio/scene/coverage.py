"""Who owns each pixel of a scene."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.scene.region import Region
from studio.scene.scene import Scene

Overlap = Literal["top", "share"]
ThinRegions = Literal["share", "published"]


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
    if overlap == "share":
        masks = [region.mask.pixels for region in visible]
    else:
        labels = label_map(scene)
        masks = [labels == number for number in range(1, len(visible) + 1)]
    owned = [bool(mask.any()) for mask in masks]
    kept = [mask for mask, owns in zip(masks, owned, strict=True) if owns]
    return Coverage(
        regions=tuple(region for region, owns in zip(visible, owned, strict=True) if owns),
        masks=np.stack(kept) if kept else np.zeros((0, *scene.extent.shape), np.bool_),
        hidden=tuple(region for region, owns in zip(visible, owned, strict=True) if not owns),
    )
