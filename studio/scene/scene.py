"""The scene: a size, a caption and regions from the lowest to the topmost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from studio.scene.checks import check_text
from studio.scene.errors import SceneError
from studio.scene.geometry import Extent
from studio.scene.region import Region
from studio.scene.sentences import say

LARGEST_SIDE = 8192  # of a scene that is drawn
LARGEST_PHOTO_SIDE = 30_000  # of one that edits a photo
LARGEST_AREA = 2**26  # pixels
MOST_REGIONS = 100
MOST_MASK_PIXELS = 2**29  # of all masks together, a byte each


@dataclass(frozen=True)
class Scene:
    """What the user edits. The first region lies lowest, the last on top; an edit is a new scene.

    `caption` None means there is none; the empty caption is a caption.
    """

    width: int
    height: int
    caption: str | None = None
    regions: tuple[Region, ...] = ()

    def __init__(
        self, width: int, height: int, caption: str | None = None, regions: Iterable[Region] = ()
    ) -> None:
        check_text(say("The scene's caption"), caption, SceneError)
        object.__setattr__(self, "width", _side(say("width"), width))
        object.__setattr__(self, "height", _side(say("height"), height))
        object.__setattr__(self, "caption", caption)
        object.__setattr__(self, "regions", tuple(regions))
        if self.width * self.height > LARGEST_AREA:
            raise SceneError(
                "The scene is {extent} pixels; it may have {most} megapixels at most.",
                extent=self.extent,
                most=LARGEST_AREA // 10**6,
            )
        check_room(self.extent, len(self.regions))
        for number, region in enumerate(self.regions, start=1):
            self._check(number, region)

    @property
    def extent(self) -> Extent:
        return Extent(self.width, self.height)

    @property
    def visible_regions(self) -> tuple[Region, ...]:
        return tuple(region for region in self.regions if region.is_visible)

    def region(self, identity: str) -> Region:
        for region in self.regions:
            if region.identity == identity:
                return region
        raise SceneError(
            "There is no region {identity!r} in this scene; was it deleted?", identity=identity
        )

    def with_caption(self, caption: str | None) -> Scene:
        return replace(self, caption=caption)

    def with_regions(self, regions: Iterable[Region]) -> Scene:
        return replace(self, regions=tuple(regions))

    def with_region(self, region: Region) -> Scene:
        """Replace the region of the same identity, or lay a new one on top."""
        if any(old.identity == region.identity for old in self.regions):
            return self.with_regions(
                region if old.identity == region.identity else old for old in self.regions
            )
        return self.with_regions((*self.regions, region))

    def without_region(self, identity: str) -> Scene:
        removed = self.region(identity)
        return self.with_regions(region for region in self.regions if region is not removed)

    def _check(self, number: int, region: Any) -> None:
        if not isinstance(region, Region):
            raise SceneError(
                "Region {number} is {region!r:.60}; it must be a Region.",
                number=number,
                region=region,
            )
        if region.mask.extent != self.extent:
            raise SceneError(
                "The mask of region {number} is {extent} pixels but the scene is {wanted}; masks "
                "must have the scene's size.",
                number=number,
                extent=region.mask.extent,
                wanted=self.extent,
            )
        if not region.mask.pixels.any():
            raise SceneError(
                "The mask of region {number} is empty; draw its shape first.", number=number
            )


def most_regions(extent: Extent) -> int:
    """How many regions a scene of this size may have."""
    return min(MOST_REGIONS, MOST_MASK_PIXELS // (extent.width * extent.height))


def check_room(extent: Extent, regions: int) -> None:
    """SceneError for more regions than there may be; no mask is needed to ask."""
    most = most_regions(extent)
    if regions > most:
        raise SceneError(
            "A scene of {extent} pixels has at most {most} regions, not {regions}; merge some or "
            "leave some out.",
            extent=extent,
            most=most,
            regions=regions,
        )


def _side(name: str, value: int) -> int:
    given: Any = value
    is_number = isinstance(given, (int, float)) and not isinstance(given, bool)
    if not is_number or not 1 <= value <= LARGEST_PHOTO_SIDE or int(value) != value:
        raise SceneError(
            "The scene's {name} is {value!r}; it must be 1 to {largest} pixels.",
            name=name,
            value=value,
            largest=LARGEST_PHOTO_SIDE,
        )
    return int(value)
