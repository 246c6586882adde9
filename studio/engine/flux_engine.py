"""The engine: FLUX with the Seg2Any adapters, from a request to a picture."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any

import diffusers
import torch
from torch import Tensor

from studio.engine.engine import Memo
from studio.engine.network.adapters import Adapters, attach, detach
from studio.engine.network.caption_reader import CaptionFacts, CaptionReader
from studio.engine.network.loading import FluxParts
from studio.engine.network.memory import empty_cache, place
from studio.engine.network.transformer import RegionalInputs, RegionalTransformer
from studio.engine.network.weights import digest_files
from studio.engine.sampling.batches import Sample, batches_of
from studio.engine.sampling.conditions import Conditions
from studio.engine.sampling.denoise import Guided, StepCounter, denoise, raise_if_cancelled
from studio.engine.sampling.latents import decode, noise, to_images, vae_factor
from studio.engine.sampling.prepare import Preparer, notices, place_regions
from studio.engine.sampling.preview import LatentPreview, Matrix, calibration_images, fit_latent_rgb
from studio.engine.sampling.recommended import Recommended
from studio.engine.sampling.resolve import ModelTraits, resolve
from studio.engine.sampling.scene_tokens import SceneTokens, assemble
from studio.engine.sampling.schedule import build_schedule
from studio.engine.sampling.step import Cancel, OnStep
from studio.scene.errors import OutOfMemory, RequestError
from studio.scene.request import Picture, RenderRequest, ResolvedRequest

_CALIBRATION_PIXELS = 128


class FluxEngine:
    """Renders requests with one base and its adapters. Keeps nothing of any user between calls."""

    def __init__(
        self,
        parts: FluxParts,
        adapters: Adapters,
        recommended: Recommended,
        device: torch.device,
        offload: str = "none",
        compiles: bool = False,
    ) -> None:
        self.recommended = recommended
        self.name = recommended.name
        self.device = device
        self.dtype = parts.vae.dtype
        self.token_pixels = 2 * vae_factor(parts.vae)
        self._parts = parts
        self._config: Any = parts.flux.config
        self._adapters = adapters
        self._transformer = RegionalTransformer(parts.flux, attach(parts.flux, adapters)).eval()
        self._offload = offload
        self._compiles = compiles
        if compiles:
            self._transformer.compile_blocks(dynamic=False)
        self._latent_rgb = recommended.latent_rgb
        self._reader = CaptionReader(parts.text.t5_tokenizer)
        self.vocabulary = self._reader.words
        place([parts.text.clip, parts.text.t5, self._transformer, parts.vae], device, offload)
        self._base_digest = f"{parts.digest}-{str(self.dtype).removeprefix('torch.')}"
        self.digest = self._identity()

    def read_caption(self, caption: str) -> CaptionFacts:
        """Its length in tokens and the words the model does not know; safe from any thread."""
        return self._reader.read(caption)

    def change_adapters(self, adapters: Adapters) -> None:
        """Take the old adapters out of the weights, bit for bit, and put others in."""
        if self._offload != "none":
            raise RequestError(
                "Adapters cannot be changed with offload {offload}; load the engine again.",
                offload=self._offload,
            )
        flux = self._parts.flux
        detach(flux, self._adapters, self._parts.original)
        self._adapters = Adapters()
        self._transformer.contour = attach(flux, adapters)
        self._adapters = adapters
        self.digest = self._identity()

    def resolve(self, request: RenderRequest) -> ResolvedRequest:
        flux = self._parts.flux
        facts = ModelTraits(
            digest=self.digest,
            recommended=self.recommended,
            token_pixels=self.token_pixels,
            double_blocks=len(flux.transformer_blocks),
            single_blocks=len(flux.single_transformer_blocks),
        )
        return resolve(request, facts)

    def check(self, request: RenderRequest) -> tuple[str, ...]:
        resolved = self.resolve(request)
        placed = place_regions(resolved.rendered, self.token_pixels, resolved.sampling)
        return notices(self._parts.text, resolved, placed)

    def prepare(
        self, request: RenderRequest, memo: Memo | None = None, *, cancel: Cancel | None = None
    ) -> Conditions:
        """Encode what `memo` does not have."""
        preparer = Preparer(
            text=self._parts.text,
            vae=self._parts.vae,
            device=self.device,
            dtype=self.dtype,
            digest=self._base_digest,  # no adapter touches an encoder
            token_pixels=self.token_pixels,
            channels=self._config.in_channels,
        )

        def fetch(key: str, make: Callable[[], Any]) -> Any:
            raise_if_cancelled(cancel)
            return make() if memo is None else memo.fetch(key, make)

        with _memory_errors(self.device):
            return preparer.prepare(self.resolve(request), fetch)

    def render(
        self,
        request: RenderRequest | Sequence[RenderRequest],
        conditions: Any = None,
        *,
        initial_latents: Any = None,
        on_step: OnStep | None = None,
        cancel: Cancel | None = None,
    ) -> Any:
        """One picture; with a list of requests a list of them, denoised together."""
        is_one = isinstance(request, RenderRequest)
        requests = [request] if is_one else list(request)
        known = [conditions] if is_one else conditions or [None] * len(requests)
        given = [initial_latents] if is_one else initial_latents or [None] * len(requests)
        prepared = [
            self.prepare(each, cancel=cancel) if own is None else own.serving(self.resolve(each))
            for each, own in zip(requests, known, strict=True)
        ]
        pictures = self._render(prepared, given, on_step, cancel)
        return pictures[0] if is_one else pictures

    def _render(
        self,
        prepared: Sequence[Conditions],
        given: Sequence[Tensor | None],
        on_step: OnStep | None,
        cancel: Cancel | None,
    ) -> list[Picture]:
        started = time.perf_counter()
        samples = [
            Sample(place, conditions, start)
            for place, (conditions, latents) in enumerate(zip(prepared, given, strict=True))
            for start in self._start(conditions, latents).split(1)
        ]
        batches = batches_of(samples)
        counter = StepCounter(sum(batch[0].steps for batch in batches), on_step)
        finished: list[list[Tensor]] = [[] for _ in prepared]
        with _memory_errors(self.device):
            for batch in batches:
                latents = self._sample(batch, counter, cancel)
                counter = counter.after(batch[0].steps)
                for sample, own in zip(batch, latents.split(1), strict=True):
                    finished[sample.place].append(own)
            return [
                self._picture(conditions, own, started)
                for conditions, own in zip(prepared, finished, strict=True)
            ]

    def _start(self, conditions: Conditions, given: Tensor | None) -> Tensor:
        """(count, tokens, c): the noise of the seed, or the latents that were given."""
        sampling, grid = conditions.request.sampling, conditions.positive.grid
        channels = self._config.in_channels
        if given is None:
            return noise(sampling.seed, sampling.count, channels, grid, self.dtype)
        wanted = (sampling.count, grid.count, channels)
        if tuple(given.shape) != wanted:
            raise RequestError(
                "The initial latents are {shape}; this request needs {wanted} (pictures, tokens, "
                "channels).",
                shape=tuple(given.shape),
                wanted=wanted,
            )
        return given.to(self.dtype)

    @torch.no_grad()
    def _sample(self, batch: list[Sample], counter: StepCounter, cancel: Cancel | None) -> Tensor:
        first = batch[0].conditions
        grid, sampling = first.positive.grid, first.request.sampling
        negatives = [each for sample in batch if (each := sample.conditions.negative) is not None]
        guided = Guided(
            transformer=self._transformer,
            positive=self._inputs(batch, [sample.conditions.positive for sample in batch]),
            negative=self._inputs(batch, negatives) if negatives else None,
            true_cfg=sampling.true_cfg or 1.0,
            guides_every=2 if sampling.draft else 1,
        )
        schedule = build_schedule(
            self._parts.scheduler, batch[0].steps, grid.count, sampling.sigmas
        )
        painter = LatentPreview(grid, self._preview_matrix)
        latents = torch.cat([sample.start for sample in batch]).to(self.device)
        return denoise(guided, latents, schedule, painter, counter, cancel)

    def _inputs(self, batch: list[Sample], scenes: list[SceneTokens]) -> RegionalInputs:
        sampling = batch[0].conditions.request.sampling
        blocks = sampling.isolation_blocks if sampling.mask_method == "isolate" else None
        isolated = range(blocks[0], blocks[1] + 1) if blocks else range(0)
        guidance = None
        if self._config.guidance_embeds:
            levels = [sample.conditions.request.sampling.guidance for sample in batch]
            guidance = torch.tensor(levels, device=self.device, dtype=torch.float32)
        return assemble(self._parts.flux, scenes, isolated, guidance, self._compiles)

    def _picture(self, conditions: Conditions, latents: list[Tensor], started: float) -> Picture:
        grid = conditions.positive.grid
        images = [to_images(decode(self._parts.vae, each, grid))[0] for each in latents]
        return Picture(
            images=images,
            latents=torch.cat(latents).cpu(),
            request=conditions.request,
            seconds=time.perf_counter() - started,
            notices=conditions.notices,
            made_with={
                "model": self.name,
                "weights": self.digest,
                "torch": torch.__version__,
                "diffusers": diffusers.__version__,
                "device": self.device.type,
                "dtype": str(self.dtype).removeprefix("torch."),
            },
        )

    def _preview_matrix(self) -> Matrix:
        """The model's own map from latents to colours, fitted at the first preview if need be."""
        if self._latent_rgb is None:
            images = calibration_images(
                self.token_pixels * (_CALIBRATION_PIXELS // self.token_pixels)
            )
            self._latent_rgb = fit_latent_rgb(self._parts.vae, images)
        return self._latent_rgb

    def _identity(self) -> str:
        content = f"{self._base_digest}-{digest_files(self._adapters.files)}"
        return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


@contextmanager
def _memory_errors(device: torch.device):
    try:
        yield
    except torch.OutOfMemoryError as exc:
        empty_cache(device)
        raise OutOfMemory(
            "{device} has too little memory for this render. Try a smaller size, fewer pictures "
            "at once, --offload model, or --quantize nf4.",
            device=device,
        ) from exc
