"""One denoising step as whoever watches sees it, and how a render is stopped between two."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image
from torch import Tensor

from studio.engine.sampling.preview import LatentPreview

Cancel = Callable[[], bool] | threading.Event


@dataclass(frozen=True)
class Step:
    """One finished denoising step."""

    index: int  # from 1
    count: int
    sigma: float  # the noise level the step started from
    next_sigma: float  # the noise level left in `latents`
    latents: Tensor  # (b, tokens, c) after the step
    velocity: Tensor  # (b, tokens, c)
    seconds: float
    painter: LatentPreview

    def preview(self, row: int = 0) -> Image.Image:
        """A small picture of where the render is heading: the clean latents as they look now."""
        return self.painter.image(self.latents[row], self.velocity[row], self.next_sigma)


OnStep = Callable[[Step], None]
