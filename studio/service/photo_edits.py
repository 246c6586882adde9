"""Jobs that edit a photo: the regions to do, over the photo as all other regions leave it."""

from __future__ import annotations

import io
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, replace

from PIL import Image

from studio.files.picture_file import picture_bytes
from studio.jobs.jobs import Job, JobSpec
from studio.project.changes import describe, request_key
from studio.project.document import Document, document_bytes
from studio.project.history import Node
from studio.project.photo_changes import with_made, with_seeds, work_of
from studio.project.photo_incoming import shown_bytes
from studio.project.session import Session
from studio.scene.errors import RequestError
from studio.scene.mask import Mask
from studio.scene.photo import Pixels
from studio.scene.photo_edit import PhotoName
from studio.scene.region import Region
from studio.scene.request import Picture, RenderRequest
from studio.scene.scene import Scene
from studio.service.photo_composites import Composite, at_photo_size
from studio.service.photo_layers import kept_layers
from studio.service.render_progress import small_jpeg
from studio.service.renders import (
    PRIORITIES,
    REPLACES,
    THUMBNAIL_SIDE,
    Outcome,
    Quality,
    check_room,
    is_worth_measuring,
    pace_of,
    render_with_retry,
    request_for,
    stop_jobs,
    summary_of,
    try_to_measure,
)
from studio.service.studio import Studio

LARGEST_NEW_SEED = 2**31


@dataclass(frozen=True)
class EditPlan:
    """What one edit renders: the document with its seeds, and the regions that are made."""

    document: Document
    regions: tuple[str, ...]
    quality: Quality

    @property
    def label(self) -> str:
        count = len(self.regions)
        return "edit 1 region" if count == 1 else f"edit {count} regions"

    def key(self, studio: Studio, session: Session, model: str) -> str:
        """A digest of everything that decides the pictures; nothing is decoded for it."""
        document = self.document
        scene = document.scene.with_regions(
            region for region in document.scene.regions if region.identity in self.regions
        )
        work = work_of(document)
        sampling = request_for(document, self.quality).sampling
        name = PhotoName(self.below(studio, session).digest)
        edit = work.photo_edit(name, document.scene.extent)
        return request_key(RenderRequest(scene, sampling, edit), model)

    def below(self, studio: Studio, session: Session) -> Composite:
        """The photo as all other regions leave it."""
        return Composite(studio, session, self.document, frozenset(self.regions))


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
    if regions is None:
        wanted = work.to_do(scene)
        is_again = not wanted
        if is_again:
            wanted = tuple(
                region.identity
                for region in scene.visible_regions
                if region.identity not in work.pinned
            )
    else:
        for identity in regions:
            _check_may_change(document, identity)
        wanted = tuple(region.identity for region in scene.regions if region.identity in regions)
        is_again = False
    if work.subject is not None and work.subject not in work.pinned:
        wanted = tuple(region.identity for region in scene.visible_regions)
    if not wanted:
        raise RequestError(
            "All regions are pinned; unpin one to change it."
            if scene.visible_regions
            else "Draw what should change first."
        )
    if is_again if makes_new is None else makes_new:
        document = with_seeds(
            document, {name: secrets.randbelow(LARGEST_NEW_SEED) for name in wanted}
        )
    return EditPlan(document, wanted, quality)


def submit_edit(
    studio: Studio,
    session: Session,
    plan: EditPlan,
    *,
    measures: bool = True,
    is_forced: bool = False,
) -> Job | Node:
    """A job, or the node that is exactly this edit already; either way its layers are put on."""
    quality, loaded = plan.quality, studio.loaded
    key = None if loaded is None else plan.key(studio, session, loaded.engine.digest)
    known = None if key is None else session.history.find(key)
    if known is not None:
        for kind in REPLACES[quality]:
            stop_jobs(studio, session, kind)
        session.show(known)
        _finish(session, plan, known)
        return known
    if quality != "live":
        check_room(studio, session)

    def work(job: Job) -> Outcome:
        job.report("photo")
        resolved = studio.engine.resolve(edit_request(studio, session, plan))
        job.pace = pace_of(resolved)
        picture, memo, report = render_with_retry(studio, session, resolved, job)
        job.check()
        job.report("layers")
        node = _keep(studio, session, plan, picture, summary_of(memo, report, picture))
        _finish(session, plan, node)
        if measures and is_worth_measuring(studio, plan.document, quality):
            try_to_measure(studio, session, node)
        return Outcome(node.identity, node.summary)

    return studio.queue.submit(
        JobSpec(
            session.identity,
            quality,
            PRIORITIES[quality],
            work,
            key=None if key is None else f"{quality}:{key}",
            replaces=REPLACES[quality],
            risk=studio.risk_of(quality, plan.key(studio, session, "")),
            is_forced=is_forced,
        )
    )


