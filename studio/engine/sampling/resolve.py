"""Which settings a request really asks for: every None filled in, the impossible refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from studio.engine.sampling.draft import halved, halved_extent
from studio.engine.sampling.recommended import Recommended
from studio.engine.tokens.contour_tokens import check_divides
from studio.scene.errors import RequestError
from studio.scene.geometry import Extent
from studio.scene.request import RenderRequest, ResolvedRequest, Sampling

T = TypeVar("T")
LARGE_SIDE = 1024  # from here up the contour map is read at half size, as the published model does


@dataclass(frozen=True)
class ModelTraits:
    """What resolving must know of the loaded model."""

    digest: str
    recommended: Recommended
    token_pixels: int
    double_blocks: int
    single_blocks: int


def resolve(request: RenderRequest, model: ModelTraits) -> ResolvedRequest:
    """Nothing is done to what was resolved for this very model before."""
    if isinstance(request, ResolvedRequest) and request.model == model.digest:
        return request
    wanted = request.sampling
    if not request.scene.visible_regions and request.scene.caption is None:
        raise RequestError("The scene has neither a caption nor a region; give it one of them.")
    sampling = resolve_sampling(wanted, model)
    extent, step = request.scene.extent, model.token_pixels
    if wanted.draft:
        extent = halved_extent(extent, step * (wanted.contour_scale or 1))
    scale = wanted.contour_scale or _contour_scale(extent, model)
    scene = halved(request.scene, step * scale) if wanted.draft else request.scene
    has_contour = sampling.use_contour and bool(scene.visible_regions)
    check_divides(scene.extent, step, scale if has_contour else 1)
    return ResolvedRequest(
        request.scene,
        replace(sampling, contour_scale=scale),
        rendered=scene,
        token_pixels=step,
        model=model.digest,
        model_size=model.recommended.size,
    )


def resolve_sampling(wanted: Sampling, model: ModelTraits) -> Sampling:
    """Every None that the model alone decides filled in; the contour's scale is the scene's."""
    known = model.recommended
    return replace(
        wanted,
        steps=_steps(wanted, known),
        guidance=_or(wanted.guidance, known.guidance),
        true_cfg=_or(wanted.true_cfg, known.true_cfg),
        negative_caption=_or(wanted.negative_caption, known.negative_caption),
        caption_tokens=_or(wanted.caption_tokens, known.caption_tokens),
        region_tokens=_or(wanted.region_tokens, known.region_tokens),
        isolation_blocks=_isolation(wanted, model),
    )


def _steps(wanted: Sampling, known: Recommended) -> int:
    if wanted.sigmas is None:
        return wanted.steps or (known.draft_steps if wanted.draft else known.steps)
    if not wanted.sigmas:
        raise RequestError("sigmas is empty; give one noise level a step, or leave it out.")
    if wanted.steps not in (None, len(wanted.sigmas)):
        raise RequestError(
            "steps is {steps} but there are {sigmas} sigmas; one level a step.",
            steps=wanted.steps,
            sigmas=len(wanted.sigmas),
        )
    pairs = zip(wanted.sigmas, wanted.sigmas[1:], strict=False)
    if any(later >= earlier for earlier, later in pairs):
        raise RequestError("sigmas must fall from step to step.")
    return len(wanted.sigmas)


def _isolation(wanted: Sampling, model: ModelTraits) -> tuple[int, int] | None:
    """First and last isolated block; None where the model is too small to isolate any."""
    total = model.double_blocks + model.single_blocks
    blocks = wanted.isolation_blocks or model.recommended.isolation_blocks
    if blocks is None:
        half = model.single_blocks // 2
        return (model.double_blocks, model.double_blocks + half - 1) if half else None
    if blocks[1] >= total:
        raise RequestError(
            "isolation_blocks is {blocks}, but this model has blocks 0 to {last}.",
            blocks=blocks,
            last=total - 1,
        )
    return blocks


def _contour_scale(extent: Extent, model: ModelTraits) -> int:
    if model.recommended.contour_scale is not None:
        return model.recommended.contour_scale
    is_large = max(extent) >= LARGE_SIDE
    return 2 if is_large and extent.is_multiple_of(2 * model.token_pixels) else 1


def _or(value: T | None, other: T) -> T:
    return other if value is None else value
