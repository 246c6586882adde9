"""Time and memory of editing a photo of 24 megapixels, beside the model's own steps."""

from __future__ import annotations

import io
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

import studio
from benchmarks.photo_edits import DATA
from studio.engine.engine import Engine
from studio.files.photo_file import read_photo
from studio.files.photo_writer import write_photo
from studio.project.incoming import File
from studio.project.photo_incoming import edited_photo
from studio.project.store.project_folder import ProjectFolder
from studio.scene.photo_layer import composite
from studio.segmentation.segmenter import Segmenter

WIDTH, HEIGHT, REGION = 6000, 4000, 600
Say = Callable[[str], None]


@dataclass(frozen=True)
class Cost:
    """Seconds; memory in GB above what stood before the photo was opened."""

    format: str
    opening: float
    reading: float
    steps: float
    around_steps: float
    writing: float
    memory: float

    @property
    def beside(self) -> float:
        """Everything but the model's own steps."""
        return self.reading + self.around_steps + self.writing


def large_photo(format: str) -> bytes:
    """A photograph enlarged to 24 megapixels, with grain so that it packs like one."""
    small = np.asarray(Image.open(DATA / "photos" / "coffee.jpg").convert("RGB"))
    large = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).normal(0, 2, (HEIGHT, WIDTH, 1)).astype(np.float32)
    pixels = np.clip(large + grain, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    options: dict[str, Any] = {"quality": 92} if format == "JPEG" else {"compress_level": 1}
    Image.fromarray(pixels).save(file, format, **options)
    return file.getvalue()


def cost(engine: Engine, format: str) -> Cost:
    content = large_photo(format)
    mask = np.zeros((HEIGHT, WIDTH), np.bool_)
    mask[1700 : 1700 + REGION, 2700 : 2700 + REGION] = True
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "photo"
        file.write_bytes(content)
        started = time.perf_counter()
        edited_photo(File("photo", content), ProjectFolder(Path(folder) / "project"))
        opening = time.perf_counter() - started
        with _Memory() as memory:
            started = time.perf_counter()
            edit = studio.PhotoEdit(file)
            opened = read_photo(file)
            edit.keep("file", opened)
            reading = time.perf_counter() - started
            steps: list[float] = []
            scene = studio.Scene(WIDTH, HEIGHT, None, [studio.Region(mask, "blue fabric")])
            request = studio.RenderRequest(scene, studio.Sampling(seed=1), edit=edit)
            started = time.perf_counter()
            picture = engine.render(request, on_step=lambda step: steps.append(step.seconds))
            around = time.perf_counter() - started - sum(steps)
            started = time.perf_counter()
            write_photo(opened, composite(opened.photo.pixels, picture.layers))
            writing = time.perf_counter() - started
    return Cost(format, opening, reading, sum(steps), around, writing, memory.gigabytes)


def click_seconds(segmenter: Segmenter, repeats: int = 9) -> float:
    """A click on the photo at the size in which the page shows it, once it is embedded."""
    small = np.asarray(Image.open(DATA / "photos" / "coffee.jpg").convert("RGB"))
    shown = cv2.resize(small, (2048, 1365), interpolation=cv2.INTER_CUBIC)
    embedding = segmenter.embed(np.asarray(shown, np.uint8))
    rng = np.random.default_rng(0)
    spent: list[float] = []
    for _ in range(repeats):
        point = [float(rng.integers(2048)), float(rng.integers(1365))]
        started = time.perf_counter()
        segmenter.segment(embedding, points=[point])
        spent.append(time.perf_counter() - started)
    return float(np.median(spent))


class _Memory:
    """The largest growth of the process while it watches."""

    def __enter__(self) -> _Memory:
        self._start = self._most = _resident()
        self._ends = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._watch.join()

    @property
    def gigabytes(self) -> float:
        return (self._most - self._start) / 2**30

    def _look(self) -> None:
        while not self._ends.wait(0.005):
            self._most = max(self._most, _resident())


def _resident() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)
