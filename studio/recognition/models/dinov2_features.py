"""Features of patches by DINOv2 (Oquab et al., 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from einops import rearrange

from studio.recognition.features import Features
from studio.recognition.finder import Pixels
from studio.recognition.models.pixels import in_steps, normalised
from studio.recognition.models.reading import (
    enough_memory,
    read_model,
    weights_digest,
)
from studio.scene.geometry import Extent
from studio.segmentation.loading import device_of
from studio.segmentation.segmenter import picture_pixels

_LONGEST = 518  # pixels; 37 patches of 14


@dataclass(frozen=True, eq=False)
class Dinov2Features:
    model: Any  # Dinov2Model
    name: str
    digest: str

    @property
    def needs_device(self) -> bool:
        return True

    @torch.inference_mode()
    def read(self, image: Pixels) -> Features:
        pixels = picture_pixels(image)
        step = int(self.model.config.patch_size)
        size = in_steps(Extent(pixels.shape[1], pixels.shape[0]), _LONGEST, step)
        with enough_memory(self.name, self.model.device):
            output = self.model(pixel_values=normalised(pixels, size).to(self.model.device))
        patches = output.last_hidden_state[0, 1:].float().cpu()  # the first is the picture's own
        return rearrange(patches, "(h w) c -> h w c", h=size.height // step).numpy()


def read_dinov2(folder: Path, device: str) -> Dinov2Features:
    from transformers import Dinov2Model

    model = read_model(Dinov2Model, folder, "DINOv2").to(device_of(device))
    return Dinov2Features(model, folder.name, f"dinov2:{weights_digest(folder)}")
