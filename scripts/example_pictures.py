"""Renders what ships with the examples: their thumbnails and gamma strips.

    python -m scripts.example_pictures [EXAMPLE ...]

To be run again when the embedded model or an example has changed; a test says so.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image

from studio.commands.act import await_job, checked
from studio.config import HOME, Settings
from studio.service.ready_strips import write_ready_strip
from studio.service.studio import Builders, Studio
from studio.ui.api.client import Client
from studio.wiring import build_engine, build_segmenter

FOLDER = HOME / "assets" / "examples"
SCALE = 1.25  # of a thumbnail, against the scene
QUALITY = 86


def main() -> None:
    with tempfile.TemporaryDirectory() as projects:
        studio = Studio(Settings(projects=Path(projects)), Builders(build_engine, build_segmenter))
        try:
            studio.start()
            visitor = Visitor(studio)
            while not visitor.ask("status")["ready"]:
                time.sleep(0.2)
            wanted = sys.argv[1:]
            for entry in visitor.ask("examples")["examples"]:
                if entry["kind"] == "sketch" and (not wanted or entry["id"] in wanted):
                    visitor.make(entry["id"])
                    sys.stdout.write(f"{entry['id']}\n")
        finally:
            studio.close()


class Visitor:
    """One tab without a page."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.client = Client(studio)
        self.token = self.client.call("open", {})["session"]

    def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        """The answer, with its job done."""
        answer = checked(self.client.call(action, {"session": self.token, **fields}))
        return checked(await_job(self.client, self.token, answer)) if answer.get("job") else answer

    def make(self, example: str) -> None:
        opened = self.ask("open_example", id=example)
        _, session = self.studio.store.enter(self.token)
        self.ask("strip", quality="final")
        strip = next(reversed(session.strips.values()))
        write_ready_strip(self.studio, session, strip, example, FOLDER)
        self.ask("render", score=False)
        node = session.history.everything[-1]
        picture = Image.open(io.BytesIO(session.folder.get(node.images[0]))).convert("RGB")
        size = [round(SCALE * opened["document"][side]) for side in ("width", "height")]
        picture.resize((size[0], size[1]), Image.Resampling.LANCZOS).save(
            FOLDER / f"{example}.thumb.jpg", quality=QUALITY
        )


if __name__ == "__main__":
    main()
