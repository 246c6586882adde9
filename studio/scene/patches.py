"""Patches of a picture's surroundings that are most like those that touch a hole in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

# arrays whose number types numpy's stubs lose on the way
Values = Any  # float32 (h, w, channels)
Places = Any  # int32 (n, 2): row, column
Field = Any  # int32 (h, w, 2): row and column that each pixel is taken from
Hole = NDArray[np.bool_]

PATCH = 7  # pixels along a side
EXACT_SIDE = 72  # pixels of the longer side, up to which every patch is compared with every other
_REACH = PATCH // 2
_RIM = 2  # pixels around the hole that still show what was there
_FEATURES = 64  # numbers that a patch is told by
_ROUNDS, _FINE_ROUNDS = 4, 2  # of matching and averaging at a level


@dataclass(frozen=True)
class Level:
    values: Values
    hole: Hole

    @property
    def targets(self) -> Places:
        """The centres of all patches that touch the hole."""
        touched = cv2.dilate(self.hole.astype(np.uint8), np.ones((PATCH, PATCH), np.uint8)) > 0
        return np.argwhere(touched).astype(np.int32)

    @property
    def is_source(self) -> Hole:
        """Where a patch is wholly known and inside the picture."""
        side = PATCH + 2 * _RIM
        free = cv2.dilate(self.hole.astype(np.uint8), np.ones((side, side), np.uint8)) == 0
        free[:_REACH] = free[-_REACH:] = False
        free[:, :_REACH] = free[:, -_REACH:] = False
        return free


@dataclass(frozen=True)
class Sources:
    """The surroundings' patches, told by their strongest `_FEATURES` components."""

    is_source: Hole
    features: Values  # (h, w, features); 0 where there is no source
    basis: Values  # (49 x channels, features)

    @classmethod
    def of(cls, level: Level) -> Sources:
        is_source = level.is_source
        places = np.argwhere(is_source).astype(np.int32)
        patches = _patches(level.values, places)
        some = patches[:: max(1, len(patches) // 3000)]
        components: Any = np.linalg.svd(some - some.mean(axis=0), full_matrices=False)[2]
        basis = np.ascontiguousarray(components[:_FEATURES].T)
        features = np.zeros((*is_source.shape, basis.shape[1]), np.float32)
        features[is_source] = patches @ basis
        return cls(is_source, features, basis)

    def drawn(self, count: int, rng: np.random.Generator) -> Places:
        places = np.argwhere(self.is_source).astype(np.int32)
        return places[rng.integers(0, len(places), count)]


def settled(level: Level, guess: Values, field: Field | None) -> tuple[Values, Field]:
    sources, targets = Sources.of(level), level.targets
    is_small = field is None or max(level.hole.shape) <= EXACT_SIDE
    for _ in range(_ROUNDS if is_small else _FINE_ROUNDS):
        patches = _patches(guess, targets) @ sources.basis
        if is_small or field is None:
            found = _exact(sources, patches)
        else:
            found = _refined(sources, targets, patches, field)
        own: Any = identity(level.hole.shape)
        own[targets[:, 0], targets[:, 1]] = found
        field = own
        guess = _voted(level, field) if is_small else copied(level.values, level.hole, field)
    return guess, field


def identity(shape: tuple[int, ...]) -> Field:
    rows, columns = np.indices(shape, dtype=np.int32)
    return np.stack([rows, columns], axis=2)


def _patches(values: Values, places: Places) -> Values:
    """(n, 49 x channels), mirrored at the picture's edge."""
    framed = np.pad(values, ((_REACH, _REACH), (_REACH, _REACH), (0, 0)), mode="reflect")
    rows, columns = places[:, 0], places[:, 1]
    steps = range(PATCH)
    parts = [framed[rows + row, columns + column] for row in steps for column in steps]
    return np.concatenate(parts, axis=1)


def _exact(sources: Sources, patches: Values) -> Places:
    """For each patch the nearest of all sources: |a - b|^2 = |a|^2 - 2ab + |b|^2."""
    places = np.argwhere(sources.is_source).astype(np.int32)
    known = sources.features[places[:, 0], places[:, 1]]
    norms = np.square(known).sum(axis=1)
    found = np.empty(len(patches), np.int64)
    for start in range(0, len(patches), 2048):
        part = patches[start : start + 2048]
        found[start : start + 2048] = (norms - 2 * (part @ known.T)).argmin(axis=1)
    return places[found]


def _refined(sources: Sources, targets: Places, patches: Values, field: Field) -> Places:
    """Barnes et al. (2009): try what the neighbours found, and a few places near the best."""
    rng = np.random.default_rng(0)
    best = _allowed(field[targets[:, 0], targets[:, 1]], sources, rng)
    race = _Race(sources, patches, best)
    height, width = sources.is_source.shape
    reach = max(height, width) // 4
    for spread in (1, 3, 1):
        grown = field.copy()
        grown[targets[:, 0], targets[:, 1]] = race.best
        for step in ((0, spread), (0, -spread), (spread, 0), (-spread, 0)):
            rows = _within(targets[:, 0] + step[0], height)
            columns = _within(targets[:, 1] + step[1], width)
            race.try_out(grown[rows, columns] - np.array(step, np.int32))
        for radius in (reach, reach // 8 + 1, 1):
            race.try_out(race.best + rng.integers(-radius, radius + 1, best.shape, dtype=np.int32))
    return race.best


class _Race:
    """The best source of every patch so far."""

    def __init__(self, sources: Sources, patches: Values, start: Places) -> None:
        self._sources = sources
        self._patches = patches
        self.best = start
        self._cost = self._costs(start, patches)

    def try_out(self, tried: Places) -> None:
        """(n, 2): another place for each patch; what is no source does not count."""
        height, width = self._sources.is_source.shape
        inside = (tried >= 0).all(axis=1) & (tried[:, 0] < height) & (tried[:, 1] < width)
        inside[inside] = self._sources.is_source[tried[inside, 0], tried[inside, 1]]
        which = np.flatnonzero(inside)
        costs = self._costs(tried[which], self._patches[which])
        wins = costs < self._cost[which]
        self.best[which[wins]] = tried[which[wins]]
        self._cost[which[wins]] = costs[wins]

    def _costs(self, places: Places, patches: Values) -> Values:
        difference = self._sources.features[places[:, 0], places[:, 1]] - patches
        return np.einsum("ij,ij->i", difference, difference)


def _allowed(places: Places, sources: Sources, rng: np.random.Generator) -> Places:
    """Places that are no sources are drawn anew."""
    height, width = sources.is_source.shape
    rows, columns = _within(places[:, 0], height), _within(places[:, 1], width)
    fixed = np.stack([rows, columns], axis=1)
    wrong = ~sources.is_source[rows, columns]
    fixed[wrong] = sources.drawn(int(wrong.sum()), rng)
    return fixed


def _voted(level: Level, field: Field) -> Values:
    """Each pixel of the hole: the mean of what the patches that cover it put there."""
    height, width = level.hole.shape
    total = np.zeros_like(level.values)
    count = np.zeros((height, width, 1), np.float32)
    targets = level.targets
    found = field[targets[:, 0], targets[:, 1]]
    for row in range(-_REACH, _REACH + 1):
        for column in range(-_REACH, _REACH + 1):
            rows, columns = targets[:, 0] + row, targets[:, 1] + column
            from_rows, from_columns = found[:, 0] + row, found[:, 1] + column
            fits = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
            fits &= (from_rows >= 0) & (from_rows < height)
            fits &= (from_columns >= 0) & (from_columns < width)
            values = level.values[from_rows[fits], from_columns[fits]]
            total[rows[fits], columns[fits]] += values  # a target lands on a pixel once a step
            count[rows[fits], columns[fits]] += 1
    mean = total / np.maximum(count, 1)
    return cast("Any", np.where(level.hole[:, :, None], mean, level.values))


def copied(values: Values, hole: Hole, sources: Field) -> Values:
    return cast("Any", np.where(hole[:, :, None], taken(values, sources), values))


def taken(values: Values, sources: Field, row: int = 0, column: int = 0) -> Values:
    """Of each pixel's source, or of the pixel `row` below and `column` right of the source."""
    height, width = values.shape[:2]
    rows = _within(sources[:, :, 0] + row, height)
    columns = _within(sources[:, :, 1] + column, width)
    return values[rows, columns]


def _within(places: Any, side: int) -> Any:
    return np.minimum(np.maximum(places, 0), side - 1)
