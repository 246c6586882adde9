"""Demo: the scene comes back by itself when a visitor has gone."""

from __future__ import annotations

from studio.project.session import Session
from studio.service.demo import MINUTES, Demo
from studio.ui.api.client import Answer, Registry, Visit
from studio.ui.api.payload import Payload

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
def demo(visit: Visit, given: Payload) -> Answer:
    minutes = given.number("minutes", 0.01, 24 * 60, MINUTES)
    visit.session.demo = Demo(visit.session, minutes) if given.flag("on") else None
    return {"demo": demo_view(visit.session)}


def demo_view(session: Session) -> Answer | None:
    demo = session.demo
    return None if demo is None else {"minutes": demo.minutes, "resets": demo.resets}
