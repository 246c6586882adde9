"""Smart clicks: on the photo, or on a result."""

from __future__ import annotations

from typing import Any

from studio.scene.errors import BadInput
from studio.scene.run_lengths import shape_of
from studio.service.clicks import choose, submit_proposals
from studio.service.clicks import embed as embed_picture
from studio.ui.api.payload import Payload
from studio.ui.api.registry import Answer, Call, Registry
from studio.ui.api.views import job_view

registry = Registry()


@registry.action("on")
def embed(call: Call, given: Payload) -> Answer:
    done = embed_picture(call.studio, call.session, given.text("on"))
    return {
        "seconds": round(done.seconds, 4),
        "cached": done.was_cached,
        "segmenter": call.studio.segmenter.name,
        "width": done.extent.width,
        "height": done.extent.height,
    }


@registry.action("on points box region hover sequence")
def segment(call: Call, given: Payload) -> Answer:
    found = choose(
        call.studio,
        call.session,
        given.text("on"),
        given.clicks("points") or (),
        _box(call, given),
        is_hover=given.flag("hover", False),
    )
    return {
        "candidates": [
            {"shape": shape_of(each.mask), "score": round(each.score, 4), "name": each.name}
            for each in found.choices
        ],
        "best": found.best,
        "seconds": round(found.seconds, 4),
        "sequence": given.value("sequence", None),
    }


@registry.action("on")
def proposals(call: Call, given: Payload) -> Answer:
    job = submit_proposals(call.studio, call.session, given.text("on"))
    call.session.keep_job(job)
    return {"job": job_view(call.studio, job)}


def _box(call: Call, given: Payload) -> tuple[float, ...] | None:
    """Corners in any order; what lies outside the scene is cut off."""
    if given.value("box", None) is None:
        return None
    sides: list[Any] = given.items("box", most=4)
    if len(sides) != 4:
        raise BadInput("A box is [left, top, right, bottom].")
    x0, y0, x1, y1 = (Payload({"box": side}).number("box", -1e6, 1e6) for side in sides)
    width, height = call.document.scene.extent
    left, right = max(0.0, min(x0, x1)), min(float(width), max(x0, x1))
    top, bottom = max(0.0, min(y0, y1)), min(float(height), max(y0, y1))
    if right - left < 1 or bottom - top < 1:
        raise BadInput("The box is empty; draw it around the thing.")
    return left, top, right, bottom
