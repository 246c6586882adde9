"""How an edit's picture is made: as asked, over a filling, or in rounds around a subject."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.files.photo_file import open_photo
from studio.jobs.cache import SessionMemo
from studio.jobs.jobs import Job
from studio.project.growth import draw_world
from studio.project.photo_changes import work_of
from studio.project.removal import finished_layers, removal
from studio.project.session import Session
from studio.scene.request import Picture, RenderRequest
from studio.service.photo_plan import EditPlan
from studio.service.renders import pace_of, render_with_retry
from studio.service.studio import Studio

Made = tuple[Picture, SessionMemo, Any]  # with its memo and the report of what preparing cost


def make_picture(
    studio: Studio, session: Session, plan: EditPlan, job: Job, *, in_rounds: bool = True
) -> Made:
    """The picture's layers lie over the photo as all other regions leave it.

    in_rounds: a final world around a subject is chosen by drafts.
    """
    job.report("photo")
    request = plan.full_request(studio, session)
    if plan.makes_the_world and in_rounds and plan.quality == "final":
        return _world(studio, session, request, job)
    if work_of(plan.document).fill and _has_empty(request):
        return _removed(studio, session, request, job)
    return _rendered(studio, session, request, job)


def _rendered(studio: Studio, session: Session, request: RenderRequest, job: Job) -> Made:
    resolved = studio.engine.resolve(request)
    job.pace = pace_of(resolved)
    made = render_with_retry(studio, session, resolved, job)
    job.check()
    return made


def _has_empty(request: RenderRequest) -> bool:
    return any(not region.caption.strip() for region in request.scene.visible_regions)


def _removed(studio: Studio, session: Session, request: RenderRequest, job: Job) -> Made:
    assert request.edit is not None
    job.report("fill")
    done = removal(request, open_photo(request.edit).photo, studio.facts.vocabulary)
    picture, memo, report = _rendered(studio, session, done.request, job)
    job.report("fill")
    layers = finished_layers(done, picture.layers)
    return replace(picture, layers=layers, request=request), memo, report


def _world(studio: Studio, session: Session, request: RenderRequest, job: Job) -> Made:
    """Drafts until one leaves the subject as it is; then the full picture with that seed."""
    made: list[Made] = []

    def render(asked: RenderRequest) -> Picture:
        made.append(_rendered(studio, session, asked, job))
        job.report("growth")
        return made[-1][0]

    picture = draw_world(render, studio.segmenter, request)
    return picture, *made[-1][1:]
