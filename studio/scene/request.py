"""A render request, which alone decides the picture, and the picture that comes of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from studio.scene.coverage import Overlap
from studio.scene.errors import RequestError
from studio.scene.region import check_gamma
from studio.scene.scene import Scene

if TYPE_CHECKING:
    from PIL import Image

MaskMethod = Literal["isolate", "align", "place"]
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Sampling:
    """How a scene is rendered. None means what the loaded model recommends.

    gamma: shape strength in (0, 1]; guidance: embedded guidance; true_cfg: classifier-free guidance
    scale, used above 1 with a negative caption; isolation_blocks: first and last isolated block,
    inclusive, double-stream blocks counted first; contour_scale: the contour map's reduction;
    caption_tokens, region_tokens: fixed lengths of the text encoder; sigmas: own noise levels, one
    a step, before the resolution shift; draft: half size and few steps.
    """

    steps: int | None = None
    guidance: float | None = None
    gamma: float = 1.0
    seed: int = 0
    count: int = 1
    mask_method: MaskMethod = "isolate"
    isolation_blocks: tuple[int, int] | None = None
    contour_scale: int | None = None
    filter_contour: bool = True
    use_contour: bool = True
    overlap: Overlap = "top"
    negative_caption: str | None = None
    true_cfg: float | None = None
    caption_tokens: int | None = None
    region_tokens: int | None = None
    sigmas: tuple[float, ...] | None = None
    draft: bool = False

    def __post_init__(self) -> None:
        check_gamma(self.gamma, RequestError)
        for name in ("seed", "count"):
            if getattr(self, name) is None:
                raise RequestError(f"{name} must be given: a whole number.")
        for name, low, high in _WHOLE_NUMBERS:
            _check_number(name, getattr(self, name), low, high, whole=True)
        for name, low, high in _NUMBERS:
            _check_number(name, getattr(self, name), low, high, whole=False)
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise RequestError(
                    f"{name} is {getattr(self, name)!r}; it must be one of {', '.join(allowed)}."
                )
        if self.isolation_blocks is not None:
            object.__setattr__(self, "isolation_blocks", _block_range(self.isolation_blocks))
        if self.sigmas is not None:
            object.__setattr__(self, "sigmas", tuple(float(sigma) for sigma in self.sigmas))
            for sigma in self.sigmas:
                _check_number("a sigma", sigma, 0.0, 1.0, whole=False)


@dataclass(frozen=True)
class RenderRequest:
    """Everything that decides a picture: the scene and how it is sampled."""

    scene: Scene
    sampling: Sampling = field(default_factory=Sampling)

    def with_sampling(self, **changes: Any) -> RenderRequest:
        return replace(self, sampling=replace(self.sampling, **changes))


@dataclass(frozen=True)
class Picture:
    """A finished render. `latents` is a torch tensor (count, tokens, channels), packed.

    made_with: the model's name, its weights' digest and the versions of what computed the picture;
    it is written beside the recipe and decides nothing.
    """

    images: list[Image.Image]
    latents: Any
    request: RenderRequest
    seconds: float
    notices: tuple[str, ...] = ()
    made_with: Mapping[str, str] = field(default_factory=dict[str, str])


_WHOLE_NUMBERS = (
    ("steps", 1, 1000),
    ("seed", 0, LARGEST_SEED),
    ("count", 1, 64),
    ("contour_scale", 1, 16),
    ("caption_tokens", 1, 4096),
    ("region_tokens", 1, 4096),
)
_NUMBERS = (("guidance", 0.0, 100.0), ("true_cfg", 0.0, 100.0))
_CHOICES = {"mask_method": ("isolate", "align", "place"), "overlap": ("top", "share")}


def _check_number(name: str, value: Any, low: float, high: float, *, whole: bool) -> None:
    if value is None:
        return
    is_number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise RequestError(f"{name} is {value!r}; it must be {kind} from {low:g} to {high:g}.")


def _block_range(blocks: Any) -> tuple[int, int]:
    try:
        first, last = (int(block) for block in blocks)
    except (TypeError, ValueError):
        raise RequestError(
            f"isolation_blocks is {blocks!r}; it must be (first, last), both inclusive."
        ) from None
    if not 0 <= first <= last:
        raise RequestError(f"isolation_blocks is {blocks!r}; the first comes after the last.")
    return first, last
