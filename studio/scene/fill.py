"""A hole in a photo filled from its surroundings: patches of the ring, laid in coarse to fine.

Wexler, Shechtman and Irani's "Space-Time Completion of Video" (2007) for one picture: every patch
that touches the hole looks for the most similar patch of the surroundings, and a pixel becomes the
mean of what its patches found. The search is exact where the picture is small and goes on from
the coarser level's matches where it is large. In the end pixels are copied, not averaged, and what
the copied pieces differ from their new neighbours in brightness is spread out until nobody sees it.
"""

from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.errors import SceneError
from studio.scene.geometry import Bounds, Extent
from studio.scene.mask import Mask
from studio.scene.patches import (
    EXACT_SIDE,
    Field,
    Hole,
    Level,
    Values,
    copied,
    identity,
    settled,
    taken,
)

_WORK_SIDE = 384  # and at which the last matches are made; beyond it matches are scaled up
_TEXTURE_SIDE, _TEXTURE_WEIGHT = 15, 2.0
_EDGE_STEP = 22.0  # levels: what differs more is an edge of a thing
_MOST_CORRECTIONS = 200


def fill_from_surroundings(pixels: Any, hole: NDArray[np.bool_]) -> NDArray[Any]:
    """The picture (h, w) or (h, w, c), 8 or 16 bit, with the hole filled; the rest as it was."""
    if pixels.shape[:2] != hole.shape:
        raise SceneError("Only masks of one size can be combined.")
    box = Mask(hole).bounds
    if box is None:
        return pixels
    if hole.all():
        raise SceneError("There is nothing around the region to fill it from; make it smaller.")
    around = _around(box, hole.shape)
    place = np.s_[around.top : around.bottom, around.left : around.right]
    filled = pixels.copy()
    filled[place] = _filled(np.ascontiguousarray(pixels[place]), hole[place])
    return filled


def _around(box: Bounds, shape: tuple[int, ...]) -> Bounds:
    """The hole's box with as much again on every side."""
    margin = max(32, round(0.75 * max(box.extent)))
    return box.grown(margin, Extent(shape[1], shape[0]))


def _filled(pixels: Any, hole: Hole) -> NDArray[Any]:
    full = _as_colours(pixels)
    scale = min(1.0, _WORK_SIDE / max(hole.shape))
    height, width = (max(1, round(side * scale)) for side in hole.shape)
    told = np.concatenate([full, _TEXTURE_WEIGHT * _texture(full, hole)], axis=2)
    values, small = _shrunk(told, hole, (height, width))
    field = _matches(values, small)
    if field is None:
        return _put(pixels, _smooth(full, hole), hole)
    colours = values[:, :, : full.shape[2]]
    change = _evenness(colours, small, field)
    change = _resized(change, (hole.shape[1], hole.shape[0]), cv2.INTER_LINEAR)
    sources = _enlarged(field, hole.shape)
    return _put(pixels, copied(full, hole, sources) + change, hole)


