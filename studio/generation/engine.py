"""The seam between the studio and a model: what an engine is asked, and what it answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, overload

from PIL import Image
from torch import Tensor

from studio.domain.request import Picture, RenderRequest
from studio.generation.conditions import Conditions
from studio.generation.preview import LatentPreview
from studio.generation.recommended import Recommended

T = TypeVar("T")
Cancel = Callable[[], bool] | threading.Event


class Memo(Protocol):
    """Keeps what was computed, by key; values are tensors or objects with `nbytes`."""

    def fetch(self, key: str, make: Callable[[], T]) -> T: ...


@dataclass(frozen=True)
class Step:
    """One finished denoising step."""

    index: int  # from 1
    count: int
    sigma: float  # the noise level the step started from
    next_sigma: float  # the noise level left in `latents`
    latents: Tensor  # (b, tokens, c) after the step
    velocity: Tensor  # (b, tokens, c)
    seconds: float
    painter: LatentPreview

    def preview(self, row: int = 0) -> Image.Image:
        """A small picture of where the render is heading: the clean latents as they look now."""
        return self.painter.image(self.latents[row], self.velocity[row], self.next_sigma)


OnStep = Callable[[Step], None]


class Engine(Protocol):
    """Weights that turn a request into a picture. Holds no state of any user."""

    digest: str  # identity of weights, adapters and number type; part of every memo key
    name: str
    recommended: Recommended
    token_pixels: int

    def resolve(self, request: RenderRequest) -> RenderRequest:
        """The request with every None filled in; RequestError where it cannot be rendered."""
        ...

    def check(self, request: RenderRequest) -> tuple[str, ...]:
        """What the user should know before rendering: captions cut, regions hidden, ..."""
        ...

    def prepare(self, request: RenderRequest, memo: Memo | None = None) -> Conditions: ...

    @overload
    def render(
        self,
        request: RenderRequest,
        conditions: Conditions | None = None,
        *,
        initial_latents: Tensor | None = None,
        on_step: OnStep | None = None,
        cancel: Cancel | None = None,
    ) -> Picture: ...

    @overload
    def render(
        self,
        request: Sequence[RenderRequest],
        conditions: Sequence[Conditions] | None = None,
        *,
        initial_latents: Sequence[Tensor] | None = None,
        on_step: OnStep | None = None,
        cancel: Cancel | None = None,
    ) -> list[Picture]: ...
