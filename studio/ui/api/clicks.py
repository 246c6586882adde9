"""Smart clicks: on the photo, or on a result."""

from __future__ import annotations

from studio.scene.errors import BadInput
from studio.scene.run_lengths import shape_of
from studio.service.clicks import choose, submit_proposals
from studio.service.clicks import embed as embed_picture
from studio.ui.api.fields import clicks_of
from studio.ui.api.registry import Answer, Call, Registry
from studio.ui.api.requests import On, Segment
from studio.ui.api.views import job_view

registry = Registry()


@registry.action
def embed(call: Call, given: On) -> Answer:
    done = embed_picture(call.studio, call.session, given.on)
    return {
        "seconds": round(done.seconds, 4),
        "cached": done.was_cached,
        "segmenter": call.studio.segmenter.name,
        "width": done.extent.width,
        "height": done.extent.height,
    }


@registry.action
def segment(call: Call, given: Segment) -> Answer:
    found = choose(
        call.studio,
        call.session,
        given.on,
        clicks_of(given.points),
        _inside(call, given.box),
        is_hover=given.hover,
    )
    return {
        "candidates": [
            {"shape": shape_of(each.mask), "score": round(each.score, 4), "name": each.name}
            for each in found.choices
        ],
        "best": found.best,
        "seconds": round(found.seconds, 4),
        "sequence": given.sequence,
    }


@registry.action
def proposals(call: Call, given: On) -> Answer:
    job = submit_proposals(call.studio, call.session, given.on)
    call.session.keep_job(job)
    return {"job": job_view(call.studio, job)}


def _inside(call: Call, box: tuple[float, float, float, float] | None) -> tuple[float, ...] | None:
    """Corners in any order; what lies outside the scene is cut off."""
    if box is None:
        return None
    x0, y0, x1, y1 = box
    width, height = call.document.scene.extent
    left, right = max(0.0, min(x0, x1)), min(float(width), max(x0, x1))
    top, bottom = max(0.0, min(y0, y1)), min(float(height), max(y0, y1))
    if right - left < 1 or bottom - top < 1:
        raise BadInput("The box is empty; draw it around the thing.")
    return left, top, right, bottom