def _texture(values: Values, hole: Hole) -> Values:
    """(h, w, 2): mean steps along rows and columns around each pixel, of known pixels alone.

    Without them flat patches win, for a flat patch is never far from anything (Newson et al. 2014).
    """
    known = cv2.erode((~hole).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
    light: Any = values[:, :, :3].mean(axis=2)
    size = (_TEXTURE_SIDE, _TEXTURE_SIDE)
    weight = np.maximum(cv2.blur(known, size), 1e-6)
    planes: list[Any] = []
    for dx in (1, 0):
        slope = cast("Values", cv2.Sobel(light, cv2.CV_32F, dx, 1 - dx, ksize=1))
        steps = np.abs(slope)
        planes.append(cv2.blur(steps * known, size) / weight)
    return np.stack(planes, axis=2)


def _as_colours(pixels: Any) -> Values:
    """(h, w, channels) in 0..255."""
    values = pixels.astype(np.float32)
    if pixels.dtype == np.uint16:
        values /= 257
    return values[:, :, None] if values.ndim == 2 else values


def _put(pixels: Any, values: Values, hole: Hole) -> NDArray[Any]:
    scale, top = (257, 65535) if pixels.dtype == np.uint16 else (1, 255)
    whole: Any = np.minimum(np.maximum(np.rint(values * scale), 0), top)
    result = pixels.copy()
    result[hole] = whole.astype(pixels.dtype).reshape(pixels.shape)[hole]
    return result


def _shrunk(values: Values, hole: Hole, shape: tuple[int, int]) -> tuple[Values, Hole]:
    """Known pixels are averaged without what is in the hole."""
    if hole.shape == shape:
        return values, hole
    known = (~hole).astype(np.float32)
    size = (shape[1], shape[0])
    weight = _area(known, size)
    total = _area(values * known[:, :, None], size)
    share: Any = np.maximum(weight, 1e-6)
    return total / share[:, :, None], weight < 0.5


def _area(values: Any, size: tuple[int, int]) -> Any:
    if values.ndim == 2:
        return cast("Any", cv2.resize(values, size, interpolation=cv2.INTER_AREA))
    return _resized(values, size, cv2.INTER_AREA)


def _resized(values: Values, size: tuple[int, int], interpolation: int) -> Values:
    """Plane by plane: OpenCV takes four channels at most."""
    planes: list[Any] = [
        cv2.resize(plane, size, interpolation=interpolation) for plane in _planes(values)
    ]
    return np.stack(planes, axis=2)


def _planes(values: Values) -> Values:
    return np.ascontiguousarray(np.moveaxis(values, 2, 0))


def _matches(values: Values, hole: Hole) -> Field | None:
    """(h, w, 2): where each pixel is best taken from; None where there is no source."""
    levels = [Level(values, hole)]
    while max(levels[-1].hole.shape) > EXACT_SIDE:
        shape = tuple(max(1, (side + 1) // 2) for side in levels[-1].hole.shape)
        levels.append(Level(*_shrunk(levels[-1].values, levels[-1].hole, cast("Any", shape))))
    while len(levels) > 1 and not levels[-1].is_source.any():
        levels.pop()
    if not levels[-1].is_source.any():
        return None
    coarsest = levels[-1]
    guess = _smooth(coarsest.values, coarsest.hole)
    field: Field | None = None
    for level in reversed(levels):
        if field is not None:
            field = _enlarged(field, level.hole.shape)
            guess = copied(level.values, level.hole, field)
        guess, field = settled(level, guess, field)
    return field


def _enlarged(field: Field, shape: tuple[int, ...]) -> Field:
    """The same offsets at another size."""
    height, width = field.shape[:2]
    if (height, width) == shape[:2]:
        return field
    rows, columns = np.indices(shape, dtype=np.float32)
    old_rows = np.minimum(((rows + 0.5) * height / shape[0]).astype(np.int32), height - 1)
    old_columns = np.minimum(((columns + 0.5) * width / shape[1]).astype(np.int32), width - 1)
    offsets = (field - identity((height, width)))[old_rows, old_columns].astype(np.float32)
    offsets *= np.array([shape[0] / height, shape[1] / width], np.float32)
    rounded: Any = np.rint(offsets)
    return rounded.astype(np.int32) + identity(shape)


def _evenness(values: Values, hole: Hole, sources: Field) -> Values:
    """What to add so that neighbours differ as they did where they were copied from.

    Least squares over pairs of neighbours, by conjugate gradients. Steps larger than a few levels
    are edges of things and stay.
    """
    made = copied(values, hole, sources)
    wrong = [_step_error(made, values, sources, axis) for axis in (0, 1)]
    inside = hole[:, :, None].astype(np.float32)
    steps = [inside[1:] + inside[:-1] > 0, inside[:, 1:] + inside[:, :-1] > 0]
    wrong = [error * is_used for error, is_used in zip(wrong, steps, strict=True)]

    def spread(down: Values, right: Values) -> Values:
        total = np.zeros_like(values)
        total[1:] += down
        total[:-1] -= down
        total[:, 1:] += right
        total[:, :-1] -= right
        return total * inside

    def curved(change: Values) -> Values:
        return spread(change[1:] - change[:-1], change[:, 1:] - change[:, :-1])

    change = np.zeros_like(values)
    rest = -spread(*wrong)
    way = rest.copy()
    size = float(np.square(rest).sum())
    first = size
    for _ in range(_MOST_CORRECTIONS):
        if size <= 1e-5 * first or size == 0:
            break
        bent = curved(way)
        length = size / max(float((way * bent).sum()), 1e-12)
        change += length * way
        rest -= length * bent
        before, size = size, float(np.square(rest).sum())
        way = rest + size / before * way
    return change


def _step_error(made: Values, values: Values, sources: Field, axis: int) -> Values:
    """By how much the step from each pixel to the next differs from what the sources show."""
    row, column = (1, 0) if axis == 0 else (0, 1)
    here = taken(values, sources)
    ahead = taken(values, sources, row, column) - here
    behind = here - taken(values, sources, -row, -column)
    if axis == 0:
        error = made[1:] - made[:-1] - (ahead[:-1] + behind[1:]) / 2
    else:
        error = made[:, 1:] - made[:, :-1] - (ahead[:, :-1] + behind[:, 1:]) / 2
    return error * np.exp(-np.square(error / _EDGE_STEP).max(axis=2, keepdims=True))


def _smooth(values: Values, hole: Hole) -> Values:
    """The hole as a membrane over its border."""
    return membrane(values, ~hole)


def membrane(values: Values, is_known: Hole) -> Values:
    """Known values extended harmonically: pulled up from coarse to fine, then relaxed."""
    known = is_known.astype(np.float32)
    if is_known.all() or not is_known.any():
        return values
    height, width = is_known.shape
    if min(height, width) > 2:
        shape = ((height + 1) // 2, (width + 1) // 2)
        small, _ = _shrunk(values, ~is_known, shape)
        coarse = membrane(small, _area(known, (shape[1], shape[0])) > 1e-3)
        start = _resized(coarse, (width, height), cv2.INTER_LINEAR)
    else:
        mean = values[is_known].mean(axis=0)
        start = np.broadcast_to(mean, values.shape).astype(np.float32)
    result = np.where(is_known[:, :, None], values, start).astype(np.float32)
    kernel = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4
    for _ in range(12):
        parts = [
            cv2.filter2D(plane, -1, kernel, borderType=cv2.BORDER_REPLICATE)
            for plane in _planes(result)
        ]
        result = np.where(is_known[:, :, None], values, np.stack(parts, axis=2))
    return result
