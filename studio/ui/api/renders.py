"""Rendering, progress, history and comparison."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from studio.jobs.jobs import Job
from studio.project.changes import describe, setting_changes
from studio.project.document import Document
from studio.project.hints import hints, survey
from studio.project.history import Node
from studio.project.model_view import model_view as seen_by_model
from studio.project.strips import GAMMAS
from studio.scene.coverage import coverage
from studio.scene.errors import BadInput, SessionError, WeightsError
from studio.scene.mask import Mask
from studio.scene.request import RenderRequest
from studio.service.auto_gamma import submit_auto_gamma
from studio.service.measures import found_shapes, submit_measure
from studio.service.photo_edits import submit_edit, submit_edit_strip
from studio.service.photo_plan import plan_edit
from studio.service.render_progress import image_tokens, work_units
from studio.service.renders import submit_render, submit_strip
from studio.ui.api.compare import difference_file, outlines
from studio.ui.api.demo import demo_view
from studio.ui.api.fields import Fields
from studio.ui.api.machine_views import status_view
from studio.ui.api.registry import Answer, Call, Registry
from studio.ui.api.requests import (
    AutoGamma,
    Cancel,
    Compare,
    NamedNode,
    Poll,
    Render,
    RenderStrip,
    Star,
)
from studio.ui.api.views import (
    fidelity_view,
    frame_view,
    hint_views,
    history_view,
    job_view,
    shown_fidelity,
    strip_view,
    strip_views,
)

if TYPE_CHECKING:
    from studio.engine.engine import Engine

registry = Registry()
_CHECK_SECONDS = 5.0  # a preflight waits no longer for the device


@registry.action
def preflight(call: Call, given: Fields) -> Answer:
    """What will go wrong, what it will cost.

    Notices come from the device; if it is busy with a long step the rest is answered without them.
    """
    del given
    studio, document = call.studio, call.document
    facts = studio.facts
    found = survey(document, facts)
    answer: dict[str, Any] = {
        "hints": hint_views(hints(document, found, facts)),
        "notices": [],
        "checked": False,
        "estimate": None,
    }
    if studio.loaded is None:
        return answer
    engine = studio.engine
    request = engine.resolve(_asked(document))
    with suppress(SessionError):
        answer["notices"] = list(
            studio.queue.run_now(
                lambda: _told(engine, request), _CHECK_SECONDS, waits_for_step=False
            )
        )
        answer["checked"] = True
    texts = [each.tokens for each in found.captions.values()]
    units = work_units(request)
    steps = studio.pace.estimate(engine.digest, "steps", units)
    decode = studio.pace.estimate(engine.digest, "decode", units)
    contour = seen_by_model(request).contour if document.edit is None else ()
    answer["estimate"] = {
        "seconds": None if steps is None else round(steps + (decode or 0), 1),
        "image_tokens": round(image_tokens(request)),
        "contour_tokens": len(contour),
        "text_tokens": sum(texts) + (found.scene_caption.tokens if found.scene_caption else 0),
    }
    return answer


def _told(engine: Engine, request: RenderRequest) -> tuple[str, ...]:
    """What the engine has to say; also of a style that is missing or does not fit."""
    try:
        return engine.check(request)
    except WeightsError as fault:
        return (str(fault),)


def _asked(document: Document) -> RenderRequest:
    """What the model would be asked for now."""
    if document.edit is None:
        return document.request
    return plan_edit(document, "final", makes_new=False).rough_request


@registry.action
def model_view(call: Call, given: Fields) -> Answer:
    del given
    if call.document.edit is not None:
        raise BadInput("What the model sees of a photo is shown by its context boxes.")
    view = seen_by_model(call.studio.engine.resolve(call.document.request))
    return {"revision": call.session.revision, **asdict(view)}


@registry.action
def render(call: Call, given: Render) -> Answer:
    document = call.document
    changes = {name: value for name, value in given.sent.items() if name in ("seed", "count")}
    if changes:
        document = replace(document, sampling=replace(document.sampling, **changes))
    how = {"measures": given.score, "is_forced": given.anyway}
    if document.edit is None:
        if given.regions is not None:
            raise BadInput("Single regions are made in a photo that is edited; start editing.")
        return job_or_node(
            call, submit_render(call.studio, call.session, given.quality, document, **how)
        )
    makes_new = False if "seed" in changes else None
    plan = plan_edit(document, given.quality, given.regions, makes_new=makes_new)
    return job_or_node(call, submit_edit(call.studio, call.session, plan, **how))


def job_or_node(call: Call, started: Job | Node) -> Answer:
    if isinstance(started, Node):
        return {"node": started.identity, "job": None, "history": history_view(call.session)}
    return _job(call, started)


@registry.action
def strip(call: Call, given: RenderStrip) -> Answer:
    gammas = GAMMAS if given.gammas is None else given.gammas
    submit = submit_strip if call.document.edit is None else submit_edit_strip
    job, made = submit(call.studio, call.session, gammas, given.quality)
    return {**_job(call, job), "strip": strip_view(made)}


@registry.action
def auto_gamma(call: Call, given: AutoGamma) -> Answer:
    """The search's drafts arrive one by one, as those of a strip do."""
    job, made = submit_auto_gamma(call.studio, call.session, given.wish)
    return {**_job(call, job), "strip": strip_view(made)}


