"""A region seen as a body: its own coordinates, its roundness, and the light on it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.workshop.painting.surface import Field, Image, Surface, mix, relief, step


class Form(Surface):
    """The box around a region, with `cover` (0..1) saying where the region is."""

    def __init__(self, rng: np.random.Generator, cover: Field, origin: tuple[int, int] = (0, 0)):
        super().__init__(rng, cover.shape[0], cover.shape[1], origin)
        self.cover = cover

    @cached_property
    def u(self) -> Field:
        """0 at the left edge of the box, 1 at the right."""
        return self.x / max(1, self.width - 1)

    @property
    def v(self) -> Field:
        return self.down

    @cached_property
    def depth(self) -> Field:
        """Pixels to the outline, from inside."""
        inside = cv2.copyMakeBorder(
            (self.cover > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT
        )
        return cv2.distanceTransform(inside, cv2.DIST_L2, 5)[1:-1, 1:-1]

    @cached_property
    def radius(self) -> float:
        """The largest depth, in pixels."""
        return max(1.0, float(self.depth.max()))

    @cached_property
    def rounded(self) -> Field:
        """Light on the region puffed up like a cushion, about -1..1."""
        rise = np.clip(self.depth / self.radius, 0, 1)
        dome = np.sqrt(1 - (1 - rise) ** 2) * self.radius
        dome = cv2.GaussianBlur(dome, (0, 0), max(0.8, self.radius * 0.12))
        return relief(dome, 1.6) - 0.08

    @cached_property
    def sphere(self) -> Field:
        """Light on a ball that fills the box, about -1..1."""
        nx, ny = self.u * 2 - 1, self.v * 2 - 1
        nz = np.sqrt(np.clip(1 - nx**2 - ny**2, 0.02, 1))
        return np.clip((-0.42 * nx - 0.56 * ny + 0.72 * nz) * 1.35 - 0.62, -0.85, 0.7)

    def spot(self, u: float, v: float, radius: float, soft: float = 0.3) -> Field:
        """A soft disc; the radius is a share of the box's smaller side."""
        side = min(self.width, self.height)
        far = np.hypot((self.u - u) * self.width, (self.v - v) * self.height) / side
        return step(radius - far, 0, max(soft * radius, 1.2 / side))

    def oval(self, u: float, v: float, wide: float, high: float, soft: float = 0.25) -> Field:
        """A soft ellipse; half axes as shares of the box."""
        return step(1 - np.hypot((self.u - u) / wide, (self.v - v) / high), 0, soft)

    def box(self, left: float, top: float, right: float, bottom: float) -> Field:
        """A soft-edged rectangle, as shares of the box."""
        soft_u, soft_v = 1.5 / self.width, 1.5 / self.height
        across = step(self.u, left, soft_u) * step(right - self.u, 0, soft_u)
        return across * step(self.v, top, soft_v) * step(bottom - self.v, 0, soft_v)


def lit(image: Image, light: Field) -> Image:
    """The image under light -1..1."""
    light = light[..., None]
    return np.clip(
        np.where(light > 0, image + (1 - image) * light * 0.55, image * (1 + light * 0.72)), 0, 1
    )


def painted_over(
    image: Image, colour: NDArray[Any] | tuple[float, float, float], share: Field
) -> Image:
    return mix(image, np.asarray(colour, np.float32), share)


def inner_shade(form: Form, strength: float) -> Field:
    """A gentle darkening towards the outline, for flat regions."""
    reach = max(3.0, min(form.radius * 0.35, 9.0))
    return -strength * np.exp(-form.depth / reach)
