"""Outlines of things and free shapes, as polygons in a unit box (x to the right, y down)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Polygon = NDArray[np.float64]  # (points, 2), 0..1
Outline = list[Polygon]
_TURN = np.linspace(0, 2 * np.pi, 48, endpoint=False)


def _polar(
    radius: NDArray[np.float64] | float, x: float = 0.5, y: float = 0.5, flat: float = 1.0
) -> Polygon:
    """A closed curve around (x, y); angle 0 points up."""
    return np.stack([x + radius * np.sin(_TURN), y - radius * np.cos(_TURN) * flat], axis=1)


def _points(*pairs: tuple[float, float]) -> Polygon:
    return np.array(pairs, np.float64)


def ellipse(rng: np.random.Generator) -> Outline:
    return [_polar(0.5)]


def blob(rng: np.random.Generator) -> Outline:
    radius = np.full_like(_TURN, 0.38)
    for wave in (2, 3, 4, 5):
        radius += rng.normal(0, 0.09 / wave) * np.cos(wave * _TURN + rng.random() * 7)
    return [np.clip(_polar(radius), 0, 1)]


def polygon(rng: np.random.Generator) -> Outline:
    count = int(rng.integers(3, 8))
    angles = (
        np.arange(count) + rng.uniform(-0.3, 0.3, count)
    ) * 2 * np.pi / count + rng.random() * 7
    radius = rng.uniform(0.4, 0.5, count)
    return [np.stack([0.5 + radius * np.sin(angles), 0.5 - radius * np.cos(angles)], axis=1)]


def rectangle(rng: np.random.Generator) -> Outline:
    return [_points((0, 0), (1, 0), (1, 1), (0, 1))]


def ring(rng: np.random.Generator) -> Outline:
    inner = rng.uniform(0.22, 0.32)
    return [np.concatenate([_polar(0.5), _polar(0.5)[:1], _polar(inner)[:1], _polar(inner)[::-1]])]


def star(rng: np.random.Generator) -> Outline:
    count = 5 if rng.random() < 0.75 else int(rng.integers(4, 9))
    angles = np.arange(2 * count) * np.pi / count
    radius = np.where(np.arange(2 * count) % 2, rng.uniform(0.2, 0.27), 0.5)
    return [np.stack([0.5 + radius * np.sin(angles), 0.5 - radius * np.cos(angles)], axis=1)]


def heart(rng: np.random.Generator) -> Outline:
    x = 16 * np.sin(_TURN) ** 3
    y = 13 * np.cos(_TURN) - 5 * np.cos(2 * _TURN) - 2 * np.cos(3 * _TURN) - np.cos(4 * _TURN)
    return [np.stack([0.5 + x / 33, 0.46 - y / 30], axis=1)]


def moon(rng: np.random.Generator) -> Outline:
    half = np.linspace(0, np.pi, 30)
    outer = np.stack([0.62 - 0.55 * np.sin(half), 0.5 - 0.5 * np.cos(half)], axis=1)
    inner = np.stack(
        [0.62 - rng.uniform(0.1, 0.2) * np.sin(half), 0.5 - 0.5 * np.cos(half)], axis=1
    )
    return [np.concatenate([outer, inner[::-1]])]


def balloon(rng: np.random.Generator) -> Outline:
    body = _polar(0.45, 0.5, 0.44, 0.96)
    body[:, 0] = 0.5 + (body[:, 0] - 0.5) * (1.05 - 0.45 * np.clip(body[:, 1] - 0.4, 0, 1))
    return [body, _points((0.5, 0.84), (0.58, 0.97), (0.42, 0.97))]


def apple(rng: np.random.Generator) -> Outline:
    radius = 0.44 * (1 - 0.16 * np.exp(-((np.minimum(_TURN, 2 * np.pi - _TURN) / 0.35) ** 2)))
    stem = _points((0.48, 0.22), (0.53, 0.0), (0.58, 0.02), (0.53, 0.22))
    return [_polar(radius, 0.5, 0.56), stem, _leaf_at(0.54, 0.12, 0.9, 0.03, 0.13)]


def _leaf_at(x0: float, y0: float, x1: float, y1: float, wide: float) -> Polygon:
    t = np.linspace(0, 1, 14)
    bulge = np.sin(t * np.pi) * wide / 2
    along = np.array([x1 - x0, y1 - y0])
    side = np.array([-along[1], along[0]]) / max(np.hypot(*along), 1e-6)
    middle = np.array([x0, y0]) + t[:, None] * along
    return np.concatenate([middle + bulge[:, None] * side, (middle - bulge[:, None] * side)[::-1]])


def leaf(rng: np.random.Generator) -> Outline:
    return [
        _leaf_at(0.12, 0.92, 0.95, 0.04, 0.52),
        _points((0, 1), (0.03, 1), (0.2, 0.88), (0.17, 0.83)),
    ]


def flower(rng: np.random.Generator) -> Outline:
    count = int(rng.integers(5, 8))
    return [_polar(0.36 + 0.13 * np.cos(count * _TURN))]


def mushroom(rng: np.random.Generator) -> Outline:
    half = np.linspace(-np.pi / 2, np.pi / 2, 24)
    cap = np.stack([0.5 + 0.5 * np.sin(half), 0.56 - 0.54 * np.cos(half)], axis=1)
    return [cap, _points((0.38, 0.5), (0.62, 0.5), (0.66, 0.96), (0.6, 1), (0.4, 1), (0.34, 0.96))]


def tree(rng: np.random.Generator) -> Outline:
    radius = (
        0.36
        + 0.05 * np.cos(7 * _TURN + rng.random() * 7)
        + 0.03 * np.cos(3 * _TURN + rng.random() * 7)
    )
    crown = np.clip(_polar(radius * 1.2, 0.5, 0.36, 0.85), 0, 1)
    return [crown, _points((0.44, 0.6), (0.56, 0.6), (0.6, 1), (0.4, 1))]


def fir(rng: np.random.Generator) -> Outline:
    left = [
        (0.5, 0.0),
        (0.3, 0.3),
        (0.4, 0.3),
        (0.16, 0.6),
        (0.3, 0.6),
        (0.02, 0.88),
        (0.44, 0.88),
        (0.44, 1.0),
    ]
    return [_points(*left, *[(1 - x, y) for x, y in left[::-1]])]


def house(rng: np.random.Generator) -> Outline:
    eave = rng.uniform(0.34, 0.46)
    return [
        _points((0.5, 0), (1, eave), (0.93, eave), (0.93, 1), (0.07, 1), (0.07, eave), (0, eave))
    ]


def tower(rng: np.random.Generator) -> Outline:
    top = [
        (0.0, 0.3),
        (0.0, 0.16),
        (0.16, 0.16),
        (0.16, 0.22),
        (0.33, 0.22),
        (0.33, 0.16),
        (0.45, 0.16),
    ]
    left = [(0.12, 1.0), (0.12, 0.38), *top]
    return [_points(*left, *[(1 - x, y) for x, y in left[::-1]])]


def boat(rng: np.random.Generator) -> Outline:
    hull = _points((0.0, 0.72), (1.0, 0.72), (0.84, 1.0), (0.16, 1.0))
    return [
        hull,
        _points((0.46, 0.0), (0.50, 0.0), (0.50, 0.74), (0.46, 0.74)),
        _points((0.52, 0.04), (0.92, 0.64), (0.52, 0.64)),
        _points((0.44, 0.14), (0.44, 0.64), (0.12, 0.64)),
    ]


def fish(rng: np.random.Generator) -> Outline:
    body = _polar(0.5, 0.42, 0.5, 0.72)
    body[:, 0] = 0.40 + (body[:, 0] - 0.42) * 0.8
    tail = _points((0.70, 0.5), (1.0, 0.12), (0.93, 0.5), (1.0, 0.88))
    return [body, tail, _points((0.3, 0.2), (0.5, 0.0), (0.6, 0.25))]


def bird(rng: np.random.Generator) -> Outline:
    body = _polar(0.5, 0.5, 0.58, 0.50)
    body[:, 0] = 0.5 + (body[:, 0] - 0.5) * 0.68
    head = _polar(0.17, 0.24, 0.32)
    return [
        body,
        head,
        _points((0.1, 0.28), (0.0, 0.36), (0.12, 0.40)),
        _points((0.74, 0.46), (1.0, 0.30), (1.0, 0.52), (0.78, 0.68)),
        _points((0.44, 0.8), (0.48, 0.8), (0.48, 1), (0.44, 1)),
        _points((0.56, 0.8), (0.6, 0.8), (0.6, 1), (0.56, 1)),
    ]


def butterfly(rng: np.random.Generator) -> Outline:
    upper = _polar(0.5, 0.25, 0.28, 0.58)
    upper[:, 0] = 0.26 + (upper[:, 0] - 0.25) * 0.5
    lower = _polar(0.5, 0.3, 0.75, 0.48)
    lower[:, 0] = 0.31 + (lower[:, 0] - 0.3) * 0.36
    body = _polar(0.5, 0.5, 0.5, 0.8)
    body[:, 0] = 0.5 + (body[:, 0] - 0.5) * 0.13
    flip = np.array([1.0, 0.0])
    return [upper, lower, flip + upper * (-1, 1), flip + lower * (-1, 1), body]


def car(rng: np.random.Generator) -> Outline:
    body = _points(
        (0.0, 0.62),
        (0.05, 0.46),
        (0.22, 0.42),
        (0.34, 0.10),
        (0.70, 0.10),
        (0.84, 0.42),
        (0.97, 0.48),
        (1.0, 0.80),
        (0.0, 0.80),
    )
    return [body, _polar(0.13, 0.22, 0.80, 1.5), _polar(0.13, 0.78, 0.80, 1.5)]


def cup(rng: np.random.Generator) -> Outline:
    handle = np.concatenate(
        [
            _polar(0.24, 0.76, 0.48, 1.1),
            _polar(0.24, 0.76, 0.48, 1.1)[:1],
            _polar(0.14, 0.76, 0.48, 1.1)[:1],
            _polar(0.14, 0.76, 0.48, 1.1)[::-1],
        ]
    )
    return [
        _points(
            (0.0, 0.06),
            (0.1, 0.0),
            (0.68, 0.0),
            (0.78, 0.06),
            (0.68, 0.92),
            (0.58, 1),
            (0.2, 1),
            (0.1, 0.92),
        ),
        handle,
    ]


def lamp(rng: np.random.Generator) -> Outline:
    return [
        _points((0.3, 0.0), (0.7, 0.0), (1.0, 0.52), (0.0, 0.52)),
        _points((0.46, 0.5), (0.54, 0.5), (0.54, 0.92), (0.46, 0.92)),
        _points((0.25, 1.0), (0.3, 0.9), (0.7, 0.9), (0.75, 1.0)),
    ]


def sun(rng: np.random.Generator) -> Outline:
    count = int(rng.integers(9, 14))
    angles = np.arange(2 * count) * np.pi / count
    radius = np.where(np.arange(2 * count) % 2, 0.36, 0.5)
    return [np.stack([0.5 + radius * np.sin(angles), 0.5 - radius * np.cos(angles)], axis=1)]


def umbrella(rng: np.random.Generator) -> Outline:
    half = np.linspace(-np.pi / 2, np.pi / 2, 24)
    top = np.stack([0.5 + 0.5 * np.sin(half), 0.5 - 0.5 * np.cos(half)], axis=1)
    edge = _points((0.83, 0.44), (0.66, 0.5), (0.5, 0.44), (0.34, 0.5), (0.17, 0.44))
    return [
        np.concatenate([top, edge]),
        _points((0.48, 0.4), (0.53, 0.4), (0.53, 1.0), (0.48, 1.0)),
        _points((0.36, 0.92), (0.53, 0.92), (0.53, 1.0), (0.36, 1.0)),
    ]


def cat(rng: np.random.Generator) -> Outline:
    return [
        _polar(0.44, 0.5, 0.58, 0.9),
        _points((0.08, 0.5), (0.12, 0.0), (0.46, 0.26)),
        _points((0.92, 0.5), (0.88, 0.0), (0.54, 0.26)),
    ]


FREE: tuple[Callable[[np.random.Generator], Outline], ...] = (
    ellipse,
    blob,
    blob,
    polygon,
    star,
    ring,
    rectangle,
    heart,
)


def placed(
    outline: Outline, left: float, top: float, width: float, height: float, turn: float
) -> Outline:
    """The outline moved into a box in pixels and turned about its centre (radians)."""
    centre = np.array([left + width / 2, top + height / 2])
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return [(part - 0.5) * (width, height) @ spin + centre for part in outline]


def coverage_of(outline: Outline, height: int, width: int) -> NDArray[Any]:
    """Share of each pixel that the outline covers, (height, width), 0..1."""
    fine = np.zeros((height * 2, width * 2), np.uint8)
    for part in outline:
        cv2.fillPoly(fine, [np.round(part * 2 * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
