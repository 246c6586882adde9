"""The shape of what each option would change, and how central the click lies in it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.segmentation.click.landscape import Floats, Integers, Landscape, Pieces, WorkingClick

FINE = 112  # samples to the longer side of what is measured, at least half of it
COARSE = 4  # pixels to a sample, at most


def shape_features(
    land: Landscape, path: list[int], entry: Integers, click: WorkingClick, is_open: Pieces
) -> Floats:
    """(options, 13). `entry` is the first option that changes each piece."""
    wrong = _depth_at(
        is_open[land.labels[::COARSE, ::COARSE]], click.y // COARSE, click.x // COARSE
    )
    maps: dict[int, Integers] = {}
    rows = [
        _shape(land, index, node, entry, click, wrong * COARSE, maps)
        for index, node in enumerate(path)
    ]
    return np.array(rows, np.float32)


def _shape(
    land: Landscape,
    index: int,
    node: int,
    entry: Integers,
    click: WorkingClick,
    wrong: float,
    maps: dict[int, Integers],
) -> list[float]:
    left, top, right, bottom = (int(side) for side in land.boxes[node])
    step = 1
    while step < COARSE and max(right - left, bottom - top) > step * FINE:
        step *= 2
    left, top = left // step * step, top // step * step
    if step == 1:
        seen = entry[land.labels[top:bottom, left:right]] <= index
    else:
        if step not in maps:
            maps[step] = entry[land.labels[::step, ::step]]
        seen = maps[step][top // step : -(-bottom // step), left // step : -(-right // step)]
        seen = seen <= index
    shape = framed(seen)
    area = float(cv2.countNonZero(shape))
    y, x = (click.y - top) // step + 1, (click.x - left) // step + 1
    if not area:
        return [0.0] * 13
    depth = cv2.distanceTransform(shape, cv2.DIST_L2, 5)
    deepest = float(depth.max())
    here = float(depth[y - 1 : y + 2, x - 1 : x + 2].max())
    box = cv2.boundingRect(shape)
    moments = cv2.moments(shape, binaryImage=True)
    away = np.hypot(moments["m10"] / area - x, moments["m01"] / area - y)
    spread = [moments[key] / area for key in ("mu20", "mu02", "mu11")]
    long = np.hypot(spread[0] - spread[1], 2 * spread[2]) / (spread[0] + spread[1] + 1e-3)
    outlines, _ = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.contourArea(cv2.convexHull(np.concatenate(outlines)))
    filled = sum(cv2.contourArea(one) + len(one) / 2 for one in outlines)
    height, width = land.labels.shape
    touched = (
        (left + (box[0] - 1) * step <= 0)
        + (top + (box[1] - 1) * step <= 0)
        + (left + (box[0] - 1 + box[2]) * step >= width)
        + (top + (box[1] - 1 + box[3]) * step >= height)
    )
    return [
        here / deepest,
        deepest / np.sqrt(area),
        min(here * step / max(wrong, 1.0), 1.5),
        np.log(deepest * step),
        float(away) / np.sqrt(area),
        area / float(box[2] * box[3]),
        min(1.0, area / (hull + 1)),
        min(1.0, area / (filled + 1)),
        float(touched),
        np.log(box[3] / box[2]),
        float(long),
        np.log(len(outlines)),
        np.log1p(wrong),
    ]


def _depth_at(mask: NDArray[np.bool_], y: int, x: int) -> float:
    """Samples to the nearest one outside the mask; the picture ends it too."""
    return float(cv2.distanceTransform(framed(mask), cv2.DIST_L2, 5)[y + 1, x + 1])


def framed(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """(h + 2, w + 2), 0 or 1: with a row of pixels outside all around."""
    frame = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(frame, np.uint8)
