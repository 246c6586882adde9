"""An engine and a segmenter that paint flat colours and fail on command: for fault tests only."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from studio.scene.coverage import coverage
from studio.scene.errors import Cancelled, NotFinite, OutOfMemory, PromptError, RequestError
from studio.scene.geometry import Extent
from studio.scene.request import Picture, RenderRequest, ResolvedRequest
from studio.segmentation.segmenter import Candidate, ImageEmbedding


@dataclass(frozen=True)
class Recommended:
    steps: int = 6
    guidance: float = 3.5
    true_cfg: float = 1.0
    negative_caption: str | None = None
    caption_tokens: int = 32
    region_tokens: int = 8
    width: int = 64
    height: int = 48
    draft_steps: int = 3


class Facts(NamedTuple):
    tokens: int
    unknown: tuple[str, ...]


@dataclass
class Script:
    """What goes wrong, and when. `gate`, if set, must open before a step ends."""

    delay: float = 0.0  # seconds a step
    out_of_memory: int = 0  # the next renders that fail so
    is_nan: bool = False
    is_broken: bool = False
    ignores_cancel: bool = False
    gate: threading.Event | None = None


@dataclass
class ScriptedEngine:
    """Each region in a colour of its caption; the background's grey comes from the seed."""

    name: str = "scripted"
    digest: str = "scripted-1"
    token_pixels: int = 8
    recommended: Recommended = field(default_factory=Recommended)
    script: Script = field(default_factory=Script)
    encodings: Counter[str] = field(default_factory=Counter)
    rendering: int = 0
    most_rendering: int = 0
    renders: int = 0
    resolutions: int = 0
    vocabulary: tuple[str, ...] | None = None

    def read_caption(self, caption: str) -> Facts:
        words = caption.split()
        return Facts(len(words) + 1, tuple(word for word in words if word.startswith("zz")))

    def resolve(self, request: RenderRequest) -> ResolvedRequest:
        if isinstance(request, ResolvedRequest) and request.model == self.digest:
            return request
        self.resolutions += 1
        if not request.scene.visible_regions and request.scene.caption is None:
            raise RequestError("The scene has neither a caption nor a region.")
        if not request.scene.extent.is_multiple_of(self.token_pixels):
            raise RequestError("The size does not divide.")
        sampling, known = request.sampling, self.recommended
        steps = sampling.steps or (known.draft_steps if sampling.draft else known.steps)
        resolved = request.with_sampling(
            steps=steps,
            guidance=known.guidance if sampling.guidance is None else sampling.guidance,
            true_cfg=sampling.true_cfg or known.true_cfg,
            contour_scale=sampling.contour_scale or 1,
            caption_tokens=sampling.caption_tokens or known.caption_tokens,
            region_tokens=sampling.region_tokens or known.region_tokens,
        )
        return ResolvedRequest(
            resolved.scene,
            resolved.sampling,
            rendered=resolved.scene,
            token_pixels=self.token_pixels,
            model=self.digest,
        )

    def check(self, request: RenderRequest) -> tuple[str, ...]:
        return ()

    def prepare(self, request: RenderRequest, memo: Any = None) -> Any:
        captions = [region.caption for region in request.scene.visible_regions]
        if request.scene.caption is not None:
            captions.append(request.scene.caption)
        report = SimpleNamespace(
            captions_encoded=0, captions_cached=0, contour_encoded=0, contour_seconds=0.0
        )
        for caption in captions:
            made = self._fetch(memo, "caption", caption)
            report.captions_encoded += made
            report.captions_cached += not made
        masks = "|".join(region.mask.digest for region in request.scene.visible_regions)
        report.contour_encoded = int(self._fetch(memo, "contour", masks))
        report.contour_cached = 1 - report.contour_encoded
        return SimpleNamespace(request=request, report=report, notices=())

    def render(
        self,
        request: RenderRequest,
        conditions: Any = None,
        *,
        on_step: Callable[[Any], None] | None = None,
        cancel: Callable[[], bool] | threading.Event | None = None,
    ) -> Picture:
        cancel = cancel.is_set if isinstance(cancel, threading.Event) else cancel
        self.rendering += 1
        self.most_rendering = max(self.most_rendering, self.rendering)
        try:
            return self._render(request, on_step, cancel)
        finally:
            self.rendering -= 1

    def _render(self, request: RenderRequest, on_step: Any, cancel: Any) -> Picture:
        script, started = self.script, time.perf_counter()
        steps = request.sampling.steps or 1
        for index in range(1, steps + 1):
            if cancel is not None and cancel() and not script.ignores_cancel:
                raise Cancelled("The render was stopped.")
            if script.out_of_memory:
                script.out_of_memory -= 1
                raise OutOfMemory("The device has too little memory.")
            if script.is_nan:
                raise NotFinite("The latents are not finite.")
            if script.is_broken:
                raise KeyError("to_q")
            if script.gate is not None:
                script.gate.wait(5)
            time.sleep(script.delay)
            if on_step is not None:
                on_step(
                    SimpleNamespace(
                        index=index, count=steps, seconds=script.delay, preview=_preview
                    )
                )
        self.renders += 1
        images = [flat_picture(request, number) for number in range(request.sampling.count)]
        return Picture(images, None, request, time.perf_counter() - started)

    def _fetch(self, memo: Any, kind: str, content: str) -> bool:
        made: list[bool] = []

        def make() -> np.ndarray:
            made.append(True)
            self.encodings[kind] += 1
            return np.zeros(64, np.uint8)

        if memo is None:
            make()
        else:
            key = hashlib.blake2b(content.encode(), digest_size=8).hexdigest()
            memo.fetch(f"{kind}:{self.digest}:{key}", make)
        return bool(made)


