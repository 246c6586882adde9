"""Refusing values of a wrong type or range, each with one sentence. None means: not given."""

from __future__ import annotations

import math
from typing import Any

from studio.scene.errors import BadInput
from studio.scene.sentences import say


def check_text(what: str, value: Any, error: type[BadInput]) -> None:
    if value is not None and not isinstance(value, str):
        raise error("{what} is {value!r:.60}; it must be text.", what=what, value=value)


def check_yes_or_no(what: str, value: Any, error: type[BadInput]) -> None:
    if not isinstance(value, bool):
        raise error("{what} is {value!r:.60}; it must be True or False.", what=what, value=value)


def check_number(
    what: str,
    value: Any,
    between: tuple[float, float],
    error: type[BadInput],
    *,
    whole: bool = False,
) -> None:
    """`between`: the least and the most, both allowed. True and False are no numbers."""
    if value is None:
        return
    low, high = between
    is_number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if not is_number or not low <= value <= high or not math.isfinite(value):
        kind = say("a whole number") if whole else say("a number")
        raise error(
            "{what} is {value!r:.60}; it must be {kind} from {low:g} to {high:g}.",
            what=what,
            value=value,
            kind=kind,
            low=low,
            high=high,
        )
