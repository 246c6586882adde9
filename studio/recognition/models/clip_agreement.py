"""Agreement by CLIP (Radford et al., 2021): each region's crop against each caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.recognition.agreement import Agreements, Masks
from studio.recognition.finder import Pixels
from studio.recognition.models.pixels import normalised
from studio.recognition.models.reading import (
    enough_memory,
    read_model,
    read_tokenizer,
    weights_digest,
)
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.segmentation.loading import device_of
from studio.segmentation.segmenter import picture_pixels

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
_MARGIN = 0.15  # of the region's size, around it
_FADED = 0.8  # how far what is not the region fades to grey
_AT_ONCE = 8  # crops


@dataclass(frozen=True, eq=False)
class ClipAgreement:
    """A row holds CLIP's logits: a hundred times the cosine of crop and caption."""

    model: Any  # CLIPModel
    tokenizer: Any
    name: str
    digest: str
    margin: float = 2.0

    @property
    def needs_device(self) -> bool:
        return True

    @torch.inference_mode()
    def compare(self, image: Pixels, masks: Masks, captions: Sequence[str]) -> Agreements:
        pixels = picture_pixels(image)
        found = np.full((len(masks), len(captions)), np.nan, np.float32)
        said = [place for place, caption in enumerate(captions) if caption.strip()]
        shown = [place for place, mask in enumerate(masks) if mask.any()]
        if not said or not shown:
            return found
        text = self.tokenizer(
            [captions[place] for place in said],
            return_tensors="pt",
            padding=True,
            truncation=True,
            max_length=int(self.model.config.text_config.max_position_embeddings),
        ).to(self.model.device)
        for first in range(0, len(shown), _AT_ONCE):
            rows = shown[first : first + _AT_ONCE]
            crops = torch.cat([self._crop(pixels, masks[row]) for row in rows])
            with enough_memory(self.name, self.model.device):
                output = self.model(
                    input_ids=text["input_ids"],
                    attention_mask=text["attention_mask"],
                    pixel_values=crops.to(self.model.device, self.model.dtype),
                )
            logits = output.logits_per_image.float().cpu().numpy()
            found[np.ix_(rows, said)] = logits
        return found

    def _crop(self, pixels: Pixels, mask: NDArray[np.bool_]) -> Tensor:
        side = int(self.model.config.vision_config.image_size)
        return normalised(region_crop(pixels, mask), Extent(side, side), CLIP_MEAN, CLIP_STD)


def region_crop(pixels: Pixels, mask: NDArray[np.bool_]) -> Pixels:
    """A square around the region; what is not part of it fades, so that it alone is read."""
    box = Mask(mask).bounds
    assert box is not None
    side = max(2, round(max(box.extent) * (1 + 2 * _MARGIN)))
    left, top = (box.left + box.right - side) // 2, (box.top + box.bottom - side) // 2
    grey = np.full((side, side, 3), 128, np.float32)
    height, width = mask.shape
    rows, columns = (
        slice(max(0, top), min(height, top + side)),
        slice(max(0, left), min(width, left + side)),
    )
    place = np.s_[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    part = pixels[rows, columns].astype(np.float32)
    weight = np.where(mask[rows, columns], 1.0, 1 - _FADED)[..., None]
    grey[place] = weight * part + (1 - weight) * grey[place]
    return np.round(grey).astype(np.uint8)


def read_clip(folder: Path, device: str) -> ClipAgreement:
    from transformers import CLIPModel

    model = read_model(CLIPModel, folder, "CLIP").to(device_of(device))
    digest = f"clip:{weights_digest(folder)}"
    return ClipAgreement(model, read_tokenizer(folder), folder.name, digest)
