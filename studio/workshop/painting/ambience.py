"""The mood of a whole picture, as a transform of the painted scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from studio.workshop.painting.surface import Image, Surface, mix, ramp


def day(image: Image, s: Surface) -> Image:
    return np.clip(image * np.array((1.04, 1.03, 0.99), np.float32) + 0.01, 0, 1)


def night(image: Image, s: Surface) -> Image:
    dark = image**1.25 * np.array((0.26, 0.34, 0.58), np.float32)
    glow = np.exp(-(np.hypot(s.x / s.width - 0.75, s.y / s.height - 0.1) ** 2) * 3)
    return dark + glow[..., None] * np.array((0.02, 0.03, 0.07), np.float32)


def sunset_light(image: Image, s: Surface) -> Image:
    warm = image * np.array((1.12, 0.78, 0.52), np.float32)
    return warm + (1 - s.down)[..., None] * np.array((0.12, 0.03, 0.0), np.float32)


def fog(image: Image, s: Surface) -> Image:
    share = np.clip(0.72 - s.down * 0.30 + s.noise(90) * 0.07, 0.3, 0.85)
    return mix(image, np.array((0.83, 0.85, 0.87), np.float32), share)


def winter(image: Image, s: Surface) -> Image:
    grey = image.mean(axis=2, keepdims=True)
    cold = (grey + (image - grey) * 0.55) * np.array((0.88, 0.95, 1.05), np.float32) * 0.72 + 0.24
    flakes = np.maximum(s.specks(0.0035, 1.6), s.specks(0.0012, 2.6))
    return mix(cold, np.array((1, 1, 1), np.float32), np.minimum(flakes * 1.3, 1))


def sepia(image: Image, s: Surface) -> Image:
    light = image @ np.array((0.3, 0.59, 0.11), np.float32)
    return ramp(light * 0.92 + 0.05, (0.16, 0.09, 0.04), (0.60, 0.44, 0.26), (0.98, 0.92, 0.78))


def black_and_white(image: Image, s: Surface) -> Image:
    light = image @ np.array((0.3, 0.59, 0.11), np.float32)
    return np.repeat(np.clip((light - 0.5) * 1.15 + 0.5, 0, 1)[..., None], 3, axis=2)


def watercolour(image: Image, s: Surface) -> Image:
    soft = cv2.medianBlur((np.clip(image, 0, 1) * 255).astype(np.uint8), 7).astype(np.float32) / 255
    soft = cv2.GaussianBlur(soft, (0, 0), 1.2)
    edge = np.abs(cv2.Laplacian(cv2.GaussianBlur(soft, (0, 0), 1.5), cv2.CV_32F)).max(axis=2)
    pool = s.fractal(26, 3) * 0.14 + s.noise(3) * 0.035
    return np.clip(1 - (1 - soft) * (0.72 + pool + edge * 2.5)[..., None], 0, 1) * 0.98


def pencil_sketch(image: Image, s: Surface) -> Image:
    light = (image @ np.array((0.3, 0.59, 0.11), np.float32)).astype(np.float32)
    blurred = cv2.GaussianBlur(light, (0, 0), 3.5)
    line = np.clip(light / (blurred + 0.03), 0, 1.05)
    hatch = np.sin(s.across(0.8) * 2 * np.pi / 5.5) * 0.07 * (1 - light)
    paper = np.clip(line * (0.62 + 0.38 * blurred) + hatch + 0.03, 0, 1)
    return ramp(paper, (0.16, 0.16, 0.18), (0.97, 0.96, 0.93))


def pastel(image: Image, s: Surface) -> Image:
    grey = image.mean(axis=2, keepdims=True)
    chalk = s.noise(2.4) * 0.02
    return np.clip((grey + (image - grey) * 0.62) * 0.48 + 0.50 + chalk[..., None], 0, 1)


def neon(image: Image, s: Surface) -> Image:
    soft = cv2.GaussianBlur(image, (0, 0), 1.2)
    dx, dy = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    edge = np.clip(np.hypot(dx, dy).max(axis=2) * 1.3 - 0.12, 0, 1)
    hue = np.sin((s.x / s.width * 2 + s.y / s.height) * 3.0)[..., None] * 0.5 + 0.5
    lines = np.array((1.0, 0.15, 0.85), np.float32) * hue + np.array(
        (0.1, 0.95, 1.0), np.float32
    ) * (1 - hue)
    base = image**1.6 * np.array((0.42, 0.20, 0.55), np.float32)
    glow = cv2.GaussianBlur(edge, (0, 0), 3.0)
    return np.clip(base + lines * (edge * 0.8 + glow * 0.9)[..., None], 0, 1)


@dataclass(frozen=True)
class Ambience:
    phrases: tuple[str, ...]
    transform: Callable[[Image, Surface], Image]

    @property
    def name(self) -> str:
        return self.phrases[0]

    def over(self, image: Image, rng: np.random.Generator) -> Image:
        surface = Surface(rng, image.shape[0], image.shape[1])
        return np.clip(self.transform(image, surface), 0, 1).astype(np.float32, copy=False)


AMBIENCES: tuple[Ambience, ...] = (
    Ambience(("day", "daylight", "sunny day", "bright day"), day),
    Ambience(("night", "at night", "moonlight", "dark night"), night),
    Ambience(("sunset light", "golden hour", "evening light", "warm evening"), sunset_light),
    Ambience(("foggy", "foggy day", "in fog", "misty morning"), fog),
    Ambience(("winter", "winter day", "snowfall", "snowing"), winter),
    Ambience(("sepia", "old photo", "sepia photo", "vintage photo"), sepia),
    Ambience(("black and white", "black and white photo", "monochrome"), black_and_white),
    Ambience(("watercolour", "watercolour painting"), watercolour),
    Ambience(("pencil sketch", "pencil drawing", "sketch"), pencil_sketch),
    Ambience(("pastel", "pastel drawing", "soft pastel"), pastel),
    Ambience(("neon", "neon lights", "neon glow"), neon),
)
