"""Live mode: how long from a stroke to its picture, and where the time goes.

A real session with the embedded model, spoken to as the page speaks to it, without a browser: a
stroke is committed, a live draft asked for, news polled, the picture fetched. `calm` waits for
each picture; `hurried` lays the next stroke while the draft before it is being drawn.

    python -m benchmarks.live
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.config import Settings, read_settings
from studio.project.history import Node
from studio.project.session import Session
from studio.scene.mask import Mask
from studio.scene.run_lengths import shape_of
from studio.service.studio import Builders, Studio
from studio.ui.api.client import Client
from studio.wiring import build_engine, build_segmenter

# commit: the edit; ask: the request; wait: until the worker begins, its predecessor stopped first;
# keep: PNG with recipe, thumbnail, history; deliver: until the page has the bytes
PARTS = ("commit", "ask", "wait", "encode", "steps", "decode", "keep", "deliver", "total")
_HURRY_SECONDS = 0.15


class TracedEngine:
    """The engine it stands for, and when it began and ended what."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.times: dict[str, float] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def prepare(self, *given: Any, **named: Any) -> Any:
        self.times = {"encode": time.perf_counter()}
        prepared = self._engine.prepare(*given, **named)
        self.times["steps"] = time.perf_counter()
        return prepared

    def render(self, *given: Any, on_step: Callable[[Any], None], **named: Any) -> Any:
        def timed(step: Any) -> None:
            on_step(step)
            self.times["decode"] = time.perf_counter()

        picture = self._engine.render(*given, on_step=timed, **named)
        self.times["keep"] = time.perf_counter()
        return picture


class Page:
    """Says what the browser says, in the same order."""

    def __init__(self, client: Client, size: int | None, regions: int) -> None:
        self.client = client
        self.session: str = client.call("open", {})["session"]
        size = size or client.studio.facts.size.width
        opened = self.ask("new_scene", width=size, height=size)
        self.session = opened["session"]
        self.ask("set_scene", caption="a quiet lake")
        self.random = np.random.default_rng(0)
        self.y, self.x = np.mgrid[:size, :size] / size
        self.regions = [self._draw(number) for number in range(regions)]
        self.seen = 0
        self.committed = self.asked = self.kept = 0.0
        self._watch(client.studio.store.open_project(opened["project"]["id"])[0])

    def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        answer = self.client.call(action, {"session": self.session, **fields})
        assert answer["ok"], f"{action}: {answer['error']}"
        return answer

    def stroke(self, number: int) -> float:
        """Commit a stroke and ask for a live draft; returns when it began."""
        shape = self._spot(0.12)
        began = time.perf_counter()
        self.ask(
            "edit_mask", region=self.regions[number % len(self.regions)], op="replace", shape=shape
        )
        self.committed = time.perf_counter()
        self.job = self.ask("render", quality="live")["job"]["id"]
        self.asked = time.perf_counter()
        return began

    def wait_for_picture(self) -> None:
        """Until the picture of the newest live draft is here, as bytes."""
        while True:
            news = self.ask("poll", seen=self.seen, wait=2.0)
            self.seen = news["seen"]
            job = next(job for job in news["jobs"] if job["id"] == self.job)
            assert job["state"] in ("waiting", "running", "done"), job
            nodes = news.get("history", {"nodes": []})["nodes"]
            live = next((node for node in nodes if node["kind"] == "live"), None)
            if live is not None and live["id"] == self.newest:
                self.client.read_file(self.session, live["images"][0])
                return

    def _watch(self, session: Session) -> None:
        """Note when a picture is in the history."""
        add_node = session.add_node
        self.newest = ""

        def noted(node: Node) -> None:
            self.newest, self.kept = node.identity, time.perf_counter()
            add_node(node)

        session.add_node = noted

    def _draw(self, number: int) -> str:
        caption = ("a red ball", "a blue house", "green grass", "a yellow boat")[number % 4]
        answer = self.ask("add_region", shape=self._spot(0.12), caption=caption)
        return answer["document"]["regions"][-1]["id"]

    def _spot(self, radius: float) -> dict[str, Any]:
        x, y = self.random.uniform(0.2, 0.8, 2)
        return shape_of(Mask((self.x - x) ** 2 + (self.y - y) ** 2 < radius**2))


def measure(page: Page, engine: TracedEngine, strokes: int, *, hurried: bool) -> None:
    """Print the parts of stroke to picture in milliseconds: median and 95th percentile."""
    found: dict[str, list[float]] = {part: [] for part in PARTS}
    for number in range(strokes):
        if hurried:
            page.stroke(number + 1)
            time.sleep(_HURRY_SECONDS)
        began = page.stroke(number)
        page.wait_for_picture()
        here, times = time.perf_counter(), engine.times
        own = [times[name] for name in ("encode", "steps", "decode", "keep")]
        moments = [began, page.committed, page.asked, *own, page.kept, here]
        for part, (start, end) in zip(PARTS, itertools.pairwise(moments), strict=False):
            found[part].append(1000 * (end - start))
        found["total"].append(1000 * (here - began))
        time.sleep(0.3)
    print(f"{'hurried' if hurried else 'calm':8}", *(f"{part:>8}" for part in PARTS))
    for name, pick in (("median", 0.5), ("p95", 0.95)):
        values = (sorted(found[part])[round(pick * (strokes - 1))] for part in PARTS)
        print(f"{name:8}", *(f"{value:8.0f}" for value in values))


def main() -> None:
    parser = argparse.ArgumentParser(description="Live mode: how long from a stroke to its picture")
    parser.add_argument("--strokes", type=int, default=15)
    parser.add_argument("--regions", type=int, default=5)
    parser.add_argument("--size", type=int, help="of the scene; the model's own without it")
    parser.add_argument("--threads", type=int, help="of torch")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    traced: list[TracedEngine] = []

    def engine(settings: Settings) -> Any:
        traced.append(TracedEngine(build_engine(settings)))
        return traced[0]

    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(projects=Path(folder))
        studio = Studio(settings, Builders(engine, build_segmenter))
        job = studio.start()
        while not job.has_ended:
            time.sleep(0.05)
        page = Page(Client(studio), options.size, options.regions)
        page.stroke(0)  # the first draft pays for what later ones find ready
        page.wait_for_picture()
        print(
            f"stroke to picture in ms, {options.strokes} strokes, {torch.get_num_threads()} threads"
        )
        for hurried in (False, True):
            measure(page, traced[0], options.strokes, hurried=hurried)
        studio.close()


if __name__ == "__main__":
    main()