def flat_picture(request: RenderRequest, number: int = 0) -> Image.Image:
    scene = request.scene
    grey = (request.sampling.seed * 37 + number * 11) % 100 + 20
    pixels = np.full((*scene.extent.shape, 3), grey, np.uint8)
    covered = coverage(scene)
    for region, mask in zip(covered.regions, covered.masks, strict=True):
        digest = hashlib.blake2b(region.caption.encode(), digest_size=3).digest()
        pixels[mask] = [128 + value % 128 for value in digest]
    image = Image.fromarray(pixels)
    if request.sampling.draft:
        image = image.resize((scene.width // 2, scene.height // 2), Image.Resampling.NEAREST)
    return image


def _preview() -> Image.Image:
    return Image.new("RGB", (8, 6), (90, 120, 150))


@dataclass
class FlatSegmenter:
    """Finds the area of one exact colour: at the first click, or the commonest inside a box."""

    name: str = "flat"
    digest: str = "flat-1"
    needs_device: bool = False
    embedded: int = 0

    def embed(self, image: Any) -> ImageEmbedding:
        self.embedded += 1
        pixels = np.asarray(image.convert("RGB") if hasattr(image, "convert") else image)
        height, width = pixels.shape[:2]
        digest = hashlib.blake2b(pixels.tobytes(), digest_size=8).hexdigest()
        return ImageEmbedding(digest, Extent(width, height), self.digest, pixels.nbytes, pixels)

    def segment(
        self,
        embedding: ImageEmbedding,
        points: Sequence[Sequence[float]] | None = None,
        labels: Sequence[int] | None = None,
        box: Sequence[float] | None = None,
        mask: Any = None,
    ) -> list[Candidate]:
        pixels = embedding.features
        if points:
            x, y = points[0][0], points[0][1]
            colour = pixels[int(y), int(x)]
        elif box is not None:
            left, top, right, bottom = (int(side) for side in box)
            inside = pixels[top:bottom, left:right].reshape(-1, 3)
            colours, counts = np.unique(inside, axis=0, return_counts=True)
            colour = colours[counts.argmax()]
        else:
            raise PromptError("Nothing points at the thing.")
        found = (pixels == colour).all(axis=2)
        half = found.copy()
        half[: len(half) // 2] = False
        small = half if half.any() else found
        everything = np.ones_like(found)
        return [
            Candidate(found, 0.9, np.zeros((4, 4), np.float32)),
            Candidate(small, 0.6, np.zeros((4, 4), np.float32)),
            Candidate(everything, 0.3, np.zeros((4, 4), np.float32)),
        ]

    def everything(
        self, embedding: ImageEmbedding, on_progress: Any = None, cancel: Any = None
    ) -> list[Any]:
        pixels = embedding.features
        colours = np.unique(pixels.reshape(-1, 3), axis=0)
        if on_progress is not None:
            on_progress(1.0)
        return [(pixels == colour).all(axis=2) for colour in colours]
