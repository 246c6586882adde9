"""A picture as a graph of small pieces that follow its edges, with what each looks like."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]  # float32; OpenCV's stubs lose the type
Integers = NDArray[Any]  # int32

SPACING = 6  # pixels between the seeds of neighbouring pieces
COLOUR_WORDS, TEXTURE_WORDS = 24, 12
GRADIENTS = 4  # how many edge maps each border is measured in


@dataclass(frozen=True, eq=False)
class PieceGraph:
    """Sums over pieces and over the borders between them, so that merging is adding."""

    labels: Integers  # (h, w): which piece each pixel belongs to
    sizes: Floats  # (n,) pixels
    sums: Floats  # (n, channels): sums of the look
    squares: Floats  # (n, channels): sums of its squares
    colours: Floats  # (n, COLOUR_WORDS): how many pixels of each colour word
    textures: Floats  # (n, TEXTURE_WORDS)
    rims: Floats  # (n,) pixels on the picture's rim
    pairs: Integers  # (m, 2): neighbours, the lower number first
    borders: Floats  # (m, 1 + GRADIENTS): length, and sums of edge strengths along it


def build_piece_graph(pixels: NDArray[np.uint8]) -> PieceGraph:
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    look, gradients = _look(lab)
    labels, count = _pieces(pixels, gradients[0])
    flat = labels.ravel()
    sizes = np.bincount(flat, minlength=count).astype(np.float32)
    sums = np.stack([np.bincount(flat, c.ravel(), count) for c in look], axis=1)
    squares = np.stack([np.bincount(flat, (c * c).ravel(), count) for c in look], axis=1)
    colours = _words(np.stack([look[0] * 0.7, look[1], look[2]], axis=2), COLOUR_WORDS)
    textures = _words(np.stack([c * 8 for c in look[3:]], axis=2), TEXTURE_WORDS)
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    pairs, borders = _borders(labels, gradients, count)
    return PieceGraph(
        labels=labels,
        sizes=sizes,
        sums=sums.astype(np.float32),
        squares=squares.astype(np.float32),
        colours=_histogram(flat, colours, count, COLOUR_WORDS),
        textures=_histogram(flat, textures, count, TEXTURE_WORDS),
        rims=np.bincount(rim, minlength=count).astype(np.float32),
        pairs=pairs,
        borders=borders,
    )


def _look(lab: Floats) -> tuple[list[Floats], list[Floats]]:
    """Channels of the look (L, a, b, fine and coarse roughness, direction) and edge maps."""
    light, a, b = (np.ascontiguousarray(lab[..., i]) for i in range(3))
    fine, coarse = _roughness(light, 5), _roughness(light, 15)
    soft = cv2.GaussianBlur(light, (0, 0), 1.0)
    dx, dy = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(p, (0, 0), 4) for p in (dx * dx, dy * dy, dx * dy))
    energy = xx + yy + 4
    along, across = (xx - yy) / energy, 2 * xy / energy
    texture: Any = np.stack([fine, coarse, along], axis=2)
    gradients = [
        _edges(cv2.GaussianBlur(lab, (0, 0), 1.0)),
        _edges(cv2.GaussianBlur(lab, (0, 0), 2.5)),
        _edges(cv2.GaussianBlur(lab, (0, 0), 6.0)),
        _edges(cv2.GaussianBlur(texture, (0, 0), 4.0)) * 10,
    ]
    return [light, a, b, fine, coarse, along, across], gradients


def _roughness(light: Floats, size: int) -> Floats:
    """The logarithm of the local standard deviation, 0 for a flat patch."""
    mean = cv2.blur(light, (size, size))
    variance = cv2.blur(light * light, (size, size)) - mean * mean
    return np.log1p(np.sqrt(np.maximum(variance, 0)))


def _edges(image: Floats) -> Floats:
    dx, dy = cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1)
    return np.sqrt(np.einsum("hwc,hwc->hw", dx, dx) + np.einsum("hwc,hwc->hw", dy, dy)) / 8


def _pieces(pixels: NDArray[np.uint8], gradient: Floats) -> tuple[Integers, int]:
    """Watershed from the flattest spot of every grid cell; every pixel belongs to a piece."""
    height, width = gradient.shape
    rows, columns = max(1, height // SPACING), max(1, width // SPACING)
    tops = np.linspace(0, height, rows + 1).astype(int)
    lefts = np.linspace(0, width, columns + 1).astype(int)
    markers = np.zeros((height, width), np.int32)
    number = 0
    for top, bottom in itertools.pairwise(tops):
        strip = gradient[top:bottom]
        for left, right in itertools.pairwise(lefts):
            number += 1
            y, x = divmod(int(strip[:, left:right].argmin()), right - left)
            markers[top + y, left + x] = number
    smooth = cv2.medianBlur(pixels, 3) if min(height, width) >= 3 else pixels
    # the watershed never labels the rim, so a border of its own is laid around
    framed = cv2.copyMakeBorder(smooth, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    labels = cv2.copyMakeBorder(markers, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    labels = cv2.watershed(framed, labels)[1:-1, 1:-1]
    labels = np.ascontiguousarray(_without_lines(labels))
    present, compact = np.unique(labels, return_inverse=True)
    return compact.reshape(labels.shape).astype(np.int32), len(present)


def _without_lines(labels: Integers) -> Integers:
    """Give the watershed's lines (-1) to a neighbour."""
    for _ in range(4):
        is_line = labels <= 0
        if not is_line.any():
            break
        grown = cv2.dilate(labels.astype(np.float32), np.ones((3, 3), np.uint8)).astype(np.int32)
        labels = np.where(is_line, grown, labels)
    return np.maximum(labels, 1)


