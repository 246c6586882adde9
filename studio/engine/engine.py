"""The seam between the studio and a model: what an engine is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar, overload

from torch import Tensor

from studio.engine.photo.edit_conditions import EditConditions
from studio.engine.sampling.conditions import Conditions
from studio.engine.sampling.recommended import Recommended
from studio.engine.sampling.step import Cancel, OnStep
from studio.scene.request import Picture, RenderRequest, ResolvedRequest

T = TypeVar("T")
Prepared = Conditions | EditConditions


class Memo(Protocol):
    """Keeps what was computed, by key; values are tensors or objects with `nbytes`."""

    def fetch(self, key: str, make: Callable[[], T]) -> T: ...


class Engine(Protocol):
    """Weights that turn a request into a picture. Holds no state of any user."""

    digest: str  # identity of weights, adapters and number type; part of every memo key
    name: str
    recommended: Recommended
    token_pixels: int

    def resolve(self, request: RenderRequest) -> ResolvedRequest:
        """The request with every None filled in; RequestError where it cannot be rendered.

        What was resolved for this model before is returned as it is, so whoever needs it more than
        once resolves it first and hands that on.
        """
        ...

    def check(self, request: RenderRequest) -> tuple[str, ...]:
        """What the user should know before rendering: captions cut, regions hidden, ..."""
        ...

    def prepare(self, request: RenderRequest, memo: Memo | None = None) -> Prepared: ...

    @overload
    def render(
        self,
        request: RenderRequest,
        conditions: Prepared | None = None,
        *,
        initial_latents: Tensor | None = None,
        on_step: OnStep | None = None,
        cancel: Cancel | None = None,
    ) -> Picture: ...

    @overload
    def render(
        self,
        request: Sequence[RenderRequest],
        conditions: Sequence[Prepared] | None = None,
        *,
        initial_latents: Sequence[Tensor] | None = None,
        on_step: OnStep | None = None,
        cancel: Cancel | None = None,
    ) -> list[Picture]: ...
