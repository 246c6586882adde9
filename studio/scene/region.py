"""One region of a scene: where (its mask) and what (its caption)."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.scene.errors import SceneError
from studio.scene.mask import Mask


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

    def __init__(  # noqa: PLR0913 - a value's fields
        self,
        mask: Mask | NDArray[np.bool_],
        caption: str,
        name: str | None = None,
        gamma: float | None = None,
        is_visible: bool = True,
        is_locked: bool = False,
        clicks: tuple[Click, ...] = (),
        identity: str | None = None,
    ) -> None:
        words: Any = caption
        if not isinstance(words, str):
            raise SceneError(f"A region's caption is text, not {type(words).__name__}.")
        if gamma is not None:
            check_gamma(gamma, SceneError)
        values = {
            "mask": mask if isinstance(mask, Mask) else Mask(mask),
            "caption": words,
            "name": name,
            "gamma": gamma,
            "is_visible": is_visible,
            "is_locked": is_locked,
            "clicks": clicks,
            "identity": identity or _new_identity(),
        }
        for field_name, value in values.items():
            object.__setattr__(self, field_name, value)


def check_gamma(gamma: Any, error: type[SceneError] | type[Exception] = SceneError) -> None:
    """Raise `error` unless gamma is a number in (0, 1]."""
    is_number = isinstance(gamma, (int, float)) and not isinstance(gamma, bool)
    if not is_number or not math.isfinite(gamma) or not 0 < gamma <= 1:
        raise error(f"Gamma is {gamma!r}; it must be above 0 and at most 1 (1: the exact shape).")
