"""Polygons as masks, pixel for pixel as COCO's own library draws them (rleFrPoly in maskApi.c)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.files.limits import LONGEST_OUTLINE
from studio.scene.geometry import Extent
from studio.scene.run_lengths import decode_runs

_FINE = 5  # the outline is walked in fifths of a pixel


def polygon_pixels(points: NDArray[np.float64], extent: Extent) -> NDArray[np.bool_]:
    """(height, width) from corners (n, 2); ValueError for an outline that is far too long.

    A pixel belongs to the polygon whose outline passes on the far side of its centre, so that
    neighbours with a common edge share no pixel and leave none out.
    """
    x, y = _outline((_FINE * points + 0.5).astype(np.int64))
    is_crossing = x[1:] != x[:-1]  # into another column, where the mask turns on or off
    column = np.where(x[1:] < x[:-1], x[1:], x[1:] - 1)[is_crossing]
    row = np.minimum(y[1:], y[:-1])[is_crossing]
    column = (column + 0.5) / _FINE - 0.5
    row = np.ceil(np.minimum(np.maximum((row + 0.5) / _FINE - 0.5, 0), extent.height))
    is_whole = (np.floor(column) == column) & (column >= 0) & (column <= extent.width - 1)
    turns = (column * extent.height + row)[is_whole].astype(np.int64)
    places, counts = np.unique(turns, return_counts=True)
    area = extent.width * extent.height
    odd = places[(counts % 2 == 1) & (places < area)]  # on and off at one place cancel
    runs = np.diff(np.concatenate(([0], odd, [area])))
    return np.transpose(decode_runs(runs.tolist(), Extent(extent.height, extent.width)))


def _outline(corners: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every point on the closed line through the corners, x and y."""
    ends = np.roll(corners, -1, axis=0)
    moves = np.abs(ends - corners)
    across, down = moves[:, 0], moves[:, 1]
    is_flat = across >= down
    steps = np.where(is_flat, across, down)
    if int(steps.sum()) > LONGEST_OUTLINE * _FINE:
        raise ValueError(f"the outline is longer than {LONGEST_OUTLINE} pixels")
    is_turned = np.where(is_flat, (corners > ends)[:, 0], (corners > ends)[:, 1])
    start = np.where(is_turned[:, None], ends, corners)  # the same points whichever way it goes
    end = np.where(is_turned[:, None], corners, ends)
    slope: NDArray[np.float64] = np.divide(
        np.where(is_flat, end[:, 1] - start[:, 1], end[:, 0] - start[:, 0]),
        steps,
        out=np.zeros(len(steps)),
        where=steps > 0,
    )
    edge = np.repeat(np.arange(len(corners)), steps + 1)
    along = np.arange(len(edge)) - np.repeat(np.cumsum(steps + 1) - steps - 1, steps + 1)
    along = np.where(is_turned[edge], steps[edge] - along, along)
    from_x: NDArray[np.int64] = start[edge, 0]
    from_y: NDArray[np.int64] = start[edge, 1]
    aside = slope[edge] * along
    x = np.where(is_flat[edge], from_x + along, (from_x + aside + 0.5).astype(np.int64))
    y = np.where(is_flat[edge], (from_y + aside + 0.5).astype(np.int64), from_y + along)
    return x, y
