"""Jobs that render: one scene, or one scene over several gammas."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from studio.files.picture_file import picture_bytes
from studio.jobs.cache import SessionMemo
from studio.jobs.jobs import Job, JobSpec, Priority
from studio.project.changes import describe, request_key
from studio.project.document import Document, document_bytes, document_from_json
from studio.project.fidelity import Measurement
from studio.project.history import MOST_NODES, Node
from studio.project.loosest_gamma import overlaps_of
from studio.project.session import Session, parse
from studio.project.strips import MOST_STRIPS, Strip, StripItem, check_gammas
from studio.scene.errors import OutOfMemory, SessionError, StorageError, StudioError
from studio.scene.request import Picture, RenderRequest, ResolvedRequest
from studio.scene.sentences import in_a_row, say
from studio.service.measures import mean_iou, measure_picture, submit_measure
from studio.service.render_progress import RenderProgress, small_jpeg, work_units
from studio.service.studio import Studio

log = logging.getLogger(__name__)

Quality = Literal["final", "draft", "live"]
StripMaker = Callable[[float, Job], bytes]
THUMBNAIL_SIDE = 256
_LIVE_MEASURE_SECONDS = 0.4  # live renders are measured only where that is quicker

PRIORITIES = {"final": Priority.FINAL, "draft": Priority.DRAFT, "live": Priority.LIVE}
REPLACES = {
    "final": ("live", "peek"),
    "draft": ("live", "peek", "draft"),
    "live": ("live", "peek"),
}


@dataclass(frozen=True)
class Outcome:
    """What a render job leaves: the node, and what it cost in words."""

    node: str
    summary: str


def request_for(document: Document, quality: Quality) -> RenderRequest:
    """Drafts and live renders are one picture with the model's own few steps."""
    request = document.request
    if quality == "final":
        return request
    return request.with_sampling(draft=True, steps=None, sigmas=None, count=1)


def submit_render(
    studio: Studio,
    session: Session,
    quality: Quality,
    document: Document | None = None,
    *,
    measures: bool = True,
    is_forced: bool = False,
) -> Job | Node:
    """A job, or the node that is exactly this picture already.

    is_forced: also if the studio has died of this render before.
    """
    document = document or session.document
    request = request_for(document, quality)
    resolved, key = _resolved(studio, request), None
    if resolved is not None:
        key = request_key(resolved, resolved.model)
        known = session.history.find(key)
        if known is not None:
            for kind in REPLACES[quality]:
                stop_jobs(studio, session, kind)
            session.show(known)
            return known
    if quality != "live":
        check_room(studio, session)

    def work(job: Job) -> Outcome:
        now = resolved_now(studio, request, resolved)
        job.pace = pace_of(now)
        picture, memo, report = render_with_retry(studio, session, now, job)
        job.check()
        node = keep_render(
            studio, session, document, quality, picture, summary_of(memo, report, picture)
        )
        if measures and is_worth_measuring(studio, document, quality):
            try_to_measure(studio, session, node)
        return Outcome(node.identity, node.summary)

    spec = JobSpec(
        session.identity,
        quality,
        PRIORITIES[quality],
        work,
        key=None if key is None else f"{quality}:{key}",
        replaces=REPLACES[quality],
        risk=studio.risk_of(quality, request_key(request, "")),
        is_forced=is_forced,
    )
    return studio.queue.submit(spec)


def submit_strip(
    studio: Studio,
    session: Session,
    gammas: Sequence[float],
    quality: Quality = "draft",
    make: StripMaker | None = None,
) -> tuple[Job, Strip]:
    """Render over gammas with the same noise; pictures arrive one by one in the session's strip.

    make: the PNG at a gamma, if it is not a render of the scene.
    """
    check_room(studio, session)
    document = session.document
    items = tuple(StripItem(gamma) for gamma in check_gammas(tuple(gammas)))
    kept = session.folder.put(document_bytes(document), "json")
    strip = Strip(kept, time.time(), document.sampling.seed, items)
    base = request_for(document, quality).with_sampling(count=1)
    picture_at = make or sketches(studio, session, base)

    def work(job: Job) -> str:
        current = strip
        session.put_strip(current)
        try:
            for place, item in enumerate(strip.items):
                content = picture_at(item.gamma, job)
                job.report("strip", place + 1, len(strip.items))
                image = session.folder.put(content, "png")
                measured = measure_picture(studio, session, image, document.scene, job)
                current = current.with_item(place, strip_item(item.gamma, image, measured))
                session.put_strip(current)
        finally:
            session.put_strip(current.finished())
        return strip.identity

    spec = JobSpec(
        session.identity,
        "strip",
        Priority.DRAFT,
        work,
        replaces=("strip", "live", "peek"),
        risk=studio.risk_of("strip", request_key(base, ""), tuple(gammas)),
    )
    return studio.queue.submit(spec), strip


def strip_item(gamma: float, image: str, measured: dict[str, Measurement]) -> StripItem:
    overlaps = overlaps_of({name: each.fidelity for name, each in measured.items()})
    return StripItem(gamma, image, mean_iou(measured), overlaps)


def sketches(studio: Studio, session: Session, base: RenderRequest) -> StripMaker:
    """Renders of the scene, as a strip needs them."""
    resolved = _resolved(studio, base)

    def make(gamma: float, job: Job) -> bytes:
        now = resolved_now(studio, base, resolved)
        job.pace = pace_of(now)
        picture, _, _ = render_with_retry(studio, session, now.with_gamma(gamma), job)
        return picture_bytes(picture, 0)

    return make


