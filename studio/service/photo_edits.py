"""Jobs that edit a photo: the regions to do, over the photo as all other regions leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from studio.files.photo_file import PhotoFile
from studio.files.photo_writer import write_photo
from studio.files.picture_file import recipe_in
from studio.jobs.cache import SessionMemo
from studio.jobs.jobs import Job, JobSpec
from studio.project.document import Document, document_bytes
from studio.project.history import Node
from studio.project.photo_changes import with_made
from studio.project.photo_incoming import eight_bit
from studio.project.session import Session
from studio.project.strips import Strip
from studio.scene.photo import Photo
from studio.scene.request import Picture
from studio.service.photo_composites import Composite
from studio.service.photo_layers import kept_layers
from studio.service.photo_makers import make_picture
from studio.service.photo_plan import EditPlan, plan_edit
from studio.service.render_progress import small_jpeg
from studio.service.renders import (
    PRIORITIES,
    REPLACES,
    THUMBNAIL_SIDE,
    Outcome,
    Quality,
    StripMaker,
    check_room,
    is_worth_measuring,
    node_of,
    stop_jobs,
    submit_strip,
    summary_of,
    try_to_measure,
)
from studio.service.studio import Studio


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
    if known is not None and known.layers and known.layers[0].keys() <= set(plan.regions):
        for kind in REPLACES[quality]:
            stop_jobs(studio, session, kind)
        session.show(known)
        finish_edit(session, plan, known)
        return known
    if quality != "live":
        check_room(studio, session)

    def work(job: Job) -> Outcome:
        picture, memo, report = render_edit(studio, session, plan, job)
        node = keep_edit(studio, session, plan, picture, summary_of(memo, report, picture))
        finish_edit(session, plan, node)
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


def render_edit(
    studio: Studio, session: Session, plan: EditPlan, job: Job
) -> tuple[Picture, SessionMemo, Any]:
    done = make_picture(studio, session, plan, job)
    job.report("layers")
    return done


def submit_edit_strip(
    studio: Studio, session: Session, gammas: Sequence[float], quality: Quality = "draft"
) -> tuple[Job, Strip]:
    """The edit over gammas, each as the whole photo would look."""
    return submit_strip(studio, session, gammas, quality, edits_at(studio, session, quality))


def edits_at(studio: Studio, session: Session, quality: Quality) -> StripMaker:
    """The edited photo at a gamma, as a strip needs it."""
    plan = plan_edit(session.document, quality, makes_new=False)
    sampling = replace(plan.document.sampling, count=1)

    def make(gamma: float, job: Job) -> bytes:
        shown = replace(sampling, gamma=gamma)
        at_gamma = replace(plan, document=replace(plan.document, sampling=shown))
        picture = render_edit(studio, session, at_gamma, job)[0]
        made = kept_layers(
            picture.layers_of(0), at_gamma.document, session.folder.pass_on, is_draft=True
        )
        image = _image(Composite(studio, session, at_gamma.document).with_made(made))
        return _content(image, picture, at_gamma, 0)

    return make


def finish_edit(session: Session, plan: EditPlan, node: Node) -> None:
    """A final edit becomes one step of the document; drafts are only looked at."""
    if node.kind != "final" or not node.layers:
        return
    session.edit(
        lambda document: with_made(document, plan.document, node.layers[0], node.outside),
        plan.label,
        plan.gesture,
    )


def keep_edit(
    studio: Studio, session: Session, plan: EditPlan, picture: Picture, summary: str
) -> Node:
    quality, document = plan.quality, with_drawn_seed(plan.document, picture)
    put = session.folder.pass_on if quality == "live" else session.folder.put
    layers = tuple(
        kept_layers(picture.layers_of(index), document, put, is_draft=quality != "final")
        for index in range(len(picture.images))
    )
    pictures = [Composite(studio, session, document).with_made(made) for made in layers]
    images = [_image(each) for each in pictures]
    outside = pictures[0].outside()
    after = with_made(document, document, layers[0], outside)
    node = node_of(
        studio,
        session,
        after,
        picture,
        kind=quality,
        images=tuple(
            put(_content(image, picture, plan, index), "png") for index, image in enumerate(images)
        ),
        thumbnail=put(small_jpeg(images[0].photo.image(), THUMBNAIL_SIDE), "jpg"),
        document=put(document_bytes(after), "json"),
        key=plan.key(studio, session, studio.engine.digest),
        summary=summary,
        layers=layers,
        outside=outside,
        content=tuple(sorted(after.references)),
    )
    session.add_node(node)
    return node


def with_drawn_seed(document: Document, picture: Picture) -> Document:
    """Of a world around a subject, which may be drawn with another seed than was asked for."""
    seed = picture.request.sampling.seed
    return replace(document, sampling=replace(document.sampling, seed=seed))


def _image(made: Composite) -> PhotoFile:
    """For the history: 8 bits at the working size, with the photo's colour profile."""
    pixels = eight_bit(made.shown(made.document.scene.extent))
    return PhotoFile(Photo.of(pixels), icc=made.photo_file.icc)


def _content(image: PhotoFile, picture: Picture, plan: EditPlan, index: int) -> bytes:
    """A PNG with the edit's recipe at the working size; the photo is named in it."""
    recipe = recipe_in(replace(picture, request=plan.request), index)
    return write_photo(image, image.photo.pixels, "PNG", recipe).content
