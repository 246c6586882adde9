"""From a resolved request to its conditions: captions encoded, contour encoded, regions sampled."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.network.caption_reader import read_caption
from studio.engine.network.text_encoders import TextEncoders
from studio.engine.sampling.conditions import Conditions, PrepareReport
from studio.engine.sampling.latents import encode, to_tensor
from studio.engine.sampling.scene_tokens import SceneTokens
from studio.engine.styles.rows import SceneStyles
from studio.engine.tokens.contour_tokens import ContourTokens, contour_bias, contour_tokens
from studio.engine.tokens.membership import membership, region_word
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.coverage import owned_masks
from studio.scene.region import Region
from studio.scene.request import RenderRequest, ResolvedRequest, Sampling
from studio.scene.scene import Scene
from studio.scene.sentences import say

T = TypeVar("T")
Fetch = Callable[[str, Callable[[], T]], T]


@dataclass(frozen=True)
class EncodedContour:
    """The contour of one set of masks: where its tokens lie and their latents."""

    tokens: ContourTokens
    latents: Tensor  # (kept, c)

    @property
    def nbytes(self) -> int:
        return self.latents.nbytes + self.tokens.picture.nbytes + self.tokens.positions.nbytes


@dataclass(frozen=True)
class Preparer:
    """The encoders, where they run, and the identity their results are kept under."""

    text: TextEncoders
    vae: AutoencoderKL
    device: torch.device
    dtype: torch.dtype
    digest: str
    token_pixels: int
    channels: int

    def prepare(self, request: ResolvedRequest, fetch: Fetch) -> Conditions:
        report = PrepareReport()
        scene, sampling = request.rendered, request.sampling
        started = time.perf_counter()
        placed = place_regions(scene, self.token_pixels, sampling)
        report.mask_seconds = time.perf_counter() - started
        captions = [region.caption for region in placed.regions]
        pooled = scene.caption if scene.caption is not None else ".".join(captions)
        shape = self._shape(request, scene, placed, fetch, report)
        encodings = _Counted(fetch, report, self.digest)
        positive = self._scene(request, scene.caption, captions, pooled, shape, encodings)
        negative = None
        if wants_negative(request):
            caption = sampling.negative_caption or ""
            instead = [caption] * len(captions)
            negative = self._scene(request, caption, instead, caption, shape, encodings)
        told = notices(self.text, request, placed)
        return Conditions(request, positive, negative, told, report)

    def _scene(
        self,
        request: RenderRequest,
        caption: str | None,
        regions: list[str],
        pooled: str,
        shape: _Shape,
        encodings: _Counted,
    ) -> SceneTokens:
        sampling = request.sampling
        assert sampling.caption_tokens is not None
        assert sampling.region_tokens is not None

        def embed(text: str, tokens: int) -> Tensor:
            key = f"{tokens}:{text}"
            return encodings.caption(
                key, lambda: self.text.embed(text, tokens, self.device).to(self.dtype)
            ).to(self.device)

        return SceneTokens(
            global_text=None if caption is None else embed(caption, sampling.caption_tokens),
            region_texts=tuple(embed(text, sampling.region_tokens) for text in regions),
            pooled=encodings.pooled(
                pooled, lambda: self.text.pool(pooled, self.device).to(self.dtype)
            ).to(self.device),
            grid=shape.placed.grid,
            words=shape.placed.words,
            contour=shape.contour,
            contour_positions=shape.positions,
            contour_bias=shape.bias,
            shares=shape.shares,
            styles=scene_styles(request, shape.placed),
        )

    def _shape(
        self,
        request: RenderRequest,
        scene: Scene,
        placed: PlacedRegions,
        fetch: Fetch,
        report: PrepareReport,
    ) -> _Shape:
        sampling = request.sampling
        shares = None
        if sampling.mask_method == "place" and placed.regions:
            masks = owned_masks(scene, sampling.overlap)
            shares = np.stack([placed.grid.shares(mask) for mask in masks])
        if not sampling.use_contour or not placed.regions:
            none = torch.zeros(0, self.channels, device=self.device, dtype=self.dtype)
            return _Shape(placed, shares, none, np.zeros((0, 3), np.float32), 0.0)
        started = time.perf_counter()
        contour = self._contour(request, scene, fetch, report)
        bias = _contour_bias(request, scene, placed, contour.tokens)
        report.contour_seconds = time.perf_counter() - started
        latents = contour.latents.to(self.device)
        return _Shape(placed, shares, latents, contour.tokens.positions, bias)

    def _contour(
        self, request: RenderRequest, scene: Scene, fetch: Fetch, report: PrepareReport
    ) -> EncodedContour:
        sampling = request.sampling
        scale = sampling.contour_scale or 1
        parts = [sampling.overlap, str(scale), str(sampling.filter_contour), str(scene.extent)]
        parts += [region.mask.digest for region in scene.visible_regions]

        def make() -> EncodedContour:
            report.contour_encoded += 1
            tokens = contour_tokens(
                owned_masks(scene, sampling.overlap),
                scene.extent,
                self.token_pixels,
                scale,
                keep_all=not sampling.filter_contour,
            )
            latents = encode(self.vae, to_tensor(tokens.picture).to(self.device))[0]
            kept = torch.from_numpy(tokens.kept).to(latents.device)
            return EncodedContour(tokens, latents[kept].to(self.dtype))

        contour = fetch(_key("contour", self.digest, "|".join(parts)), make)
        report.contour_cached = 1 - report.contour_encoded
        return contour


class PlacedRegions(NamedTuple):
    """The regions that reach the model, and the tokens each of them holds."""

    grid: PatchGrid
    regions: tuple[Region, ...]
    words: NDArray[np.int64]
    hidden: tuple[Region, ...]
    rescued: tuple[tuple[Region, int], ...]  # too thin for sampling, and their tokens now


def place_regions(scene: Scene, token_pixels: int, sampling: Sampling) -> PlacedRegions:
    visible = scene.visible_regions
    grid = PatchGrid.over(scene.extent, token_pixels)
    masks = [region.mask.pixels for region in visible]
    areas = [region.mask.area for region in visible]
    members = membership(masks, grid, sampling.overlap, sampling.thin_regions, areas)
    kept = tuple(visible[index] for index in members.kept)
    return PlacedRegions(
        grid=grid,
        regions=kept,
        words=members.words,
        hidden=tuple(visible[index] for index in members.hidden),
        rescued=tuple((kept[index], members.counts[index]) for index in members.rescued),
    )


def scene_styles(request: RenderRequest, placed: PlacedRegions) -> SceneStyles:
    regions = tuple(region.style for region in placed.regions)
    return SceneStyles(request.sampling.styles, regions)


def _contour_bias(
    request: RenderRequest, scene: Scene, placed: PlacedRegions, tokens: ContourTokens
) -> NDArray[np.float32] | float:
    sampling = request.sampling
    gammas = [region.gamma for region in placed.regions]
    if all(own is None or own == sampling.gamma for own in gammas):
        return math.log(sampling.gamma)
    masks = owned_masks(scene, sampling.overlap)
    return contour_bias(tokens, masks, gammas, sampling.gamma, sampling.contour_scale or 1)


def seeded_regions(
    request: ResolvedRequest, token_pixels: int
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """The seed of each region that has one of its own, and its tokens."""
    if all(region.seed is None for region in request.rendered.visible_regions):
        return
    placed = place_regions(request.rendered, token_pixels, request.sampling)
    for number, region in enumerate(placed.regions):
        if region.seed is not None:
            bit = region_word(number, len(placed.regions))
            yield region.seed, np.flatnonzero((placed.words & bit).any(axis=1))


def wants_negative(request: RenderRequest) -> bool:
    sampling = request.sampling
    return (sampling.true_cfg or 0) > 1 and sampling.negative_caption is not None


def notices(text: TextEncoders, request: RenderRequest, placed: PlacedRegions) -> tuple[str, ...]:
    """What the user should know: captions cut, unknown words, hidden and very small regions."""
    found: list[str] = []
    for who, caption, tokens in _captions(request, placed):
        read = read_caption(text.t5_tokenizer, caption, tokens)
        lost = read.words_cut
        if lost:
            words = say("1 word was") if lost == 1 else say("{lost} words were", lost=lost)
            found.append(
                say(
                    "{who} is cut: its last {words} not read ({tokens} tokens at most).",
                    who=who,
                    words=words,
                    tokens=tokens,
                )
            )
        if read.unknown:
            found.append(
                say(
                    "{who} has words the model does not know: {words}.",
                    who=who,
                    words=", ".join(read.unknown),
                )
            )
    found += [
        say(
            "Region {name} is hidden by regions above it and is not drawn.",
            name=_called(region),
        )
        for region in placed.hidden
    ]
    found += [_rescue(region, tokens) for region, tokens in placed.rescued]
    return tuple(found)


def _rescue(region: Region, tokens: int) -> str:
    if tokens == 1:
        return say(
            "Region {name} is smaller than one patch; it was given the patch it covers most.",
            name=_called(region),
        )
    return say(
        "Region {name} is thinner than one patch; it was given {tokens} of those it covers most.",
        name=_called(region),
        tokens=tokens,
    )


def _captions(request: RenderRequest, placed: PlacedRegions) -> list[tuple[str, str, int]]:
    """Who says it, what, and in how many tokens."""
    sampling = request.sampling
    tokens, region_tokens = sampling.caption_tokens or 0, sampling.region_tokens or 0
    captions: list[tuple[str, str, int]] = [
        (
            say("The caption of region {name}", name=_called(region)),
            region.caption,
            region_tokens,
        )
        for region in placed.regions
    ]
    if request.scene.caption is not None:
        captions.insert(0, (say("The caption"), request.scene.caption, tokens))
    if wants_negative(request):
        captions.append((say("The negative caption"), sampling.negative_caption or "", tokens))
    return captions


@dataclass(frozen=True)
class _Shape:
    """What the masks say, the same with the caption and with the negative caption."""

    placed: PlacedRegions
    shares: NDArray[np.float32] | None
    contour: Tensor
    positions: NDArray[np.float32]
    bias: NDArray[np.float32] | float


@dataclass(frozen=True)
class _Counted:
    """Fetches encodings and counts which were computed."""

    fetch: Fetch
    report: PrepareReport
    digest: str

    def caption(self, text: str, make: Callable[[], Tensor]) -> Tensor:
        started = time.perf_counter()
        value, is_new = self._fetch("caption", text, make)
        self.report.captions_encoded += is_new
        self.report.captions_cached += not is_new
        self.report.caption_seconds += time.perf_counter() - started
        return value

    def pooled(self, text: str, make: Callable[[], Tensor]) -> Tensor:
        started = time.perf_counter()
        value, is_new = self._fetch("pooled", text, make)
        self.report.pooled_encoded += is_new
        self.report.pooled_cached += not is_new
        self.report.caption_seconds += time.perf_counter() - started
        return value

    def _fetch(self, kind: str, text: str, make: Callable[[], Tensor]) -> tuple[Tensor, bool]:
        made: list[bool] = []

        def counted() -> Tensor:
            made.append(True)
            return make()

        return self.fetch(_key(kind, self.digest, text), counted), bool(made)


def _key(kind: str, digest: str, content: str) -> str:
    text = hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{kind}:{digest}:{text}"


def _called(region: Region) -> str:
    text = region.name or region.caption
    return f'"{text if len(text) <= 40 else text[:39] + "…"}"'
