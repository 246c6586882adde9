"""Find by word with Grounding DINO (Liu et al., 2023): boxes, and in each the segmenter's mask."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from studio.recognition.finder import (
    MOST_FINDINGS,
    Asked,
    Finding,
    Pixels,
    Recall,
    anew,
    read_words,
)
from studio.recognition.models.pixels import fitted, normalised
from studio.recognition.models.reading import (
    enough_memory,
    read_model,
    read_tokenizer,
    weights_digest,
)
from studio.scene.geometry import Extent
from studio.segmentation.loading import device_of
from studio.segmentation.sam2.proposals import box_overlaps, suppress
from studio.segmentation.segmenter import Segmenter, check_cancel, picture_pixels

LEAST_SCORE = 0.3
_SHORTEST, _LONGEST = 800, 1333  # pixels of a side, as it was trained
_MOST_ALIKE = 0.7  # IoU above which two boxes are one


@dataclass(frozen=True, eq=False)
class GroundingFinder:
    """The words tell where; the segmenter tells the shape."""

    model: Any  # GroundingDinoForObjectDetection
    tokenizer: Any
    segmenter: Segmenter
    name: str
    weights: str

    @property
    def digest(self) -> str:
        return f"grounding:{self.weights}:{self.segmenter.digest}"

    @property
    def needs_device(self) -> bool:
        return True

    def find(
        self, image: Pixels, words: str, cancel: Asked = None, recall: Recall = anew
    ) -> list[Finding]:
        wanted = read_words(words)
        pixels = picture_pixels(image)
        boxes, scores = self._boxes(pixels, wanted)
        embedding = recall(
            f"embedding:{self.segmenter.digest}", lambda: self.segmenter.embed(pixels)
        )
        found: list[Finding] = []
        for place in distinct(boxes, scores)[:MOST_FINDINGS]:
            check_cancel(cancel)
            best = self.segmenter.segment(embedding, box=boxes[place].tolist())[0]
            if best.mask.any():
                found.append(Finding(best.mask, float(scores[place]), wanted))
        return found

    @torch.inference_mode()
    def _boxes(self, pixels: Pixels, words: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(n, 4) corners in pixels of the picture, and (n,) scores, of what is believed."""
        extent = Extent(pixels.shape[1], pixels.shape[0])
        values = normalised(pixels, fitted(extent, _SHORTEST, _LONGEST)).to(self.model.device)
        text = self.tokenizer(f"{words.lower().rstrip('.')}.", return_tensors="pt")
        with enough_memory(self.name, self.model.device):
            output = self.model(
                pixel_values=values,
                pixel_mask=torch.ones(values.shape[0], *values.shape[2:], dtype=torch.int64).to(
                    values.device
                ),
                **text.to(self.model.device),
            )
        scores = output.logits[0].float().sigmoid().amax(dim=1).cpu().numpy()
        centres, sides = output.pred_boxes[0].float().cpu().numpy().reshape(-1, 2, 2).swapaxes(0, 1)
        corners = np.concatenate([centres - sides / 2, centres + sides / 2], axis=1)
        corners = np.clip(corners, 0, 1) * np.tile([extent.width, extent.height], 2)
        is_box = (corners[:, 2:] - corners[:, :2] >= 1).all(axis=1) & (scores >= LEAST_SCORE)
        return corners[is_box].astype(np.float32), scores[is_box]


def distinct(boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> list[int]:
    """Best first, without those that nearly are a better one."""
    return suppress(box_overlaps(boxes), scores, _MOST_ALIKE)


def read_grounding(folder: Path, device: str, segmenter: Segmenter) -> GroundingFinder:
    from transformers import GroundingDinoForObjectDetection

    model = read_model(GroundingDinoForObjectDetection, folder, "Grounding DINO")
    return GroundingFinder(
        model.to(device_of(device)),
        read_tokenizer(folder),
        segmenter,
        folder.name,
        weights_digest(folder),
    )
