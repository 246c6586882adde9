"""Demo: the scene comes back by itself when a visitor has gone."""

from __future__ import annotations

from studio.project.session import Session
from studio.service.demo import MINUTES, Demo
from studio.ui.api.payload import Payload
from studio.ui.api.registry import Answer, Call, Registry

registry = Registry()

# what a page does without its visitor
LOOKS = frozenset(
    {
        "contours",
        "demo",
        "diagnostics",
        "document",
        "examples",
        "file",
        "history",
        "model",
        "model_view",
        "poll",
        "preflight",
        "projects",
        "settings",
        "status",
        "storage",
    }
)


@registry.action("on minutes")
def demo(call: Call, given: Payload) -> Answer:
    minutes = given.number("minutes", 0.01, 24 * 60, MINUTES)
    call.session.demo = Demo(call.session, minutes) if given.flag("on") else None
    return {"demo": demo_view(call.session)}


def demo_view(session: Session) -> Answer | None:
    demo = session.demo
    return None if demo is None else {"minutes": demo.minutes, "resets": demo.resets}
