"""The drift membrane: a model's decoder shifts colours, smoothly; this takes the shift out again.

Where the photo was kept, the shift can be measured: it is the photo minus what was decoded. A few
smooth waves are fitted to it there, and what they leave is extended harmonically into what is new,
like a soap film over a wire. A new object of another colour keeps it, which Poisson blending would
not allow: no border is made to match.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.floating[Any]]  # (h, w, 3), levels from 0 to 255

LARGEST_SIDE = 128  # the film is smooth, so that it is found at this size
MOST_DRIFT = 40.0  # levels; what differs more is no drift
_SWEEPS = 60
_WAVES = 6  # cosines along each side
_STIFFNESS = 1e-3  # of the waves: how little they may do where nothing was measured
_DOUBT, _TRUST = 0.5, 0.9  # shares of what was measured that the waves explain
_LEAST_KEPT = 0.15  # of a crop; less does not hold the waves


def drift(
    photo: Colours, decoded: Colours, kept: NDArray[np.bool_], smooth: float
) -> NDArray[np.float32]:
    """(h, w, 3): what to add to `decoded`. All zero where nothing was kept.

    kept: (h, w), where `decoded` shows the photo itself; smooth: over how many pixels the shift is
    averaged where it is measured.
    """
    height, width = kept.shape
    if not kept.any():
        return np.zeros(decoded.shape, np.float32)
    scale = min(1.0, LARGEST_SIDE / max(height, width))
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    weight = kept.astype(np.float32)
    gap = np.clip(photo - decoded, -MOST_DRIFT, MOST_DRIFT) * weight[..., None]
    weight = _resized(weight, small)
    gap = _resized(gap, small) / np.maximum(weight, np.float32(1e-6))[..., None]
    known = weight > min(0.5, float(weight.max()) / 2)
    waves = _waves(gap, known)
    rest = _averaged(gap - waves, weight * known, max(0.6, smooth * scale))
    film = waves + _extended(rest, known)
    low, high = gap[known].min(axis=0), gap[known].max(axis=0)
    return _resized(np.clip(film, low, high), (width, height), cv2.INTER_LINEAR)


def _resized(
    values: Colours, size: tuple[int, int], how: int = cv2.INTER_AREA
) -> NDArray[np.float32]:
    if size == (values.shape[1], values.shape[0]):
        return values.astype(np.float32)
    resized = cv2.resize(values.astype(np.float32), size, interpolation=how)
    return np.asarray(resized, np.float32)


def _averaged(values: Colours, weight: NDArray[np.float32], spread: float) -> Colours:
    """The mean around each place of what was measured there."""
    around = cv2.GaussianBlur(weight, (0, 0), spread, borderType=cv2.BORDER_REPLICATE)
    total = cv2.GaussianBlur(
        values * weight[..., None], (0, 0), spread, borderType=cv2.BORDER_REPLICATE
    )
    return (total / np.maximum(around, 1e-6)[..., None]).astype(np.float32)


def _waves(values: Colours, known: NDArray[np.bool_]) -> Colours:
    """The smoothest sum of cosines near what is known: ridge regression, slow waves cheapest.

    Where they explain little of what was measured it is no smooth shift, and they are left out.
    """
    if known.mean() < _LEAST_KEPT:
        return np.zeros_like(values)
    order = np.arange(_WAVES)
    down, across = (
        np.cos(np.pi * np.outer((np.arange(length) + 0.5) / length, order))
        for length in known.shape
    )
    each = np.einsum("yi,xj->yxij", down, across).reshape(known.size, _WAVES**2)
    steepness = np.add.outer(order**2, order**2).ravel()
    used = each[known.ravel()]
    system = used.T @ used / len(used) + _STIFFNESS * np.diag(steepness)
    measured = values[known].astype(np.float64)
    amounts = np.linalg.solve(system, used.T @ measured / len(used))
    spread = measured.var(axis=0)
    explained = 1 - (measured - used @ amounts).var(axis=0) / np.maximum(spread, 1e-6)
    trust = np.clip((explained - _DOUBT) / (_TRUST - _DOUBT), 0, 1)
    return ((each @ amounts).reshape(values.shape) * trust).astype(np.float32)


def _extended(values: Colours, known: NDArray[np.bool_]) -> Colours:
    """The harmonic extension of what is known, coarse to fine: half the size first, then sweeps."""
    if known.all():
        return values
    height, width = known.shape
    if max(height, width) > 4:
        weight = known.astype(np.float32)
        half = ((width + 1) // 2, (height + 1) // 2)
        share = _resized(weight, half)
        coarse = _resized(values * weight[..., None], half)
        coarse = coarse / np.maximum(share, 1e-6)[..., None]
        coarse = _extended(coarse.astype(np.float32), share > 0)
        start = _resized(coarse, (width, height), cv2.INTER_LINEAR)
    else:
        start = np.broadcast_to(values[known].mean(axis=0), values.shape)
    film = np.where(known[..., None], values, start).astype(np.float32)
    return _swept(film, ~known)


def _swept(film: Colours, free: NDArray[np.bool_]) -> Colours:
    """Jacobi sweeps of the Laplace equation over the free places."""
    kernel = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
    is_free = np.broadcast_to(free[..., None], film.shape)
    for _ in range(_SWEEPS):
        mean = cv2.filter2D(film, -1, kernel, borderType=cv2.BORDER_REPLICATE)
        np.copyto(film, mean.reshape(film.shape), where=is_free)
    return film
