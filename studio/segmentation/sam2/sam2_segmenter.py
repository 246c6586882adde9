"""SAM 2.1 (Ravi et al., 2024) behind the seam, with our own pre- and post-processing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.scene.errors import OutOfMemory
from studio.scene.geometry import Extent
from studio.segmentation.prompt import Prompt, read_prompt
from studio.segmentation.sam2.proposals import (
    box_overlaps,
    clean_mask,
    mask_boxes,
    mask_overlaps,
    point_grid,
    stability,
    suppress,
    top_level,
)
from studio.segmentation.segmenter import (
    Cancel,
    Candidate,
    ImageEmbedding,
    check_cancel,
    check_maker,
    picture_digest,
    picture_pixels,
)

if TYPE_CHECKING:
    from PIL import Image
    from transformers import Sam2Model

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class EverythingSettings:
    """Everything-mode: how many points are asked and which of their masks are believed."""

    points_per_side: int = 32
    points_per_batch: int = 64
    lowest_score: float = 0.8
    lowest_stability: float = 0.92
    most_box_overlap: float = 0.7
    most_mask_overlap: float = 0.6
    smallest_share: float = 0.0025


@dataclass(frozen=True)
class Sam2Segmenter:
    """Promises the same masks for the same embedding and prompt, from any thread.

    Pictures are looked at in `dtype`, and what was seen is kept in `embedding_dtype`.
    `largest_hole` and `largest_island`, in pixels of the picture, clean every mask; 0 is off.
    """

    model: Sam2Model
    name: str
    digest: str
    dtype: torch.dtype = torch.float32
    embedding_dtype: torch.dtype = torch.float32
    largest_hole: int = 0
    largest_island: int = 0
    settings: EverythingSettings = EverythingSettings()

    @property
    def needs_device(self) -> bool:
        return True

    @torch.inference_mode()
    def embed(self, image: Image.Image | NDArray[np.uint8]) -> ImageEmbedding:
        pixels = picture_pixels(image)
        device = self.model.device
        side: Any = self.model.prompt_encoder.input_image_size
        is_half = self.dtype != torch.float32
        try:
            with torch.autocast(device.type, dtype=self.dtype, enabled=is_half):
                maps = self.model.get_image_embeddings(preprocess(pixels, side).to(device))
            features = tuple(level.to(self.embedding_dtype) for level in maps)
        except torch.OutOfMemoryError:
            features = None
        if features is None:
            raise OutOfMemory(
                "{name} has too little memory on {device} to look at this picture. Free some, "
                "take a smaller model, or start with --device cpu.",
                name=self.name,
                device=device,
            )
        height, width = pixels.shape[:2]
        nbytes = sum(level.nbytes for level in features)
        digest = picture_digest(pixels)
        return ImageEmbedding(digest, Extent(width, height), self.digest, nbytes, features)

    @torch.inference_mode()
    def segment(
        self,
        embedding: ImageEmbedding,
        points: Any = None,
        labels: Any = None,
        box: Any = None,
        mask: Any = None,
    ) -> list[Candidate]:
        """A lone click gives three candidates (part, thing, group); a clearer prompt also gives
        the model's single answer. Sorted by score."""
        check_maker(embedding, self.digest)
        prompt = read_prompt(embedding.extent, points, labels, box, mask)
        inputs = self._inputs(prompt, embedding.extent)
        logits, scores = self._decode(embedding, multimask_output=True, **inputs)
        if not prompt.is_ambiguous:
            single, its_score = self._decode(embedding, multimask_output=False, **inputs)
            logits, scores = torch.cat([single, logits], 1), torch.cat([its_score, scores], 1)
        order = torch.argsort(scores[0], descending=True, stable=True).tolist()
        return [self._candidate(embedding, logits[0, i], scores[0, i].item()) for i in order]

    @torch.inference_mode()
    def everything(
        self,
        embedding: ImageEmbedding,
        on_progress: Callable[[float], None] | None = None,
        cancel: Callable[[], bool] | Cancel | None = None,
    ) -> list[NDArray[np.bool_]]:
        check_maker(embedding, self.digest)
        grid = point_grid(self.settings.points_per_side, embedding.extent)
        found: list[NDArray[np.float32]] = []
        found_scores: list[NDArray[np.float32]] = []
        for first in range(0, len(grid), self.settings.points_per_batch):
            check_cancel(cancel)
            points = grid[first : first + self.settings.points_per_batch]
            logits, scores = self._believed(embedding, points)
            found.append(logits)
            found_scores.append(scores)
            if on_progress is not None:
                on_progress(min(1.0, (first + len(points)) / len(grid)))
        logits = self._distinct(np.concatenate(found), np.concatenate(found_scores))
        return [self._mask(embedding.extent, torch.from_numpy(one)) for one in logits]

    def _inputs(self, prompt: Prompt, extent: Extent) -> dict[str, Tensor]:
        """The prompt in the model's square: points (1, 1, n, 2), labels (1, 1, n), box (1, 1, 4),
        mask (1, 1, h, w)."""
        device = self.model.device
        inputs: dict[str, Tensor] = {}
        if len(prompt.points):
            inputs["input_points"] = self._scaled(prompt.points, extent)[None, None]
            inputs["input_labels"] = torch.from_numpy(prompt.labels)[None, None].to(device)
        if prompt.box is not None:
            corners = self._scaled(prompt.box.reshape(2, 2), extent)
            inputs["input_boxes"] = corners.reshape(1, 1, 4)
        if prompt.mask is not None:
            inputs["input_masks"] = torch.from_numpy(prompt.mask)[None, None].to(device)
        return inputs

    def _scaled(self, points: NDArray[np.float32], extent: Extent) -> Tensor:
        side: Any = self.model.prompt_encoder.input_image_size
        scale = torch.tensor([side / extent.width, side / extent.height])
        return (torch.from_numpy(points) * scale).to(self.model.device)

    def _decode(
        self, embedding: ImageEmbedding, multimask_output: bool, **inputs: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Logits (prompts, masks, h, w) and predicted IoU (prompts, masks), float32."""
        maps = [level.to(self.model.dtype) for level in embedding.features]
        output = self.model(image_embeddings=maps, multimask_output=multimask_output, **inputs)
        return output.pred_masks[0].float(), output.iou_scores[0].float()

    def _candidate(self, embedding: ImageEmbedding, logits: Tensor, score: float) -> Candidate:
        mask = self._mask(embedding.extent, logits)
        return Candidate(mask, float(np.clip(score, 0, 1)), logits.cpu().numpy())

    def _mask(self, extent: Extent, logits: Tensor) -> NDArray[np.bool_]:
        mask = postprocess(logits, extent)
        return clean_mask(mask, self.largest_hole, self.largest_island)

    def _believed(
        self, embedding: ImageEmbedding, points: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The masks (n, h, w) of one batch of lone points that pass both filters, and scores."""
        clicks = self._scaled(points, embedding.extent)[None, :, None]
        labels = torch.ones(clicks.shape[:3], dtype=torch.int64, device=clicks.device)
        logits, scores = self._decode(
            embedding, multimask_output=True, input_points=clicks, input_labels=labels
        )
        is_good = scores.flatten() >= self.settings.lowest_score
        masks = logits.flatten(0, 1)[is_good].cpu().numpy()
        good_scores = scores.flatten()[is_good].cpu().numpy()
        is_stable = stability(masks) >= self.settings.lowest_stability
        return masks[is_stable], good_scores[is_stable]

    def _distinct(
        self, logits: NDArray[np.float32], scores: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        settings = self.settings
        kept = suppress(box_overlaps(mask_boxes(logits > 0)), scores, settings.most_box_overlap)
        logits, scores = _taken(logits, scores, kept)
        kept = suppress(mask_overlaps(logits > 0), scores, settings.most_mask_overlap)
        logits, scores = _taken(logits, scores, kept)
        return logits[np.array(top_level(logits > 0, settings.smallest_share), np.int64)]


def preprocess(pixels: NDArray[np.uint8], side: int) -> Tensor:
    """(1, 3, side, side), normalised; bilinear with antialias in 8 bits, aspect not kept."""
    image = torch.from_numpy(np.require(pixels, requirements="W")).permute(2, 0, 1)[None]
    image = torch.nn.functional.interpolate(image, (side, side), mode="bilinear", antialias=True)
    mean, std = (torch.tensor(values)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_STD))
    return (image.float() / 255 - mean) / std


def postprocess(logits: Tensor, extent: Extent) -> NDArray[np.bool_]:
    """(h, w) logits grown to the picture's size, and only then cut at 0."""
    grown = torch.nn.functional.interpolate(
        logits[None, None], extent.shape, mode="bilinear", align_corners=False
    )
    return (grown[0, 0] > 0).cpu().numpy()


def _taken(
    logits: NDArray[np.float32], scores: NDArray[np.float32], kept: list[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    index = np.array(kept, np.int64)
    return logits[index], scores[index]