def _words(look: Floats, count: int) -> Integers:
    """The nearest of `count` typical looks for every pixel, flat."""
    points = look.reshape(-1, look.shape[2])
    sample = points[:: max(1, len(points) // 3000)]
    count = min(count, len(sample))
    cv2.setRNGSeed(7)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 12, 0.5)
    start = np.zeros((len(sample), 1), np.int32)
    _, _, centres = cv2.kmeans(sample, count, start, criteria, 1, cv2.KMEANS_PP_CENTERS)
    closeness = points @ centres.T
    closeness -= 0.5 * np.einsum("nc,nc->n", centres, centres)
    return closeness.argmax(axis=1).astype(np.int32)


def _histogram(flat: Integers, words: Integers, count: int, size: int) -> Floats:
    return (
        np.bincount(flat * size + words, minlength=count * size)
        .reshape(count, size)
        .astype(np.float32)
    )


def _borders(labels: Integers, gradients: list[Floats], count: int) -> tuple[Integers, Floats]:
    """All neighbouring pieces with the length of their border and the edges along it."""
    keys, strengths = [], []
    for here, there in (
        ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
        ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
    ):
        one, other = labels[here], labels[there]
        is_border = one != other
        low, high = np.minimum(one, other)[is_border], np.maximum(one, other)[is_border]
        keys.append(low.astype(np.int64) * count + high)
        strengths.append(
            np.stack([np.maximum(g[here], g[there])[is_border] for g in gradients], axis=1)
        )
    if not sum(len(key) for key in keys):
        return np.zeros((0, 2), np.int32), np.zeros((0, 1 + GRADIENTS), np.float32)
    values = np.concatenate(strengths)
    return sum_by_pair(
        np.concatenate(keys), np.concatenate([np.ones((len(values), 1)), values], axis=1), count
    )


def sum_by_pair(
    keys: NDArray[np.int64], values: NDArray[np.floating], count: int
) -> tuple[Integers, Floats]:
    """Add up the rows of `values` with the same key, low * count + high."""
    unique, inverse = np.unique(keys, return_inverse=True)
    summed = np.stack(
        [np.bincount(inverse, column, len(unique)) for column in values.T], axis=1
    ).astype(np.float32)
    return np.stack([unique // count, unique % count], axis=1).astype(np.int32), summed
