"""Previews of an edit: the whole photo, small, with the crop as it looks now in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from studio.engine.photo.looking import visible
from studio.engine.photo.plan import Crop
from studio.engine.sampling.preview import LatentPreview
from studio.scene.geometry import Extent
from studio.scene.photo import Photo
from studio.scene.photo_layer import PhotoLayer, composite

LARGEST_SIDE = 384


@dataclass(frozen=True)
class EditPreview(LatentPreview):
    """levels: (h, w) of the crop, above 0 where it changes."""

    photo: Photo
    crop: Crop
    layers: Sequence[PhotoLayer]
    levels: NDArray[np.float32]

    def image(self, latents: Tensor, velocity: Tensor, sigma: float) -> Image.Image:
        drawn = np.asarray(super().image(latents, velocity, sigma))
        picture = self._below.copy()
        scale = picture.shape[1] / self.photo.extent.width
        inside, box = visible(self.crop.box, self.photo.extent), self.crop.box
        size = Extent(
            max(1, round(box.extent.width * scale)), max(1, round(box.extent.height * scale))
        )
        drawn = cv2.resize(drawn, tuple(size), interpolation=cv2.INTER_CUBIC)
        changes = cv2.resize(self.levels, tuple(size), interpolation=cv2.INTER_LINEAR) > 0
        top, left = round(inside.top * scale), round(inside.left * scale)
        skip = round((inside.top - box.top) * scale), round((inside.left - box.left) * scale)
        place = picture[top : top + size.height - skip[0], left : left + size.width - skip[1]]
        rows = slice(skip[0], skip[0] + place.shape[0])
        columns = slice(skip[1], skip[1] + place.shape[1])
        np.copyto(place, drawn[rows, columns], where=changes[rows, columns, None])
        return Image.fromarray(picture)

    @cached_property
    def _below(self) -> NDArray[np.uint8]:
        """(h, w, 3): the photo under what was made before."""
        width, height = self.photo.extent
        scale = min(1.0, LARGEST_SIDE / max(width, height))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = composite(self.photo.pixels, self.layers) if self.layers else self.photo.pixels
        small: Any = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        return Photo(small, "").colours8()
