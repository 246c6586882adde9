"""One region of a scene: where (its mask) and what (its caption)."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from studio.domain.errors import SceneError
from studio.domain.mask import Mask


class Click(NamedTuple):
    """A click that shaped a region; label 1 adds, 0 takes away. Pixels."""

    x: float
    y: float
    label: int


def _new_identity() -> str:
    return uuid.uuid4().hex[:12]


@dataclass(frozen=True)
class Region:
    """A mask with its caption. `gamma` overrides the scene's shape strength for this region.

    `identity` names the region through edits and undo; it is not part of what is rendered and does
    not take part in comparison.
    """

    mask: Mask
    caption: str
    name: str | None = None
    gamma: float | None = None
    is_visible: bool = True
    is_locked: bool = False
    clicks: tuple[Click, ...] = ()
    identity: str = field(default_factory=_new_identity, compare=False)

    def __post_init__(self) -> None:
        mask: Any = self.mask
        if not isinstance(mask, Mask):
            object.__setattr__(self, "mask", Mask(mask))
        caption: Any = self.caption
        if not isinstance(caption, str):
            raise SceneError(f"A region's caption is text, not {type(caption).__name__}.")
        if self.gamma is not None:
            check_gamma(self.gamma, SceneError)


def check_gamma(gamma: Any, error: type[SceneError] | type[Exception] = SceneError) -> None:
    """Raise `error` unless gamma is a number in (0, 1]."""
    is_number = isinstance(gamma, (int, float)) and not isinstance(gamma, bool)
    if not is_number or not math.isfinite(gamma) or not 0 < gamma <= 1:
        raise error(f"Gamma is {gamma!r}; it must be above 0 and at most 1 (1: the exact shape).")