def edit_request(studio: Studio, session: Session, plan: EditPlan) -> RenderRequest:
    """For the engine: at the photo's size, over the photo as all other regions leave it."""
    document, below = plan.document, plan.below(studio, session)
    photo, work = below.photo(), below.work
    colours = None if work.extent == document.scene.extent else photo.colours8()
    regions = [
        replace(region, mask=_at_photo(region, below, colours), clicks=())
        for region in document.scene.regions
        if region.identity in plan.regions
    ]
    scene = Scene(*work.extent, document.scene.caption, regions)
    edit = work.photo_edit(photo, document.scene.extent)
    sampling = request_for(document, plan.quality).sampling
    return RenderRequest(scene, sampling, edit)


def _at_photo(region: Region, below: Composite, colours: Pixels | None) -> Mask:
    """The region's shape at the photo's size, along the photo's own edges."""
    extent, drawn = below.work.extent, region.mask
    if colours is None:
        return drawn
    return Mask(at_photo_size(drawn.pixels, extent))


def _check_may_change(document: Document, identity: str) -> None:
    work, region = work_of(document), document.scene.region(identity)
    number = document.number(identity)
    if not region.is_visible:
        raise RequestError("Region {number} is hidden; show it first.", number=number)
    if identity in work.pinned:
        raise RequestError("Region {number} is pinned; unpin it to change it.", number=number)


def _finish(session: Session, plan: EditPlan, node: Node) -> None:
    """A final edit becomes one step of the document; drafts are only looked at."""
    if node.kind != "final" or not node.layers:
        return
    session.edit(
        lambda document: with_made(document, plan.document, node.layers[0], node.outside),
        plan.label,
    )


def _keep(studio: Studio, session: Session, plan: EditPlan, picture: Picture, summary: str) -> Node:
    quality, document = plan.quality, plan.document
    put = session.folder.pass_on if quality == "live" else session.folder.put
    layers = tuple(
        kept_layers(picture.layers_of(index), document, put, is_draft=quality != "final")
        for index in range(len(picture.images))
    )
    pictures = [Composite(studio, session, document).with_made(made) for made in layers]
    shown = replace(picture, images=[_image(each) for each in pictures], request=_recipe(plan))
    outside = pictures[0].outside()
    after = with_made(document, document, layers[0], outside)
    parent = session.history.base
    before = session.document_of(session.history.node(parent)) if parent else None
    node = Node(
        kind=quality,
        at=time.time(),
        images=tuple(put(picture_bytes(shown, index), "png") for index in range(len(shown.images))),
        thumbnail=put(small_jpeg(shown.images[0], THUMBNAIL_SIDE), "jpg"),
        document=put(document_bytes(after), "json"),
        key=plan.key(studio, session, studio.engine.digest),
        width=document.scene.width,
        height=document.scene.height,
        seed=document.sampling.seed,
        gamma=document.sampling.gamma,
        seconds=round(picture.seconds, 3),
        changes=describe(before, after),
        summary=summary,
        model=studio.engine.name,
        model_digest=studio.engine.digest,
        parent=parent,
        photo=document.photo,
        notices=tuple(picture.notices),
        layers=layers,
        outside=outside,
        content=tuple(sorted(after.references)),
    )
    session.add_node(node)
    return node


def _recipe(plan: EditPlan) -> RenderRequest:
    """What is written into the pictures of the history: the edit at the working size."""
    document = plan.document
    work = work_of(document)
    name = PhotoName(work.original.partition(".")[0])
    sampling = request_for(document, plan.quality).sampling
    return RenderRequest(document.scene, sampling, work.photo_edit(name, document.scene.extent))


def _image(made: Composite) -> Image.Image:
    """For the history: at the working size, with the photo's colour profile."""
    content = shown_bytes(made.shown(made.document.scene.extent), icc=made.photo_file.icc)
    return Image.open(io.BytesIO(content))
