"""Find by word with SAM 3 (Meta, 2025): all masks of a word at once, with its presence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from studio.recognition.finder import (
    MOST_FINDINGS,
    Asked,
    Finding,
    Pixels,
    Recall,
    anew,
    read_words,
)
from studio.recognition.models.pixels import HALF, grown, normalised
from studio.recognition.models.reading import (
    enough_memory,
    fitting_dtype,
    read_model,
    read_tokenizer,
    weights_digest,
)
from studio.scene.geometry import Extent
from studio.segmentation.loading import device_of
from studio.segmentation.segmenter import check_cancel, picture_pixels

LEAST_SCORE = 0.5
_TOKENS = 32  # that its text encoder reads


@dataclass(frozen=True, eq=False)
class Sam3Finder:
    """Looks at a picture once; each word after that is quick."""

    model: Any  # Sam3Model
    tokenizer: Any
    name: str
    digest: str

    @property
    def needs_device(self) -> bool:
        return True

    @torch.inference_mode()
    def find(
        self, image: Pixels, words: str, cancel: Asked = None, recall: Recall = anew
    ) -> list[Finding]:
        wanted = read_words(words)
        pixels = picture_pixels(image)
        extent = Extent(pixels.shape[1], pixels.shape[0])
        with enough_memory(self.name, self.model.device):
            seen = recall(f"seen:{self.digest}", lambda: self._seen(pixels))
            check_cancel(cancel)
            text = self.tokenizer(
                wanted,
                return_tensors="pt",
                padding="max_length",
                max_length=_TOKENS,
                truncation=True,
            ).to(self.model.device)
            output = self.model(
                vision_embeds=seen,
                input_ids=text["input_ids"],
                attention_mask=text["attention_mask"],
            )
        scores = (
            output.pred_logits[0].float().sigmoid() * output.presence_logits[0].float().sigmoid()
        )
        masks = output.pred_masks[0].float().cpu().numpy()
        return [
            Finding(mask, float(scores[place]), wanted)
            for place in torch.argsort(scores, descending=True, stable=True).tolist()[
                :MOST_FINDINGS
            ]
            if scores[place] >= LEAST_SCORE and (mask := grown(masks[place], extent)).any()
        ]

    def _seen(self, pixels: Pixels) -> Any:
        side = _side(self.model.config)
        values = normalised(pixels, Extent(side, side), HALF, HALF)
        values = values.to(self.model.device, self.model.dtype)
        return self.model.get_vision_features(pixel_values=values)


def _side(config: Any) -> int:
    vision: Any = config.vision_config
    backbone: Any = vision.backbone_config
    return int(backbone.image_size)


def read_sam3(folder: Path, device: str) -> Sam3Finder:
    from transformers import Sam3Model

    place = device_of(device)
    model = read_model(Sam3Model, folder, "SAM 3", fitting_dtype(place)).to(place)
    return Sam3Finder(model, read_tokenizer(folder), folder.name, f"sam3:{weights_digest(folder)}")
