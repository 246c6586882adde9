"""A render request, which alone decides the picture, and the picture that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from studio.scene.checks import check_number, check_text, check_yes_or_no
from studio.scene.coverage import Overlap, ThinRegions
from studio.scene.errors import RequestError
from studio.scene.geometry import Extent
from studio.scene.photo import Pixels
from studio.scene.photo_edit import PhotoEdit
from studio.scene.photo_layer import Outside, PhotoLayer, composite
from studio.scene.region import LARGEST_SEED, check_gamma
from studio.scene.scene import Scene
from studio.scene.sentences import say
from studio.scene.style import Style, check_styles

if TYPE_CHECKING:
    from PIL import Image

MaskMethod = Literal["isolate", "align", "place"]


@dataclass(frozen=True)
class Sampling:
    """How a scene is rendered. None means what the loaded model recommends.

    gamma: shape strength in (0, 1]; guidance: embedded guidance; true_cfg: classifier-free guidance
    scale, used above 1 with a negative caption; isolation_blocks: first and last isolated block,
    inclusive, double-stream blocks counted first; contour_scale: the contour map's reduction;
    thin_regions: `share` gives a region that the tokens' centres miss its share of tokens;
    caption_tokens, region_tokens: fixed lengths of the text encoder; sigmas: own noise levels, one
    a step, before the resolution shift; draft: half size and few steps; styles: of the whole
    picture (a region may have one of its own).
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
    thin_regions: ThinRegions = "share"
    negative_caption: str | None = None
    true_cfg: float | None = None
    caption_tokens: int | None = None
    region_tokens: int | None = None
    sigmas: tuple[float, ...] | None = None
    draft: bool = False
    styles: tuple[Style, ...] = ()

    def __post_init__(self) -> None:
        check_gamma(self.gamma, RequestError)
        for name in ("seed", "count"):
            if getattr(self, name) is None:
                raise RequestError("{name} must be given: a whole number.", name=name)
        for name, low, high in _WHOLE_NUMBERS:
            check_number(name, getattr(self, name), (low, high), RequestError, whole=True)
        for name, low, high in _NUMBERS:
            check_number(name, getattr(self, name), (low, high), RequestError)
        for name in _YES_OR_NO:
            check_yes_or_no(name, getattr(self, name), RequestError)
        check_text("negative_caption", self.negative_caption, RequestError)
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise RequestError(
                    "{name} is {value!r}; it must be one of {allowed}.",
                    name=name,
                    value=getattr(self, name),
                    allowed=", ".join(allowed),
                )
        if self.isolation_blocks is not None:
            object.__setattr__(self, "isolation_blocks", _block_range(self.isolation_blocks))
        if self.sigmas is not None:
            object.__setattr__(self, "sigmas", _noise_levels(self.sigmas))
        object.__setattr__(self, "styles", check_styles(self.styles))


@dataclass(frozen=True)
class RenderRequest:
    """Everything that decides a picture: the scene, how it is sampled, and the photo it edits.

    With an edit the scene has the photo's size, and its visible regions are what changes.
    """

    scene: Scene
    sampling: Sampling = field(default_factory=Sampling)
    edit: PhotoEdit | None = None

    def with_sampling(self, **changes: Any) -> RenderRequest:
        return replace(self, sampling=replace(self.sampling, **changes))


@dataclass(frozen=True, eq=False)
class ResolvedRequest(RenderRequest):
    """A request as one model renders it, made once by `Engine.resolve` and carried from there on.

    Every None of its sampling is filled in. It equals the same request written out in full.

    rendered: the scene in the size that is rendered, half of it for a draft; token_pixels: a
    token's side; model: the digest of the model that it was resolved for; model_size: the size that
    this model knows best.
    """

    rendered: Scene = field(kw_only=True)
    token_pixels: int = field(kw_only=True)
    model: str = field(kw_only=True)
    model_size: Extent = field(kw_only=True, default=Extent(512, 512))

    def with_gamma(self, gamma: float) -> ResolvedRequest:
        """The shape strength decides nothing else, so nothing has to be resolved again."""
        return replace(self, sampling=replace(self.sampling, gamma=gamma))

    def with_sampling(self, **changes: Any) -> RenderRequest:
        """A request that has to be resolved again."""
        return RenderRequest(self.scene, replace(self.sampling, **changes), self.edit)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RenderRequest):
            return NotImplemented
        ours, theirs = (self.scene, self.sampling), (other.scene, other.sampling)
        return ours == theirs and self.edit == other.edit

    __hash__ = RenderRequest.__hash__


@dataclass(frozen=True)
class Picture:
    """A finished render. `latents` is a torch tensor (count, tokens, channels), packed.

    made_with: the model's name, its weights' digest and the versions of what computed the picture;
    it is written beside the recipe and decides nothing. Of an edited photo: `outside`, what
    differs outside its regions; layers: of all pictures, one a changed region and picture.
    """

    images: list[Image.Image]
    latents: Any
    request: RenderRequest
    seconds: float
    notices: tuple[str, ...] = ()
    made_with: Mapping[str, str] = field(default_factory=dict[str, str])
    outside: Outside | None = None
    layers: tuple[PhotoLayer, ...] = ()

    def pixels(self, index: int = 0) -> Pixels:
        """An edited photo at its own depth and mode; PIL has no colour of 16 bits."""
        edit = self.request.edit
        photo = None if edit is None else edit.opened
        if photo is None:
            return np.asarray(self.images[index])
        return composite(photo.pixels, self.layers_of(index))

    def layers_of(self, index: int = 0) -> tuple[PhotoLayer, ...]:
        """Those of one picture, the lowest first."""
        each = len(self.layers) // max(1, len(self.images))
        return self.layers[index * each : (index + 1) * each]


_WHOLE_NUMBERS = (
    ("steps", 1, 1000),
    ("seed", 0, LARGEST_SEED),
    ("count", 1, 64),
    ("contour_scale", 1, 16),
    ("caption_tokens", 1, 4096),
    ("region_tokens", 1, 4096),
)
_NUMBERS = (("guidance", 0.0, 100.0), ("true_cfg", 0.0, 100.0))
_YES_OR_NO = ("filter_contour", "use_contour", "draft")
_CHOICES = {
    "mask_method": ("isolate", "align", "place"),
    "overlap": ("top", "share"),
    "thin_regions": ("share", "published"),
}


def _noise_levels(sigmas: Any) -> tuple[float, ...]:
    if not isinstance(sigmas, (list, tuple)):
        raise RequestError(
            "sigmas is {sigmas!r:.60}; it must be a list of numbers from 0 to 1.", sigmas=sigmas
        )
    levels = cast("list[Any]", sigmas)
    for level in levels:
        if level is None:
            raise RequestError("A sigma is None; it must be a number from 0 to 1.")
        check_number(say("a sigma"), level, (0, 1), RequestError)
    return tuple(float(level) for level in levels)


def _block_range(blocks: Any) -> tuple[int, int]:
    pair = cast("list[Any]", blocks) if isinstance(blocks, (list, tuple)) else []
    if len(pair) != 2 or not all(type(block) is int for block in pair):
        raise RequestError(
            "isolation_blocks is {blocks!r:.60}; it must be (first, last), two whole numbers, "
            "both inclusive.",
            blocks=blocks,
        )
    first, last = pair
    if not 0 <= first <= last:
        raise RequestError(
            "isolation_blocks is {blocks!r}; the first comes after the last.", blocks=blocks
        )
    return first, last