def is_current(session: Session, strip: Strip) -> bool:
    """Whether a strip shows the scene as it is now, whatever gamma is set to."""
    try:
        made = document_from_json(parse(session.folder.get(strip.document)))
    except StudioError:
        return False
    now, then = (
        request_key(request_for(each, "draft").with_sampling(gamma=1.0), "")
        for each in (session.document, made)
    )
    return now == then and session.document.edit == made.edit


def check_room(studio: Studio, session: Session) -> None:
    """Refuse what could not be kept. Nothing is ever deleted to make room."""
    if session.save_error is not None:
        raise StorageError(session.save_error)
    studio.store.disk.check()
    if len(session.history) >= MOST_NODES or len(session.strips) >= MOST_STRIPS:
        raise SessionError(
            "This project holds {pictures} pictures and {strips} gamma strips; it takes "
            "{most_pictures} and {most_strips}. Delete some, or go on in a copy.",
            pictures=len(session.history),
            strips=len(session.strips),
            most_pictures=MOST_NODES,
            most_strips=MOST_STRIPS,
        )


def _resolved(studio: Studio, request: RenderRequest) -> ResolvedRequest | None:
    """None while no model is loaded; RequestError for what the model cannot render."""
    loaded = studio.loaded
    return None if loaded is None else loaded.engine.resolve(request)


def resolved_now(
    studio: Studio, request: RenderRequest, resolved: ResolvedRequest | None
) -> ResolvedRequest:
    """As it was resolved when it was asked for, unless another model has been loaded since."""
    engine = studio.engine
    if resolved is not None and resolved.model == engine.digest:
        return resolved
    return engine.resolve(request)


def render_with_retry(
    studio: Studio, session: Session, request: ResolvedRequest, job: Job
) -> tuple[Picture, SessionMemo, Any]:
    try:
        return _render(studio, session, request, job)
    except OutOfMemory as fault:
        log.warning("out of memory, once more with empty caches: %s", fault)
    studio.make_room(session)  # outside `except`: the exception holds tensors
    job.check()
    return _render(studio, session, request, job)


def _render(
    studio: Studio, session: Session, request: ResolvedRequest, job: Job
) -> tuple[Picture, SessionMemo, Any]:
    engine = studio.engine
    with studio.conditions.memo(session.identity, job.check) as memo:
        job.report("captions")
        conditions = engine.prepare(request, memo)
        job.check()
        progress = RenderProgress(studio, job, request)
        picture = engine.render(
            request, conditions, on_step=progress, cancel=lambda: job.is_cancelled
        )
        progress.finish()
        return picture, memo, getattr(conditions, "report", None)


def keep_render(
    studio: Studio,
    session: Session,
    document: Document,
    quality: Quality,
    picture: Picture,
    summary: str,
) -> Node:
    put = session.folder.pass_on if quality == "live" else session.folder.put
    images = tuple(
        put(picture_bytes(picture, index), "png") for index in range(len(picture.images))
    )
    node = node_of(
        studio,
        session,
        document,
        picture,
        kind=quality,
        images=images,
        thumbnail=put(small_jpeg(picture.images[0], THUMBNAIL_SIDE), "jpg"),
        document=put(document_bytes(document), "json"),
        key=request_key(picture.request, studio.engine.digest),
        summary=summary,
    )
    session.add_node(node)
    return node


def node_of(
    studio: Studio, session: Session, made_of: Document, picture: Picture, **own: Any
) -> Node:
    """A picture's place in the history; `own`: the fields that its kind of render decides."""
    parent = session.history.base
    before = session.document_of(session.history.node(parent)) if parent else None
    return Node(
        at=time.time(),
        width=made_of.scene.width,
        height=made_of.scene.height,
        seed=made_of.sampling.seed,
        gamma=made_of.sampling.gamma,
        seconds=round(picture.seconds, 3),
        changes=describe(before, made_of),
        model=studio.engine.name,
        model_digest=studio.engine.digest,
        parent=parent,
        photo=made_of.photo,
        notices=tuple(picture.notices),
        **own,
    )


def summary_of(memo: SessionMemo, report: Any, picture: Picture) -> str:
    """ "4 of 5 captions cached, contour 0 ms, denoise 3.1 s" """
    encoded = int(getattr(report, "captions_encoded", memo.misses["caption"]))
    cached = int(getattr(report, "captions_cached", memo.hits["caption"]))
    parts: list[str] = []
    if encoded + cached:
        parts.append(
            say("{cached} of {count} captions cached", cached=cached, count=encoded + cached)
        )
    if getattr(report, "contour_encoded", 0):
        milliseconds = 1000 * report.contour_seconds
        parts.append(say("contour {milliseconds:.0f} ms", milliseconds=milliseconds))
    elif getattr(report, "contour_cached", 0):
        parts.append(say("contour cached"))
    parts.append(say("render {seconds:.1f} s", seconds=picture.seconds))
    return in_a_row(parts, ", ")


def try_to_measure(studio: Studio, session: Session, node: Node) -> None:
    """The picture is kept, so the render has not failed if measuring is refused."""
    try:
        submit_measure(studio, session, node)
    except SessionError as fault:
        log.info("%s is not measured: %s", node.identity, fault)


def pace_of(request: ResolvedRequest) -> str:
    """Renders that take about the same time a step."""
    return f"{request.model} {work_units(request) / (request.sampling.steps or 1):g}"


def is_worth_measuring(studio: Studio, document: Document, quality: Quality) -> bool:
    regions = len(document.scene.visible_regions)
    if not regions or quality != "live":
        return bool(regions)
    expected = studio.pace.estimate(studio.segmenter.digest, "measure", regions)
    return expected is not None and expected < _LIVE_MEASURE_SECONDS


def stop_jobs(studio: Studio, session: Session, kind: str) -> None:
    for job in list(session.jobs.values()):
        if job.spec.kind == kind and not job.has_ended:
            studio.queue.cancel(session.identity, job.identity)
