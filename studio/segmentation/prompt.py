"""What the user pointed at, checked once at the edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.scene.errors import PromptError
from studio.scene.geometry import Extent
from studio.scene.sentences import say

MOST_POINTS = 64


@dataclass(frozen=True, eq=False)
class Prompt:
    """Clicks in the order they were made; label 1 adds, 0 takes away. Pixels of the picture."""

    points: NDArray[np.float32]  # (n, 2): x, y
    labels: NDArray[np.int64]  # (n,)
    box: NDArray[np.float32] | None  # x0, y0, x1, y1
    mask: NDArray[np.float32] | None  # logits of any size that cover the whole picture

    @property
    def is_ambiguous(self) -> bool:
        """A lone click: it may mean a part, a thing or a group."""
        return len(self.points) == 1 and self.box is None and self.mask is None


def read_prompt(
    extent: Extent,
    points: Any = None,
    labels: Any = None,
    box: Any = None,
    mask: Any = None,
) -> Prompt:
    """Raise PromptError with the first thing that is wrong."""
    clicks = _points(extent, points)
    prompt = Prompt(clicks, _labels(len(clicks), labels), _box(extent, box), _mask(extent, mask))
    if not prompt.labels.any() and prompt.box is None and prompt.mask is None:
        raise PromptError("Nothing points at the thing: click on it, or give a box or a mask.")
    return prompt


def _points(extent: Extent, points: Any) -> NDArray[np.float32]:
    if points is None:
        return np.zeros((0, 2), np.float32)
    clicks = _numbers("points", points)
    if clicks.size == 0:
        return np.zeros((0, 2), np.float32)
    if clicks.ndim != 2 or clicks.shape[1] != 2:
        raise PromptError(
            "Points are pairs (x, y), not an array of shape {shape}.", shape=clicks.shape
        )
    if len(clicks) > MOST_POINTS:
        raise PromptError(
            "There are {count} points; at most {most} are used.",
            count=len(clicks),
            most=MOST_POINTS,
        )
    for x, y in clicks:
        if not (0 <= x < extent.width and 0 <= y < extent.height):
            raise PromptError(
                "The point ({x:g}, {y:g}) is outside the picture of {extent}.",
                x=x,
                y=y,
                extent=extent,
            )
    return clicks


def _labels(count: int, labels: Any) -> NDArray[np.int64]:
    if labels is None:
        return np.ones(count, np.int64)
    values = _numbers("labels", labels).reshape(-1)
    if len(values) != count:
        raise PromptError(
            "There are {count} points but {labels} labels; each has one.",
            count=count,
            labels=len(values),
        )
    if not np.isin(values, (0, 1)).all():
        raise PromptError("A label is 1 (part of the thing) or 0 (not part of it).")
    return values.astype(np.int64)


def _box(extent: Extent, box: Any) -> NDArray[np.float32] | None:
    if box is None:
        return None
    corners = _numbers("box", box)
    if corners.shape != (4,):
        raise PromptError(
            "A box is x0, y0, x1, y1, not an array of shape {shape}.", shape=corners.shape
        )
    x0, y0, x1, y1 = (float(corner) for corner in corners)
    shown = say("The box {x0:g}, {y0:g}, {x1:g}, {y1:g}", x0=x0, y0=y0, x1=x1, y1=y1)
    if x1 <= x0 or y1 <= y0:
        raise PromptError(
            "{shown} is empty or inverted; give left, top, right, bottom.", shown=shown
        )
    if x0 < 0 or y0 < 0 or x1 > extent.width or y1 > extent.height:
        raise PromptError(
            "{shown} reaches outside the picture of {extent}.", shown=shown, extent=extent
        )
    return corners


def _mask(extent: Extent, mask: Any) -> NDArray[np.float32] | None:
    if mask is None:
        return None
    if not isinstance(mask, np.ndarray) or mask.ndim != 2 or mask.size == 0:
        raise PromptError("A mask prompt is a 2-D array, not {shape}.", shape=np.shape(mask))
    if mask.dtype == np.bool_:
        if mask.shape != extent.shape:
            height, width = mask.shape
            raise PromptError(
                "The mask is {width} x {height} pixels; the picture is {extent}.",
                width=width,
                height=height,
                extent=extent,
            )
        return np.where(mask, np.float32(10), np.float32(-10))
    logits = _numbers("mask", mask)
    return np.clip(logits, -32, 32)


def _numbers(name: str, values: Any) -> NDArray[np.float32]:
    try:
        numbers = np.asarray(values, np.float32)
    except (TypeError, ValueError, OverflowError):
        raise PromptError(
            "The {name} are no numbers: {values!r:.80}.", name=name, values=values
        ) from None
    if not np.isfinite(numbers).all():
        raise PromptError("The {name} hold NaN or infinite values.", name=name)
    return numbers
