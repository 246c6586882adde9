"""A client on a scripted engine, and a page that talks to it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.ui.api.client import Client
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import open_studio


class Page:
    """One tab: remembers its session and revision, as the browser does."""

    def __init__(self, client: Client, **known: Any) -> None:
        self.client = client
        self.opened = self.take(client.call("open", known))

    def take(self, answer: dict[str, Any]) -> dict[str, Any]:
        if "session" in answer:
            self.session, self.owner = answer["session"], answer["owner"]
            self.project = answer["project"]["id"]
        if "document" in answer:
            self.document = answer["document"]
        return answer

    def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        """The answer to an action that must succeed."""
        answer = self.client.call(action, {"session": self.session, **fields})
        assert answer["ok"], f"{action}: {answer.get('error')}"
        return self.take(json.loads(json.dumps(answer, allow_nan=False)))

    def refused(self, action: str, **fields: Any) -> dict[str, Any]:
        answer = self.client.call(action, {"session": self.session, **fields})
        assert not answer["ok"], f"{action} was not refused"
        return answer

    def draw(self, left: int, top: int, right: int, bottom: int, caption: str = "") -> str:
        """A rectangle; returns the new region's id."""
        box = [left, top, right, bottom]
        counts = [0, (right - left) * (bottom - top)]
        self.ask("add_region", shape={"box": box, "counts": counts}, caption=caption)
        return self.document["regions"][-1]["id"]

    def finish(self, answer: dict[str, Any], seconds: float = 20.0) -> dict[str, Any]:
        """Poll, as the page does, until a job has ended."""
        end, seen = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            news = self.ask("poll", seen=seen, wait=1.0)
            seen = news["seen"]
            job = next(job for job in news["jobs"] if job["id"] == answer["job"]["id"])
            if job["state"] in ("done", "cancelled", "failed"):
                return job
        raise AssertionError(f"the job did not end: {job}")

    def render(self, quality: str = "final", seconds: float = 20.0, **fields: Any) -> str:
        """Render and return the node's id."""
        job = self.finish(self.ask("render", quality=quality, **fields), seconds)
        assert job["state"] == "done", job["error"]
        return job["node"]


def content(state: dict[str, Any]) -> Any:
    """What undo must bring back, of an answer with document and shapes."""
    document = state["document"]
    regions = [{**region, "fidelity": None} for region in document["regions"]]
    names = ("width", "height", "caption", "sampling")
    return [[document[name] for name in names], regions, state["shapes"]]


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def client(tmp_path: Path, engine: ScriptedEngine) -> Iterator[Client]:
    studio = open_studio(tmp_path / "projects", engine)
    yield Client(studio)
    studio.close()


@pytest.fixture
def page(client: Client) -> Page:
    return Page(client)
