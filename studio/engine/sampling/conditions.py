"""Conditions: everything a scene needs before the first step, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.engine.sampling.scene_tokens import SceneTokens
from studio.scene.errors import RequestError
from studio.scene.request import RenderRequest, ResolvedRequest


@dataclass
class PrepareReport:
    """What preparing cost: encodings done, encodings found in the memo, seconds."""

    captions_encoded: int = 0
    captions_cached: int = 0
    caption_seconds: float = 0.0
    pooled_encoded: int = 0
    pooled_cached: int = 0
    contour_encoded: int = 0
    contour_cached: int = 0
    contour_seconds: float = 0.0
    mask_seconds: float = 0.0


@dataclass(frozen=True)
class Conditions:
    """What the model sees of a request, apart from the noise."""

    request: ResolvedRequest
    positive: SceneTokens
    negative: SceneTokens | None  # for true CFG
    notices: tuple[str, ...]
    report: PrepareReport

    def serving(self, request: ResolvedRequest) -> Conditions:
        """The same conditions for a request that differs in the noise or steps alone."""
        if without_steps(request) != without_steps(self.request):
            raise RequestError(
                "These conditions were prepared for another request; prepare this one as well."
            )
        return replace(self, request=request)


def without_steps(request: RenderRequest) -> RenderRequest:
    return request.with_sampling(seed=0, count=1, steps=None, guidance=None, sigmas=None)
