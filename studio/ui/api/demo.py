"""Demo: the scene comes back by itself when a visitor has gone."""

from __future__ import annotations

from studio.project.session import Session
from studio.service.studio import Studio
from studio.ui.api.registry import Answer, Call, Registry
from studio.ui.api.requests import SetDemo

registry = Registry()

# what a page does without its visitor
LOOKS = frozenset(
    {
        "context_boxes",
        "contours",
        "demo",
        "diagnostics",
        "document",
        "examples",
        "file",
        "history",
        "model",
        "model_view",
        "models",
        "photo_tile",
        "poll",
        "preflight",
        "projects",
        "settings",
        "status",
        "storage",
    }
)


@registry.action
def demo(call: Call, given: SetDemo) -> Answer:
    demos, session = call.studio.demos, call.session
    if given.on:
        demos.begin(session, given.minutes)
    else:
        demos.end(session)
    return {"demo": demo_view(call.studio, session)}


def demo_view(studio: Studio, session: Session) -> Answer | None:
    demo = studio.demos.of(session)
    return None if demo is None else {"minutes": demo.minutes, "resets": demo.resets}
