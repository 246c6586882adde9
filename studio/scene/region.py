"""One region of a scene: where (its mask) and what (its caption)."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.scene.checks import check_number, check_text, check_yes_or_no
from studio.scene.errors import BadInput, SceneError
from studio.scene.mask import Mask
from studio.scene.sentences import say
from studio.scene.style import Style

LARGEST_SEED = 2**63 - 1
WIDEST_FEATHER = 4096  # pixels


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

    seed: the noise of this region alone; strength and feather: its own where a photo is edited;
    style: of this region's words and pixels alone, besides those of the whole picture.
    None stands for the request's. `identity` names the region through edits and undo; it is not
    part of what is rendered and does not take part in comparison.
    """

    mask: Mask
    caption: str
    name: str | None = None
    gamma: float | None = None
    is_visible: bool = True
    is_locked: bool = False
    clicks: tuple[Click, ...] = ()
    identity: str = field(default_factory=_new_identity, compare=False)
    seed: int | None = None
    strength: float | None = None
    feather: float | None = None
    style: Style | None = None

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
        seed: int | None = None,
        strength: float | None = None,
        feather: float | None = None,
        style: Style | None = None,
    ) -> None:
        words: Any = caption
        if not isinstance(words, str):
            raise SceneError("A region's caption is text, not {kind}.", kind=type(words).__name__)
        check_text(say("A region's name"), name, SceneError)
        check_text(say("A region's identity"), identity, SceneError)
        check_yes_or_no(say("A region's is_visible"), is_visible, SceneError)
        check_yes_or_no(say("A region's is_locked"), is_locked, SceneError)
        if gamma is not None:
            check_gamma(gamma, SceneError)
        if strength is not None:
            check_strength(strength, SceneError)
        check_number(say("A region's seed"), seed, (0, LARGEST_SEED), SceneError, whole=True)
        check_feather(feather, SceneError)
        _check_style(style)
        values = {
            "mask": mask if isinstance(mask, Mask) else Mask(mask),
            "caption": words,
            "name": name,
            "gamma": gamma,
            "is_visible": is_visible,
            "is_locked": is_locked,
            "clicks": _clicks(clicks),
            "identity": identity or _new_identity(),
            "seed": seed,
            "strength": strength,
            "feather": feather,
            "style": style,
        }
        for field_name, value in values.items():
            object.__setattr__(self, field_name, value)


def _check_style(style: Any) -> None:
    if style is not None and not isinstance(style, Style):
        raise SceneError(
            "A region's style is {style!r:.60}; it must be a Style, as in Style(FILE, 0.8).",
            style=style,
        )


def _clicks(clicks: Any) -> tuple[Click, ...]:
    try:
        found = tuple(Click(*click) for click in clicks)
    except TypeError:
        raise SceneError(
            "A region's clicks are {clicks!r:.60}; each is (x, y, label).", clicks=clicks
        ) from None
    for click in found:
        place: list[Any] = [click.x, click.y]
        is_place = all(_is_number(value) for value in place)
        if not is_place or click.label not in (0, 1):
            raise SceneError(
                "A click is {click!r:.60}; it must be two numbers and a label, 1 or 0.",
                click=tuple(click),
            )
    return found


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value)


def check_gamma(gamma: Any, error: type[BadInput] = SceneError) -> None:
    """Raise `error` unless gamma is a number in (0, 1]."""
    if not _is_number(gamma) or not 0 < gamma <= 1:
        raise error(
            "Gamma is {gamma!r}; it must be above 0 and at most 1 (1: the exact shape).",
            gamma=gamma,
        )


def check_strength(strength: Any, error: type[BadInput] = SceneError) -> None:
    """Raise `error` unless strength is a number in (0, 1]."""
    if not _is_number(strength) or not 0 < strength <= 1:
        raise error(
            "Strength is {strength!r}; it must be above 0 and at most 1 (1: made anew).",
            strength=strength,
        )


def check_feather(feather: Any, error: type[BadInput] = SceneError) -> None:
    """Raise `error` unless feather is None or a number of pixels."""
    check_number(say("The feather"), feather, (0, WIDEST_FEATHER), error)
