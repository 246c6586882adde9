"""What one edit of a photo renders, and how that is asked of the engine."""

from __future__ import annotations

import math
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from studio.engine.photo.paste import refine_mask
from studio.project.changes import request_key
from studio.project.document import Document
from studio.project.photo_changes import with_seeds, work_of
from studio.project.photo_work import scaled_box
from studio.project.session import Session
from studio.scene.errors import RequestError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.photo import Photo
from studio.scene.photo_edit import PhotoEdit, PhotoName
from studio.scene.region import Click, Region
from studio.scene.request import RenderRequest
from studio.scene.scene import Scene
from studio.service.photo_composites import Composite, at_photo_size
from studio.service.renders import Quality, request_for
from studio.service.studio import Studio

LARGEST_NEW_SEED = 2**31


@dataclass(frozen=True)
class EditPlan:
    """What one edit renders: the document with its seeds, and the regions that are made.

    A subject among them is kept, and everything around it is made. title: what the finished edit
    is called, if not "edit 2 regions"; gesture: edits of the same one are one step of undo.
    """

    document: Document
    regions: tuple[str, ...]
    quality: Quality
    title: str | None = None
    gesture: str | None = None

    @property
    def label(self) -> str:
        if self.title is not None:
            return self.title
        count = len(self.regions)
        return "edit 1 region" if count == 1 else f"edit {count} regions"

    @property
    def makes_the_world(self) -> bool:
        return work_of(self.document).subject in self.regions

    @property
    def request(self) -> RenderRequest:
        """At the working size, with the photo by name alone."""
        document = self.document
        chosen = [each for each in document.scene.regions if each.identity in self.regions]
        return RenderRequest(
            document.scene.with_regions(chosen),
            request_for(document, self.quality).sampling,
            self._edit(PhotoName(work_of(document).original.partition(".")[0])),
        )

    def key(self, studio: Studio, session: Session, model: str) -> str:
        """A digest of everything that decides the pictures; nothing is decoded for it."""
        name = PhotoName(self.below(studio, session).digest)
        return request_key(replace(self.request, edit=self._edit(name)), model)

    def below(self, studio: Studio, session: Session) -> Composite:
        """The photo as all other regions leave it."""
        return Composite(studio, session, self.document, frozenset(self.regions))

    def full_request(self, studio: Studio, session: Session) -> RenderRequest:
        """For the engine: at the photo's size, over the photo as all other regions leave it."""
        return self._at_photo(self.below(studio, session).photo(), refines=True)

    @property
    def rough_request(self) -> RenderRequest:
        """The same on a blank photo, as far as it decides what the model sees; quickly there."""
        extent = work_of(self.document).extent
        blank = cast("Any", np.broadcast_to)(np.uint8(0), (*extent.shape, 3))
        return self._at_photo(Photo(blank, f"blank {extent}"), refines=False)

    def _at_photo(self, photo: Photo, *, refines: bool) -> RenderRequest:
        request, work = self.request, work_of(self.document)
        kept = None
        if not self.makes_the_world and work.subject is not None:
            kept = self.document.scene.region(work.subject).mask.pixels
        regions: list[Region] = []
        for region in request.scene.regions:
            drawn = region.mask.pixels if kept is None else region.mask.pixels & ~kept
            if not drawn.any():
                raise RequestError(
                    "Region {number} lies wholly in the subject, which is kept.",
                    number=self.document.number(region.identity),
                )
            regions.append(_scaled(replace(region, mask=Mask(drawn)), photo, refines=refines))
        scene = Scene(*work.extent, request.scene.caption, regions)
        return RenderRequest(scene, request.sampling, self._edit(photo))

    def _edit(self, photo: Photo | PhotoName) -> PhotoEdit:
        extent = self.document.scene.extent
        work = work_of(self.document)
        return work.photo_edit(photo, extent, makes_the_world=self.makes_the_world)


def plan_edit(
    document: Document,
    quality: Quality,
    regions: Collection[str] | None = None,
    *,
    makes_new: bool | None = None,
) -> EditPlan:
    """The named regions, or those that are to do, or else all again.

    makes_new: with new seeds; None: only where regions are made again.
    """
    work, scene = work_of(document), document.scene
    free = [each.identity for each in scene.visible_regions if each.identity not in work.pinned]
    if regions is None:
        chosen = set(work.to_do(scene))
        is_again = not chosen
        chosen = chosen or set(free)
    else:
        for identity in regions:
            _check_may_change(document, identity)
        chosen, is_again = set(regions), False
    if work.subject in chosen:  # a new world takes all that is in it along
        chosen = set(free)
    if not chosen:
        raise RequestError(
            "All regions are pinned; unpin one to change it."
            if scene.visible_regions
            else "Draw what should change first."
        )
    if is_again if makes_new is None else makes_new:
        seeds = {identity: secrets.randbelow(LARGEST_NEW_SEED) for identity in sorted(chosen)}
        document = with_seeds(document, seeds)
    ordered = tuple(each for each in document.identities if each in chosen)
    return EditPlan(document, ordered, quality)


def _scaled(region: Region, photo: Photo, *, refines: bool) -> Region:
    """The region at the photo's size, along the photo's own edges where it is the larger one."""
    before, after = region.mask.extent, photo.extent
    if before == after:
        return region
    across, down = after.width / before.width, after.height / before.height
    clicks = tuple(Click(x * across, y * down, label) for x, y, label in region.clicks)
    drawn = region.mask.pixels
    pixels = refined(drawn, photo) if refines else at_photo_size(drawn, after)
    return replace(region, mask=Mask(pixels), clicks=clicks)


def refined(drawn: NDArray[np.bool_], photo: Photo) -> NDArray[np.bool_]:
    """A mask of the scene at the photo's size, drawn in to the edges of the photo."""
    extent = photo.extent
    whole = at_photo_size(drawn, extent)
    box = Mask(drawn).bounds
    assert box is not None
    band = math.ceil(extent.width / drawn.shape[1]) + 1
    place = scaled_box(box, Extent(drawn.shape[1], drawn.shape[0]), extent)
    around = place.grown(2 * band, extent)
    part = whole[around.top : around.bottom, around.left : around.right]
    soft = refine_mask(photo.crop(around).colours8(), part, band) > 0.5
    if soft.any():
        whole[around.top : around.bottom, around.left : around.right] = soft
    return whole


def _check_may_change(document: Document, identity: str) -> None:
    work, region = work_of(document), document.scene.region(identity)
    number = document.number(identity)
    if not region.is_visible:
        raise RequestError("Region {number} is hidden; show it first.", number=number)
    if identity in work.pinned:
        raise RequestError("Region {number} is pinned; unpin it to change it.", number=number)
