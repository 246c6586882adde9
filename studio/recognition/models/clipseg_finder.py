"""Find by word with CLIPSeg (Lüddecke and Ecker, 2022): a rough map, whose peaks are clicked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from studio.project.fidelity import iou
from studio.recognition.finder import (
    MOST_FINDINGS,
    Asked,
    Finding,
    Pixels,
    Recall,
    anew,
    read_words,
)
from studio.recognition.models.pixels import normalised
from studio.recognition.models.reading import (
    enough_memory,
    read_model,
    read_tokenizer,
    weights_digest,
)
from studio.scene.geometry import Extent
from studio.segmentation.loading import device_of
from studio.segmentation.segmenter import (
    Segmenter,
    check_cancel,
    picture_pixels,
)

LEAST_HEAT = 0.4  # of a pixel that is part of an answer
_SMALLEST = 0.0005  # of the picture
_SAME = 0.8  # IoU above which two answers are one
Heat = NDArray[np.float32]  # (h, w), 0..1


@dataclass(frozen=True, eq=False)
class ClipsegFinder:
    """Each warm spot of the map gives the segmenter its first click."""

    model: Any  # CLIPSegForImageSegmentation
    tokenizer: Any
    segmenter: Segmenter
    name: str
    weights: str

    @property
    def digest(self) -> str:
        return f"clipseg:{self.weights}:{self.segmenter.digest}"

    @property
    def needs_device(self) -> bool:
        return True

    def find(
        self, image: Pixels, words: str, cancel: Asked = None, recall: Recall = anew
    ) -> list[Finding]:
        wanted = read_words(words)
        pixels = picture_pixels(image)
        heat = self._heat(pixels, wanted)
        spots = warm_spots(heat)
        if not spots:
            return []
        embedding = recall(
            f"embedding:{self.segmenter.digest}", lambda: self.segmenter.embed(pixels)
        )
        found: list[Finding] = []
        for spot in spots[:MOST_FINDINGS]:
            check_cancel(cancel)
            row, column = np.unravel_index(int(np.where(spot, heat, -1).argmax()), heat.shape)
            answers = self.segmenter.segment(
                embedding, points=[(int(column), int(row))], labels=[1]
            )
            best = max(answers, key=lambda each: iou(each.mask, spot))
            if best.mask.any() and not any(iou(best.mask, each.mask) > _SAME for each in found):
                found.append(Finding(best.mask, float(heat[row, column]), wanted))
        return sorted(found, key=lambda each: -each.score)

    @torch.inference_mode()
    def _heat(self, pixels: Pixels, words: str) -> Heat:
        side = int(self.model.config.vision_config.image_size)
        text = self.tokenizer(
            words,
            return_tensors="pt",
            truncation=True,
            max_length=int(self.model.config.text_config.max_position_embeddings),
        ).to(self.model.device)
        values = normalised(pixels, Extent(side, side)).to(self.model.device)
        with enough_memory(self.name, self.model.device):
            output = self.model(
                pixel_values=values,
                input_ids=text["input_ids"],
                attention_mask=text["attention_mask"],
            )
        heat = output.logits.float().sigmoid().reshape(side, side).cpu().numpy()
        size = pixels.shape[1], pixels.shape[0]
        return np.asarray(cv2.resize(heat, size, interpolation=cv2.INTER_LINEAR), np.float32)


def warm_spots(heat: Heat) -> list[NDArray[np.bool_]]:
    """Connected areas of the map, the warmest first."""
    count, labels = cv2.connectedComponents((heat >= LEAST_HEAT).astype(np.uint8))
    spots = [labels == number for number in range(1, count)]
    large = [spot for spot in spots if spot.mean() >= _SMALLEST]
    return sorted(large, key=lambda spot: -float(heat[spot].max()))


def read_clipseg(folder: Path, device: str, segmenter: Segmenter) -> ClipsegFinder:
    from transformers import CLIPSegForImageSegmentation

    model = read_model(CLIPSegForImageSegmentation, folder, "CLIPSeg")
    return ClipsegFinder(
        model.to(device_of(device)),
        read_tokenizer(folder),
        segmenter,
        folder.name,
        weights_digest(folder),
    )
