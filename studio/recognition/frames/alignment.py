"""Where a thing of one frame lies in another: shift, turn and size, found by its colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]  # float32 or float64; OpenCV's stubs lose the type
Move = NDArray[np.float64]  # (2, 3): a place of one frame to its place in another
Picture = NDArray[np.uint8]  # (h, w, 3)

_POINTS = 1500  # of a thing that are compared
_MOST = 60  # of 255: beyond that one colour is as wrong as another
_STEPS = (4.0, 2.0, 1.0, 0.5)  # pixels; degrees and size go along
_ROUNDS = 4
_TURN = 20  # degrees between two places from which an alignment begins
_SEARCH = 28  # pixels around the last place


@dataclass(frozen=True, eq=False)
class Keyframe:
    """A frame in which the thing is known, and a sample of its pixels there."""

    picture: Picture
    within: Floats  # (h, w) 0..1
    places: Floats  # (3, n): x, y, 1
    colours: Floats  # (n, 3)

    @staticmethod
    def of(picture: Picture, within: Floats) -> Keyframe:
        rows, columns = np.nonzero(within > 0.5)
        chosen = np.linspace(0, len(rows) - 1, min(len(rows), _POINTS)).astype(int)
        rows, columns = rows[chosen], columns[chosen]
        smooth = _smooth(picture)
        places = np.stack([columns, rows, np.ones(len(rows))]).astype(np.float64)
        return Keyframe(picture, within, places, smooth[rows, columns])


def aligned(key: Keyframe, picture: Picture, start: Move) -> tuple[Move, float]:
    """The move nearest to `start` by which the thing's colours fit best, and how far they are off.

    Steps of shift, turn and size are halved; each is taken as long as it helps.
    """
    seen = _smooth(picture)
    middle = key.places.mean(axis=1)
    best, off = start, _unlike(key, seen, start)
    for step in _STEPS:
        for _ in range(_ROUNDS):
            tries = [changed(best, middle, *each) for each in _changes(step)]
            offs = [_unlike(key, seen, each) for each in tries]
            nearest = int(np.argmin(offs))
            if offs[nearest] >= off - 1e-3:
                break
            best, off = tries[nearest], offs[nearest]
    return best, off


def shifted(before: Picture, within: Floats, after: Picture) -> Move:
    """The shift that explains best where the thing's pixels went, by matching them all around."""
    left, top, width, height = cv2.boundingRect((within > 0.5).astype(np.uint8))
    rows = slice(max(0, top - _SEARCH), top + height + _SEARCH)
    columns = slice(max(0, left - _SEARCH), left + width + _SEARCH)
    box = np.s_[top : top + height, left : left + width]
    mask = np.repeat((within[box] > 0.5).astype(np.uint8)[..., None], 3, axis=2)
    fit = cv2.matchTemplate(after[rows, columns], before[box], cv2.TM_SQDIFF, mask=mask)
    _, _, (x, y), _ = cv2.minMaxLoc(fit)
    return np.array([[1, 0, columns.start + x - left], [0, 1, rows.start + y - top]], np.float64)


def flowed(within: Floats, flow: Floats) -> Move | None:
    """The shift, turn and size that most of the thing's optical flow (h, w, 2) agrees with."""
    rows, columns = np.nonzero(cv2.erode((within > 0.5).astype(np.uint8), np.ones((3, 3))))
    if len(rows) < 30:
        return None
    chosen = np.linspace(0, len(rows) - 1, min(len(rows), 400)).astype(int)
    rows, columns = rows[chosen], columns[chosen]
    source = np.stack([columns, rows], axis=1).astype(np.float32)
    found: Any = cv2.estimateAffinePartial2D(
        source, source + flow[rows, columns], ransacReprojThreshold=1.5
    )
    return found[0]


def turned(key: Keyframe, within: Floats) -> list[Move]:
    """The moves that put the thing's middle into the middle of a mask, at every turn."""
    rows, columns = np.nonzero(within > 0.5)
    middle = key.places.mean(axis=1)
    shift = (float(columns.mean() - middle[0]), float(rows.mean() - middle[1]))
    still = np.eye(3)[:2]
    return [changed(still, middle, shift, turn, 1.0) for turn in range(0, 360, _TURN)]


def after(first: Move, then: Move) -> Move:
    """One move after another."""
    return then @ np.vstack([first, [0, 0, 1]])


def changed(
    move: Move, middle: Floats, shift: tuple[float, float], turn: float, size: float
) -> Move:
    """The move, and then a little more around where it puts the thing's middle."""
    x, y = move @ middle
    cosine, sine = size * np.cos(np.radians(turn)), size * np.sin(np.radians(turn))
    more = np.array(
        [
            [cosine, -sine, x - cosine * x + sine * y + shift[0]],
            [sine, cosine, y - sine * x - cosine * y + shift[1]],
        ]
    )
    return after(move, more)


def _changes(step: float) -> tuple[tuple[tuple[float, float], float, float], ...]:
    still, turn, growth = (0.0, 0.0), 1.5 * step, 0.015 * step
    return (
        *(((x * step, y * step), 0.0, 1.0) for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1))),
        (still, turn, 1.0),
        (still, -turn, 1.0),
        (still, 0.0, 1 + growth),
        (still, 0.0, 1 - growth),
    )


def _unlike(key: Keyframe, seen: Floats, move: Move) -> float:
    """0..60: the mean difference of the thing's colours from what lies where the move puts them."""
    height, width = seen.shape[:2]
    x, y = move @ key.places
    columns = np.clip(np.rint(x).astype(int), 0, width - 1)
    rows = np.clip(np.rint(y).astype(int), 0, height - 1)
    apart = np.abs(seen[rows, columns] - key.colours).mean(axis=1)
    return float(np.minimum(apart, _MOST).mean())


def _smooth(picture: Picture) -> Floats:
    return cv2.GaussianBlur(picture, (0, 0), 1).astype(np.float32)