@registry.action
def measure(call: Call, given: NamedNode) -> Answer:
    node = call.session.history.node(given.node)
    return _job(call, submit_measure(call.studio, call.session, node))


@registry.action
def cancel(call: Call, given: Cancel) -> Answer:
    identity = given.job
    if identity is not None:
        call.session.job(identity)
    call.studio.queue.cancel(call.session.identity, identity)
    return {"jobs": [job_view(call.studio, job) for job in call.session.jobs.values()]}


@registry.action
def poll(call: Call, given: Poll) -> Answer:
    studio, session = call.studio, call.session
    studio.queue.report_silence()
    studio.demos.reset_if_idle(session)
    seen = given.seen
    newest = session.wait_for_news(seen, given.wait)
    with session.lock:
        jobs = list(session.jobs.values())
    running = next((job for job in jobs if job.state == "running"), None)
    answer: Answer = {
        "seen": newest,
        "revision": session.revision,
        "saved_at": session.saved_at,
        "jobs": [job_view(studio, job) for job in jobs],
        "frame": frame_view(running, given.frame) if running else None,
        "queue": _queue(call, jobs),
        "status": status_view(studio, session),
        "demo": demo_view(studio, session),
    }
    if session.is_news("history", seen):
        answer["history"] = history_view(session)
        answer["fidelity"] = shown_fidelity(studio, session)
    if session.is_news("strips", seen):
        answer["strips"] = strip_views(session)
    return answer


@registry.action
def history(call: Call, given: Fields) -> Answer:
    del given
    return {"history": history_view(call.session), "strips": strip_views(call.session)}


@registry.action
def show(call: Call, given: NamedNode) -> Answer:
    call.session.show(call.session.history.node(given.node))
    return {
        "history": history_view(call.session),
        "fidelity": shown_fidelity(call.studio, call.session),
    }


@registry.action
def star(call: Call, given: Star) -> Answer:
    return _changed(call, given.node, is_starred=given.star)


@registry.action
def delete_node(call: Call, given: NamedNode) -> Answer:
    return _changed(call, given.node, is_deleted=True)


@registry.action
def undelete_node(call: Call, given: NamedNode) -> Answer:
    return _changed(call, given.node, is_deleted=False)


@registry.action
def compare(call: Call, given: Compare) -> Answer:
    session = call.session
    first, second = (session.history.node(node) for node in (given.a, given.b))
    before, after = session.document_of(first), session.document_of(second)
    names = {region.identity: region.name or region.caption for region in after.scene.regions}
    reference, largest, mean = difference_file(session, first, second)
    return {
        "changes": describe(before, after),
        "settings": [
            {"name": each.name, "a": each.before, "b": each.after}
            for each in setting_changes(before, after)
        ],
        "regions": [
            {
                "id": identity,
                "name": name,
                "a": first.fidelity[identity].iou if identity in first.fidelity else None,
                "b": second.fidelity[identity].iou if identity in second.fidelity else None,
            }
            for identity, name in names.items()
        ],
        "difference": reference,
        "largest": largest,
        "mean": mean,
    }


@registry.action
def contours(call: Call, given: NamedNode) -> Answer:
    node = call.session.history.node(given.node)
    found = found_shapes(call.session, node)
    covered = coverage(call.session.document_of(node).scene)
    return {
        "regions": [
            {
                "id": region.identity,
                "asked": outlines(Mask(mask)),
                "got": outlines(found[region.identity]) if region.identity in found else None,
                **(
                    fidelity_view(node.fidelity[region.identity])
                    if region.identity in node.fidelity
                    else {}
                ),
            }
            for region, mask in zip(covered.regions, covered.masks, strict=True)
        ]
    }


def _changed(call: Call, node: str, **changes: Any) -> Answer:
    call.session.change_node(node, **changes)
    return {"history": history_view(call.session)}


def _job(call: Call, job: Job) -> Answer:
    call.session.keep_job(job)
    return {"job": job_view(call.studio, job)}


def _queue(call: Call, jobs: list[Job]) -> Answer:
    waiting = [call.studio.queue.position(job) for job in jobs if job.state == "waiting"]
    return {"length": len(call.studio.queue.waiting), "position": min(waiting, default=0)}
