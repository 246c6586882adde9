"""Which parts of a photo the model sees, and at what scale: one crop after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.engine.photo.changes import Change, changes
from studio.scene.geometry import Bounds, Extent
from studio.scene.request import ResolvedRequest

LARGEST_AREA = 2 * 2**20  # pixels of a crop, whatever the model
LARGEST_GROWTH = 2.0  # times a small crop is enlarged for the model
AROUND = 0.5  # of the larger side of what changes is seen on each side of it
CLOSELY = 0.15  # the same with the context "region", and at least so much of what is large
KEEPS_SCALE = 0.7  # of the scale that regions have alone may be lost by seeing them together
COARSE = 0.5  # below this scale what was made is refined in tiles
MOST_TILES = 12
TILE_OVERLAP = 0.25
TILE_STRENGTH = 0.45


@dataclass(frozen=True)
class Crop:
    """One look at the photo.

    box: in the photo, and a little beyond its border where what changes meets it, for models draw
    the border of their pictures poorly; extent: the size in which the model sees it; changes: which
    of the request's changes happen here; strength: at most so much; tile: its number where it
    refines what an earlier crop made, else 0.
    """

    box: Bounds
    extent: Extent
    changes: tuple[int, ...]
    strength: float = 1.0
    tile: int = 0

    @property
    def scale(self) -> float:
        """Pixels of the model for a pixel of the photo."""
        return self.extent.width / self.box.extent.width


def plan(request: ResolvedRequest) -> tuple[Crop, ...]:
    """The crops of an edit, in the order in which they are made."""
    return plan_of(request, changes(request))


def plan_boxes(request: ResolvedRequest) -> tuple[Bounds, ...]:
    """What the model sees of the photo, as boxes in it; tiles are not told."""
    photo = Bounds(0, 0, *request.scene.extent)
    return tuple(crop.box.overlap(photo) for crop in plan(request) if not crop.tile)


def plan_of(request: ResolvedRequest, changed: Sequence[Change]) -> tuple[Crop, ...]:
    edit = request.edit
    assert edit is not None
    if not changed:
        return ()
    scale = _Scale.of(request)
    everything = tuple(range(len(changed)))
    boxes = [each.box for each in changed]
    if edit.keep_subject or edit.context == "whole":
        crops = [scale.crop(scale.with_border(Bounds(0, 0, *scale.photo), boxes), everything)]
    elif isinstance(edit.context, tuple):
        crops = [scale.crop(scale.with_border(Bounds(*edit.context), boxes), everything)]
    else:
        around = CLOSELY if edit.context == "region" else AROUND
        crops = _grouped(scale, changed, around)
    tiled: list[Crop] = []
    for crop in crops:
        tiled += [crop, *scale.tiles(crop, [changed[number].box for number in crop.changes])]
    return tuple(tiled)


def _grouped(scale: _Scale, changed: Sequence[Change], around: float) -> list[Crop]:
    """A crop for each change, and one for several that lose little by being seen together."""
    groups: list[tuple[Crop, tuple[int, ...]]] = [
        (scale.around(each.box, around), (n,)) for n, each in enumerate(changed)
    ]
    at = 0
    while at < len(groups):
        crop, members = groups[at]
        for other in range(at + 1, len(groups)):
            theirs, others = groups[other]
            both = tuple(sorted({*members, *others}))
            together = scale.around(union([changed[number].box for number in both]), around)
            if together.scale >= KEEPS_SCALE * min(crop.scale, theirs.scale):
                groups[at] = (together, both)
                del groups[other]
                at = -1  # the new one may take in earlier ones
                break
        at += 1
    return [replace(crop, changes=members) for crop, members in groups]


@dataclass(frozen=True)
class _Scale:
    """The model's own size, the multiples it takes, and the photo."""

    photo: Extent
    own: int
    largest_area: int
    unit: int

    @staticmethod
    def of(request: ResolvedRequest) -> _Scale:
        size = request.model_size
        unit = request.token_pixels * (request.sampling.contour_scale or 1)
        area = min(4 * size.width * size.height, LARGEST_AREA)
        return _Scale(request.scene.extent, min(size), area, unit)

    def around(self, box: Bounds, share: float) -> Crop:
        """What changes in `box`, with enough around it."""
        width, height = box.extent
        longest = max(width, height)
        fitting = (math.sqrt(self.largest_area) - longest) / 2  # at the photo's own scale
        margin = min(share * longest, max(fitting, CLOSELY * longest))
        least = self.own / LARGEST_GROWTH
        wanted = [max(side + 2 * margin, least) for side in (width, height)]
        sides = [max(side, max(wanted) / 2) for side in wanted]
        left, right = _spread(box.left, box.right, sides[0], self.photo.width)
        top, bottom = _spread(box.top, box.bottom, sides[1], self.photo.height)
        return self.crop(self.with_border(Bounds(left, top, right, bottom), [box]), ())

    def with_border(self, box: Bounds, changed: Sequence[Bounds]) -> Bounds:
        """The box within the photo, and beyond each border of it that what changes meets."""
        whole = union(changed)
        width, height = self.photo
        beyond = self._token(Bounds(*box).extent)
        left = -beyond if whole.left == 0 else max(0, box.left)
        top = -beyond if whole.top == 0 else max(0, box.top)
        right = width + beyond if whole.right == width else min(width, box.right)
        bottom = height + beyond if whole.bottom == height else min(height, box.bottom)
        return Bounds(left, top, right, bottom)

    def crop(self, box: Bounds, members: tuple[int, ...]) -> Crop:
        """The box at the largest scale that is of use, in multiples of the unit."""
        width, height = box.extent
        scale = self._scale(box.extent)
        extent = self._extent(width * scale, height * scale)
        scale = min(scale, extent.width / width, extent.height / height)
        across = round(extent.width / scale)
        down = round(extent.height / scale)
        left = _placed(box.left, box.right, across, self.photo.width)
        top = _placed(box.top, box.bottom, down, self.photo.height)
        return Crop(Bounds(left, top, left + across, top + down), extent, members)

    def _scale(self, extent: Extent) -> float:
        scale = min(LARGEST_GROWTH, max(1.0, self.own / max(extent)))
        return min(scale, math.sqrt(self.largest_area / (extent.width * extent.height)))

    def _token(self, extent: Extent) -> int:
        """A token's side in pixels of the photo."""
        return math.ceil(self.unit / self._scale(extent))

    def tiles(self, crop: Crop, boxes: Sequence[Bounds]) -> list[Crop]:
        """Overlapping looks at what `crop` made too coarsely."""
        if crop.scale >= COARSE:
            return []
        box = union(boxes)
        side = self.unit * int(math.sqrt(self.largest_area) // self.unit)
        scale = 1.0
        while _tiles_along(box.extent, side / scale) > MOST_TILES:
            scale *= 0.9
        if scale < 1.3 * crop.scale:
            return []
        size = round(side / scale)
        box = self.with_border(box, [box])
        found: list[Crop] = []
        for top in _starts(box.top, box.bottom, size, self.photo.height):
            for left in _starts(box.left, box.right, size, self.photo.width):
                looked = self.crop(Bounds(left, top, left + size, top + size), crop.changes)
                number = len(found) + 1
                found.append(replace(looked, strength=TILE_STRENGTH, tile=number))
        return found

    def _extent(self, width: float, height: float) -> Extent:
        """Multiples of the unit, the nearest above if that is not too large."""
        above = [self.unit * max(1, math.ceil(side / self.unit - 1e-9)) for side in (width, height)]
        while above[0] * above[1] > self.largest_area:
            above[above.index(max(above))] -= self.unit
        return Extent(*above)


def _spread(low: int, high: int, length: float, whole: int) -> tuple[int, int]:
    """So long a stretch around low..high, moved into the photo as far as it fits."""
    start = min(max((low + high - length) / 2, 0), max(0, whole - length))
    return math.floor(start), math.ceil(min(start + length, max(whole, high)))


def _placed(low: int, high: int, length: int, whole: int) -> int:
    """Where so long a stretch begins that holds low..high: within the photo if low..high is."""
    lowest, highest = min(low, 0), max(high, whole)
    if length > highest - lowest:
        return lowest - (length - highest + lowest) // 2
    return min(max((low + high - length) // 2, lowest), highest - length)


def _starts(low: int, high: int, size: int, whole: int) -> list[int]:
    """Where tiles begin that cover low..high and overlap; within the photo where that does."""
    count = _along(high - low, size)
    if count == 1:
        return [_placed(low, high, size, whole)]
    step = (high - low - size) / (count - 1)
    return [round(low + step * number) for number in range(count)]


def _tiles_along(extent: Extent, size: float) -> int:
    return _along(extent.width, size) * _along(extent.height, size)


def _along(length: float, size: float) -> int:
    if length <= size:
        return 1
    return 1 + math.ceil((length - size) / (size * (1 - TILE_OVERLAP)))


def union(boxes: Sequence[Bounds]) -> Bounds:
    return Bounds(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
