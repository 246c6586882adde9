"""The job that looks for the loosest gamma: drafts of one scene and one noise, each measured."""

from __future__ import annotations

import time

from studio.jobs.jobs import Job, JobSpec, Priority
from studio.project.changes import request_key
from studio.project.document import document_bytes
from studio.project.edits import set_sampling
from studio.project.loosest_gamma import (
    MOST_DRAFTS,
    Overlaps,
    check_wish,
    find_loosest_gamma,
    judged_regions,
    told,
)
from studio.project.session import Session
from studio.project.strips import Strip
from studio.service.measures import measure_picture
from studio.service.photo_edits import edits_at
from studio.service.renders import check_room, request_for, sketches, strip_item
from studio.service.studio import Studio


def submit_auto_gamma(studio: Studio, session: Session, wish: float) -> tuple[Job, Strip]:
    """Its drafts arrive in a strip; what was found becomes the scene's gamma, one step of undo."""
    check_room(studio, session)
    check_wish(wish)
    document = session.document
    judged = judged_regions(document.scene)
    base = request_for(document, "draft").with_sampling(count=1)
    is_photo = document.edit is not None
    draft_at = edits_at(studio, session, "draft") if is_photo else sketches(studio, session, base)
    kept = session.folder.put(document_bytes(document), "json")
    begun = Strip(kept, time.time(), document.sampling.seed, (), wish=wish)

    def work(job: Job) -> str:
        strip = begun
        session.put_strip(strip)

        def overlaps_at(gamma: float) -> Overlaps:
            nonlocal strip
            content = draft_at(gamma, job)
            job.report("strip", len(strip.items) + 1, MOST_DRAFTS)
            image = session.folder.put(content, "png")
            measured = measure_picture(studio, session, image, document.scene, job, gives_way=False)
            item = strip_item(gamma, image, measured)
            strip = strip.with_more(item)
            session.put_strip(strip)
            return item.overlaps

        try:
            found = find_loosest_gamma(wish, judged, overlaps_at)
            gamma = found.best.gamma
            strip = strip.with_finding(gamma, told(found, document.scene))
            session.edit(lambda now: set_sampling(now, gamma=gamma), "gamma")
        finally:
            session.put_strip(strip.finished())
        return strip.identity

    spec = JobSpec(
        session.identity,
        "auto_gamma",
        Priority.DRAFT,
        work,
        replaces=("auto_gamma", "strip", "live", "peek"),
        risk=studio.risk_of("auto_gamma", request_key(base, ""), wish),
    )
    return studio.queue.submit(spec), begun
