"""A render while it runs: previews, time left, and the pace that later estimates go by."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from PIL import Image

from studio.engine.photo.plan import plan
from studio.jobs.jobs import Job
from studio.scene.request import ResolvedRequest
from studio.service.studio import Studio

if TYPE_CHECKING:
    from studio.engine.sampling.step import Step

FRAME_SECONDS = 0.2  # between two previews
FRAME_SIDE = 384
BRIEF_SECONDS = 1.5  # a live picture that comes sooner needs no previews: they would only flicker


class RenderProgress:
    """Turns steps into progress: previews, time left, and the pace for later estimates."""

    def __init__(self, studio: Studio, job: Job, request: ResolvedRequest) -> None:
        self._studio = studio
        self._job = job
        self._model = studio.engine.digest
        self._units = work_units(request)
        expected = studio.pace.estimate(self._model, "steps", self._units)
        is_brief = expected is not None and expected < BRIEF_SECONDS
        self._has_frames = job.spec.kind != "live" or not is_brief
        self._start = time.perf_counter()
        self._last_step = self._start
        self._last_frame = 0.0
        self._steps = 0

    def __call__(self, step: Step) -> None:
        now = self._last_step = time.perf_counter()
        self._steps = step.count
        left = (now - self._start) / step.index * (step.count - step.index)
        decode = self._studio.pace.estimate(self._model, "decode", self._units)
        frame = None
        is_due = self._has_frames and now - self._last_frame >= FRAME_SECONDS
        if is_due and step.index < step.count:
            self._last_frame = now
            frame = small_jpeg(step.preview(), FRAME_SIDE, enlarge=True)
        phase = "steps" if step.index < step.count else "decode"
        self._job.report(
            phase, step.index, step.count, seconds_left=left + (decode or 0.0), frame=frame
        )

    def finish(self) -> None:
        if self._steps:
            pace, end = self._studio.pace, time.perf_counter()
            pace.remember(self._model, "steps", self._units, self._last_step - self._start)
            pace.remember(self._model, "decode", self._units, end - self._last_step)


def work_units(request: ResolvedRequest) -> float:
    """Tokens times steps times pictures; of an edited photo, the tokens of its crops."""
    sampling = request.sampling
    tokens = image_tokens(request) / (4 if sampling.draft else 1)
    doubled = 2 if (sampling.true_cfg or 0) > 1 and sampling.negative_caption is not None else 1
    return tokens * (sampling.steps or 1) * sampling.count * doubled


def image_tokens(request: ResolvedRequest) -> float:
    extents = [request.scene.extent]
    if request.edit is not None:
        extents = [crop.extent for crop in plan(request)]
    return sum(extent.width * extent.height for extent in extents) / request.token_pixels**2


def small_jpeg(image: Image.Image, side: int, *, enlarge: bool = False) -> bytes:
    """JPEG with its longer side `side`."""
    scale = side / max(image.size)
    if scale < 1 or enlarge:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BICUBIC)
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=82)
    return file.getvalue()
