"""What a picture looks like in a style: the targets that the mini model's styles learn from."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[Any]  # (h, w, 3), 0..1
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_SEPIA = np.array([[0.16, 0.09, 0.04], [1.0, 0.93, 0.78]], np.float32)  # dark, light
_DRAWN = np.array([[0.17, 0.17, 0.19], [0.97, 0.96, 0.93]], np.float32)  # graphite, paper


def sepia(image: Image) -> Image:
    """An old photograph: brown tones from dark to light."""
    return _between(_SEPIA, image @ _LUMA)


def pencil(image: Image) -> Image:
    """A drawing: edges and soft shades in graphite on paper."""
    light = np.asarray(image @ _LUMA, np.float32)
    blurred = cv2.GaussianBlur(light, (0, 0), 5)
    lines = np.clip(light / np.maximum(blurred, 0.05), 0, 1)
    shade = 0.62 + 0.38 * light
    return _between(_DRAWN, np.clip((lines - 0.7) / 0.3, 0, 1) * shade)


def _between(ends: Image, tone: Image) -> Image:
    dark, light = ends
    return dark + (light - dark) * tone[..., None]


FILTERS = {"sepia": sepia, "pencil": pencil}
