"""The engine: FLUX with the Seg2Any adapters, from a request to a picture."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import diffusers
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.engine import Memo, Prepared
from studio.engine.network.adapters import Adapters, attach, detach
from studio.engine.network.caption_reader import CaptionFacts, CaptionReader
from studio.engine.network.loading import FluxParts
from studio.engine.network.memory import empty_cache, place
from studio.engine.network.transformer import RegionalInputs, RegionalTransformer
from studio.engine.network.weights import digest_files
from studio.engine.photo.changes import changes
from studio.engine.photo.edit_conditions import EditConditions, inner_requests, prepare_edit
from studio.engine.photo.render import EditRender
from studio.engine.photo.resolve import resolve_edit
from studio.engine.sampling.batches import Sample, batches_of
from studio.engine.sampling.conditions import Conditions
from studio.engine.sampling.denoise import Guided, StepCounter, denoise, raise_if_cancelled
from studio.engine.sampling.follow import joined
from studio.engine.sampling.latents import (
    decode,
    encode,
    noise,
    to_images,
    to_tensor,
    vae_factor,
)
from studio.engine.sampling.prepare import (
    Fetch,
    Preparer,
    notices,
    place_regions,
    scene_styles,
    seeded_regions,
)
from studio.engine.sampling.preview import LatentPreview, Matrix, calibration_images, fit_latent_rgb
from studio.engine.sampling.recommended import Recommended
from studio.engine.sampling.resolve import ModelTraits, resolve
from studio.engine.sampling.scene_tokens import SceneTokens, assemble
from studio.engine.sampling.schedule import Schedule, build_schedule
from studio.engine.sampling.step import Cancel, OnStep
from studio.engine.styles.library import StyleLibrary
from studio.engine.tokens.patch_grid import PatchGrid
from studio.files.photo_file import open_photo
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
        self.styles = StyleLibrary(parts.flux)
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

    @property
    def blocks(self) -> int:
        """How many blocks the transformer has, double-stream ones first."""
        flux = self._parts.flux
        return len(flux.transformer_blocks) + len(flux.single_transformer_blocks)

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
        return resolve(request, facts) if request.edit is None else resolve_edit(request, facts)

    def check(self, request: RenderRequest) -> tuple[str, ...]:
        resolved = self.resolve(request)
        if resolved.edit is not None:
            inner = [self.resolve(each) for _, each in inner_requests(resolved, changes(resolved))]
            told = [note for each in inner for note in self.check(each)]
            return tuple(dict.fromkeys([*open_photo(resolved.edit).notices, *told]))
        placed = place_regions(resolved.rendered, self.token_pixels, resolved.sampling)
        told = self.styles.notices(scene_styles(resolved, placed).used)
        return (*notices(self._parts.text, resolved, placed), *told)

    def prepare(
        self, request: RenderRequest, memo: Memo | None = None, *, cancel: Cancel | None = None
    ) -> Prepared:
        """Encode what `memo` does not have."""

        def fetch(key: str, make: Callable[[], Any]) -> Any:
            raise_if_cancelled(cancel)
            return make() if memo is None else memo.fetch(key, make)

        with _memory_errors(self.device):
            resolved = self.resolve(request)
            if resolved.edit is not None:
                return prepare_edit(self, resolved, fetch)
            return self.conditions(resolved, fetch)

    def conditions(self, request: ResolvedRequest, fetch: Fetch) -> Conditions:
        """Of a scene; an edit has those of each of its crops."""
        preparer = Preparer(
            text=self._parts.text,
            vae=self._parts.vae,
            device=self.device,
            dtype=self.dtype,
            digest=self._base_digest,  # no adapter touches an encoder
            token_pixels=self.token_pixels,
            channels=self._config.in_channels,
        )
        conditions = preparer.prepare(request, fetch)
        told = self.styles.notices(conditions.positive.styles.used)
        return replace(conditions, notices=(*conditions.notices, *told)) if told else conditions

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
        plain = [each for each in prepared if isinstance(each, Conditions)]
        if len(plain) == len(prepared):
            pictures = self._render(plain, given, on_step, cancel)
        else:
            pictures = self._render_each(prepared, given, on_step, cancel)
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
                painter = LatentPreview(batch[0].conditions.positive.grid, self.preview_matrix)
                latents = self.sample(batch, painter, counter, cancel)
                counter = counter.after(batch[0].steps)
                for sample, own in zip(batch, latents.split(1), strict=True):
                    finished[sample.place].append(own)
            return [
                self._picture(conditions, own, started)
                for conditions, own in zip(prepared, finished, strict=True)
            ]

    def _render_each(
        self,
        prepared: Sequence[Prepared],
        given: Sequence[Tensor | None],
        on_step: OnStep | None,
        cancel: Cancel | None,
    ) -> list[Picture]:
        """One after the other: crops of photos are of all sizes."""
        return [
            self._edited(each, latents, on_step, cancel)
            if isinstance(each, EditConditions)
            else self._render([each], [latents], on_step, cancel)[0]
            for each, latents in zip(prepared, given, strict=True)
        ]

    def _edited(
        self,
        conditions: EditConditions,
        given: Tensor | None,
        on_step: OnStep | None,
        cancel: Cancel | None,
    ) -> Picture:
        started = time.perf_counter()
        if given is not None:
            raise RequestError("An edit begins from its photo; it takes no initial latents.")
        with _memory_errors(self.device):
            render = EditRender.of(self, conditions)
            render.run(on_step, cancel)
            values = render.finished()
        return Picture(
            request=conditions.request,
            seconds=time.perf_counter() - started,
            notices=conditions.notices,
            made_with=self._made_with(),
            **values,
        )

    def _start(self, conditions: Conditions, given: Tensor | None) -> Tensor:
        """(count, tokens, c): the noise of the seed, or the latents that were given."""
        if given is None:
            return self.noise(conditions)
        grid, channels = conditions.positive.grid, self._config.in_channels
        wanted = (conditions.request.sampling.count, grid.count, channels)
        if tuple(given.shape) != wanted:
            raise RequestError(
                "The initial latents are {shape}; this request needs {wanted} (pictures, tokens, "
                "channels).",
                shape=tuple(given.shape),
                wanted=wanted,
            )
        return given.to(self.dtype)

    def noise(self, conditions: Conditions) -> Tensor:
        """(count, tokens, c) on the CPU; a region with a seed has the noise of that seed."""
        sampling, grid = conditions.request.sampling, conditions.positive.grid
        channels = self._config.in_channels
        drawn = noise(sampling.seed, sampling.count, channels, grid, self.dtype)
        for seed, tokens in seeded_regions(conditions.request, self.token_pixels):
            own = noise(seed, sampling.count, channels, grid, self.dtype)
            drawn[:, tokens] = own[:, tokens]
        return drawn

    def sigmas(self, conditions: Conditions) -> Tensor:
        """(steps,): the noise levels of a render."""
        return self._schedule(conditions).sigmas

    @torch.no_grad()
    def sample(
        self,
        batch: list[Sample],
        painter: LatentPreview,
        counter: StepCounter,
        cancel: Cancel | None,
    ) -> Tensor:
        """(b, tokens, c): the finished latents of pictures that are denoised together."""
        first = batch[0].conditions
        sampling = first.request.sampling
        negatives = [each for sample in batch if (each := sample.conditions.negative) is not None]
        guided = Guided(
            transformer=self._transformer,
            positive=self._inputs(batch, [sample.conditions.positive for sample in batch]),
            negative=self._inputs(batch, negatives) if negatives else None,
            true_cfg=sampling.true_cfg or 1.0,
            guides_every=2 if sampling.draft else 1,
        )
        schedule = self._schedule(first).beginning_at(batch[0].first)
        latents = torch.cat([sample.start for sample in batch]).to(self.device)
        followed = [sample.follow for sample in batch if sample.follow is not None]
        follow = joined(followed).to(self.device) if followed else None
        return denoise(guided, latents, schedule, painter, counter, cancel, follow)

    def encode(self, pixels: NDArray[np.uint8]) -> Tensor:
        """(1, tokens, c): the latents of a picture (h, w, 3)."""
        return encode(self._parts.vae, to_tensor(pixels).to(self.device)).to(self.dtype)

    def decode(self, latents: Tensor, grid: PatchGrid) -> NDArray[np.float32]:
        """(h, w, 3): the picture of latents (1, tokens, c), in levels from 0 to 255."""
        picture = decode(self._parts.vae, latents, grid)[0].float().cpu()
        levels = (picture / 2 + 0.5).clamp(0, 1) * 255
        return np.ascontiguousarray(levels.permute(1, 2, 0).numpy())

    def _schedule(self, conditions: Conditions) -> Schedule:
        sampling, tokens = conditions.request.sampling, conditions.positive.grid.count
        steps = sampling.steps or 0
        return build_schedule(self._parts.scheduler, steps, tokens, sampling.sigmas)

    def _inputs(self, batch: list[Sample], scenes: list[SceneTokens]) -> RegionalInputs:
        sampling = batch[0].conditions.request.sampling
        blocks = sampling.isolation_blocks if sampling.mask_method == "isolate" else None
        isolated = range(blocks[0], blocks[1] + 1) if blocks else range(0)
        guidance = None
        if self._config.guidance_embeds:
            levels = [sample.conditions.request.sampling.guidance for sample in batch]
            guidance = torch.tensor(levels, device=self.device, dtype=torch.float32)
        flux, compiles = self._parts.flux, self._compiles
        return assemble(flux, scenes, isolated, guidance, compiles, self.styles)

    def _picture(self, conditions: Conditions, latents: list[Tensor], started: float) -> Picture:
        grid = conditions.positive.grid
        images = [to_images(decode(self._parts.vae, each, grid))[0] for each in latents]
        return Picture(
            images=images,
            latents=torch.cat(latents).cpu(),
            request=conditions.request,
            seconds=time.perf_counter() - started,
            notices=conditions.notices,
            made_with=self._made_with(),
        )

    def _made_with(self) -> dict[str, str]:
        return {
            "model": self.name,
            "weights": self.digest,
            "torch": torch.__version__,
            "diffusers": diffusers.__version__,
            "device": self.device.type,
            "dtype": str(self.dtype).removeprefix("torch."),
        }

    def preview_matrix(self) -> Matrix:
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
