"""A selection of pieces becomes a mask: its outline is moved to where the colours change."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Extent
from studio.segmentation.click.landscape import WorkingClick

Floats = NDArray[Any]  # float32; OpenCV's stubs lose the type

BAND = 2  # pixels on either side of the outline that may change sides
REACH = 9  # pixels, odd: how far away colours are compared
MARGIN = 16  # pixels around a mask beyond which none can change sides
SPOT = 12  # pixels around a click that it can bring along
LIKE = 12  # of 255: how unlike in each channel they may be
PULL = 0.5  # how much a pixel's present side weighs against its colour


def sharpened(mask: NDArray[np.bool_], picture: NDArray[np.uint8]) -> Floats:
    """Soft membership (h, w), 0..1, above 0.5 inside, from a mask on the picture's grid.

    A pixel of the band goes to the side whose nearby colours it resembles most.
    """
    membership = np.zeros(mask.shape, np.float32)
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    window = np.s_[
        max(0, top - MARGIN) : top + height + MARGIN, max(0, left - MARGIN) : left + width + MARGIN
    ]
    membership[window] = _sharpened(mask[window], picture[window])
    return membership


def _sharpened(mask: NDArray[np.bool_], picture: NDArray[np.uint8]) -> Floats:
    inside = mask.astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * BAND + 1, 2 * BAND + 1))
    sure_in = cv2.erode(inside, kernel, borderValue=1)
    sure_out = 1 - cv2.dilate(inside, kernel, borderValue=0)
    colours = picture.astype(np.float32)
    gap_in, known_in = _gap(colours, sure_in)
    gap_out, known_out = _gap(colours, sure_out)
    spread = 0.15 * (gap_in + gap_out) + 6
    lean = (gap_out - gap_in) / (gap_out + gap_in + spread)
    lean[(known_in < 0.02) | (known_out < 0.02)] = 0
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.5) - 0.5
    soft = cv2.GaussianBlur(2 * PULL * soft + (1 - PULL) * lean, (0, 0), 0.8)
    membership = np.clip(0.5 + soft, 0, 1)
    membership[sure_in > 0] = 1
    membership[sure_out > 0] = 0
    return membership


def _gap(colours: Floats, sure: NDArray[Any]) -> tuple[Floats, Floats]:
    """How far each pixel's colour is from the mean of the sure pixels around it."""
    weight = sure.astype(np.float32)
    share = cv2.blur(weight, (REACH, REACH))
    mean = (
        cv2.blur(colours * weight[..., None], (REACH, REACH)) / np.maximum(share, 1e-3)[..., None]
    )
    difference = colours - mean
    return np.sqrt(np.einsum("hwc,hwc->hw", difference, difference)), share


def honour(membership: Floats, picture: NDArray[np.uint8], clicks: list[WorkingClick]) -> None:
    """Bring clicked pixels that came out on the wrong side to their own, each with the pixels
    around it that have its colour and are nearer to it than to a click of the other label. A
    click always shows."""
    for click in clicks:
        if (membership[click.y, click.x] > 0.5) == click.adds:
            continue
        top, left = max(0, click.y - SPOT), max(0, click.x - SPOT)
        window = np.s_[top : click.y + SPOT + 1, left : click.x + SPOT + 1]
        spot = _alike(np.ascontiguousarray(picture[window]), click.x - left, click.y - top)
        rows, columns = np.indices(spot.shape)
        away = np.hypot(rows + top - click.y, columns + left - click.x)
        for other in clicks:
            if other.adds != click.adds:
                spot &= away < np.hypot(rows + top - other.y, columns + left - other.x)
        membership[window][spot] = float(click.adds)
        membership[click.y, click.x] = float(click.adds)


def _alike(view: NDArray[np.uint8], x: int, y: int) -> NDArray[np.bool_]:
    """The pixels that hang together with (x, y) and have its colour."""
    flooded = np.zeros((view.shape[0] + 2, view.shape[1] + 2), np.uint8)
    tolerance = (LIKE,) * 3
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
    cv2.floodFill(view, flooded, (x, y), 0, tolerance, tolerance, flags)
    return flooded[1:-1, 1:-1] > 0


def at_size(membership: Floats, extent: Extent) -> NDArray[np.bool_]:
    """Grow or shrink the soft membership to the picture and cut it in the middle."""
    if membership.shape == extent.shape:
        return membership > 0.5
    return cv2.resize(membership, tuple(extent), interpolation=cv2.INTER_LINEAR) > 0.5
