"""Demo: the scene comes back by itself when a visitor has gone."""

from __future__ import annotations

from studio.project.session import Session
from studio.service.demo import Demo
from studio.ui.api.registry import Answer, Call, Registry
from studio.ui.api.requests import SetDemo

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


@registry.action
def demo(call: Call, given: SetDemo) -> Answer:
    call.session.demo = Demo(call.session, given.minutes) if given.on else None
    return {"demo": demo_view(call.session)}


def demo_view(session: Session) -> Answer | None:
    demo = session.demo
    return None if demo is None else {"minutes": demo.minutes, "resets": demo.resets}
