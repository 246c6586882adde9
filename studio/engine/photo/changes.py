"""What an edit changes: where each region's pixels lie in the photo, and how softly they end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Bounds, Extent
from studio.scene.photo_layer import inward_alpha
from studio.scene.region import Region
from studio.scene.request import RenderRequest

FEATHER = 0.02  # of a region's size, where none is given
NARROWEST, WIDEST = 1.0, 8.0  # pixels of such a feather


@dataclass(frozen=True, eq=False)
class Change:
    """The pixels that one region changes, or everything around a kept subject.

    box: in the photo; mask: (h, w) within the box; region: None for the world around a subject.
    """

    photo: Extent
    box: Bounds
    mask: NDArray[np.bool_]
    region: Region | None
    strength: float
    feather: float | None

    @property
    def identity(self) -> str | None:
        return None if self.region is None else self.region.identity

    @cached_property
    def width(self) -> float:
        """Of the feather, in pixels of the photo; thin regions have a narrow one."""
        if self.feather is not None:
            return self.feather
        wanted = FEATHER * float(np.count_nonzero(self.mask)) ** 0.5
        return min(max(wanted, NARROWEST), WIDEST, self.half_width / 2)

    def slope(self, width: float) -> NDArray[np.float32]:
        """(h, w): a ramp of so many pixels inside the mask; none at the photo's own border."""
        top, left = self.box.top > 0, self.box.left > 0
        sides = (
            (int(top), int(self.box.bottom < self.photo.height)),
            (int(left), int(self.box.right < self.photo.width)),
        )
        height, width_of = self.mask.shape
        ramp = inward_alpha(np.pad(self.mask, sides), width)
        return ramp[sides[0][0] : sides[0][0] + height, sides[1][0] : sides[1][0] + width_of]

    @cached_property
    def half_width(self) -> float:
        """Of the widest disc inside the mask; some of a large mask's pixels are enough to tell."""
        step = max(1, max(self.mask.shape) // 1024)
        inside = np.pad(self.mask[::step, ::step].astype(np.uint8), 1)
        return step * float(cv2.distanceTransform(inside, cv2.DIST_L2, 3).max())


def changes(request: RenderRequest) -> tuple[Change, ...]:
    """One of each visible region that owns pixels; the topmost owns what several cover."""
    assert request.edit is not None
    if request.edit.keep_subject:
        return _world(request)
    return tuple(_owned(request, request.scene.visible_regions))


def changed_mask(extent: Extent, changed: tuple[Change, ...]) -> NDArray[np.bool_]:
    """(h, w) of the photo: every pixel that may change."""
    mask = np.zeros(extent.shape, np.bool_)
    for each in changed:
        mask[_place(each.box)] |= each.mask
    return mask


def _owned(request: RenderRequest, regions: tuple[Region, ...]) -> Iterator[Change]:
    edit = request.edit
    assert edit is not None
    for number, region in enumerate(regions):
        box = region.mask.bounds
        if box is None:
            continue
        mask = region.mask.pixels[_place(box)].copy()
        if request.sampling.overlap == "top":
            for above in regions[number + 1 :]:
                mask &= ~above.mask.pixels[_place(box)]
        if mask.any():
            strength = edit.strength if region.strength is None else region.strength
            feather = edit.feather if region.feather is None else region.feather
            yield Change(request.scene.extent, box, mask, region, strength, feather)


def _world(request: RenderRequest) -> tuple[Change, ...]:
    """Everything but the subject, which keeps its pixels even under regions that lie above it."""
    edit, scene = request.edit, request.scene
    assert edit is not None
    left = ~scene.visible_regions[0].mask.pixels
    box = Bounds(0, 0, scene.width, scene.height)
    changed: list[Change] = []
    for each in _owned(request, scene.visible_regions[1:]):
        mask = each.mask & left[_place(each.box)]
        if mask.any():
            own = Change(each.photo, each.box, mask, each.region, each.strength, each.feather)
            changed.append(own)
    for each in changed:
        left[_place(each.box)] &= ~each.mask
    if left.any():
        changed.insert(0, Change(scene.extent, box, left, None, edit.strength, edit.feather))
    return tuple(changed)


def _place(box: Bounds) -> tuple[slice, slice]:
    return slice(box.top, box.bottom), slice(box.left, box.right)
