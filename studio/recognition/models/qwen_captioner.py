"""Captions and answers by Qwen2.5-VL (Bai et al., 2025), which also lays out and suggests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from studio.recognition.captioner import Descriptions, LanguageModel
from studio.recognition.finder import Asked, Pixels, Recall, anew, check_region
from studio.recognition.models.florence_captioner import plain
from studio.recognition.models.reading import (
    enough_memory,
    read_model,
    read_tokenizer,
    weights_digest,
)
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.segmentation.loading import device_of
from studio.segmentation.segmenter import check_cancel, picture_pixels

_OF_PICTURE = "Describe this picture as a short caption of at most fifteen words. Only the caption."
_OF_REGION = (
    "What is the thing in the middle of this picture? Answer with a short phrase of at most eight "
    "words, such as: a red wooden boat. Only the phrase."
)
_MARGIN = 0.3  # of a region's size, that is shown around it
_LONGEST = 256  # tokens of an answer
_MOST_PIXELS, _FEWEST_PIXELS = 640 * 640, 4 * 28 * 28  # of a picture as it is looked at
_SYSTEM = "You are a helpful assistant."


@dataclass(frozen=True, eq=False)
class QwenCaptioner:
    model: Any  # Qwen2_5_VLForConditionalGeneration
    tokenizer: Any
    name: str
    digest: str

    @property
    def needs_device(self) -> bool:
        return True

    @property
    def language(self) -> LanguageModel | None:
        return self

    def describe(
        self,
        image: Pixels,
        masks: Sequence[NDArray[np.bool_]] = (),
        cancel: Asked = None,
        recall: Recall = anew,
    ) -> Descriptions:
        del recall  # each question looks at the picture in its own way
        pixels = picture_pixels(image)
        for mask in masks:
            check_region(pixels, mask)
        picture = plain(self.answer(_OF_PICTURE, pixels, cancel))
        shown = (_around(pixels, mask) for mask in masks)
        regions = tuple(plain(self.answer(_OF_REGION, part, cancel)) for part in shown)
        return Descriptions(picture, regions)

    @torch.inference_mode()
    def answer(self, question: str, image: Pixels | None = None, cancel: Asked = None) -> str:
        check_cancel(cancel)
        shown, inputs = self._shown(image)
        text = (
            f"<|im_start|>system\n{_SYSTEM}<|im_end|>\n<|im_start|>user\n{shown}{question}"
            "<|im_end|>\n<|im_start|>assistant\n"
        )
        words = self.tokenizer(text, return_tensors="pt").to(self.model.device)
        if image is not None:
            is_picture = words["input_ids"] == self.model.config.image_token_id
            inputs["mm_token_type_ids"] = is_picture.to(torch.int64)
        with enough_memory(self.name, self.model.device):
            tokens = self.model.generate(
                input_ids=words["input_ids"],
                attention_mask=words["attention_mask"],
                max_new_tokens=_LONGEST,
                do_sample=False,
                **inputs,
            )
        new = tokens[0, words["input_ids"].shape[1] :]
        return self.tokenizer.decode(new, skip_special_tokens=True).strip()

    def _shown(self, image: Pixels | None) -> tuple[str, dict[str, Any]]:
        """The place of a picture in the text, and what is shown there."""
        if image is None:
            return "", {}
        vision = self.model.config.vision_config
        processor = Qwen2VLImageProcessorPil(
            patch_size=vision.patch_size,
            temporal_patch_size=vision.temporal_patch_size,
            merge_size=vision.spatial_merge_size,
            size={"shortest_edge": _FEWEST_PIXELS, "longest_edge": _MOST_PIXELS},
        )
        seen = processor(images=[image], return_tensors="pt")
        grid = seen["image_grid_thw"]
        count = int(grid[0].prod()) // vision.spatial_merge_size**2
        pads = "<|image_pad|>" * count
        values = seen["pixel_values"].to(self.model.device, self.model.dtype)
        inputs = {"pixel_values": values, "image_grid_thw": grid.to(self.model.device)}
        return f"<|vision_start|>{pads}<|vision_end|>", inputs


def _around(pixels: Pixels, mask: NDArray[np.bool_]) -> Pixels:
    """The region with a little of what is around it, everything else greyed."""
    box = Mask(mask).bounds
    assert box is not None
    extent = Extent(pixels.shape[1], pixels.shape[0])
    part = box.grown(round(_MARGIN * max(box.extent)) + 2, extent)
    window = np.s_[part.top : part.bottom, part.left : part.right]
    shown = pixels[window].copy()
    outside = ~mask[window]
    shown[outside] = (shown[outside] // 3 + 128).astype(np.uint8)
    return np.ascontiguousarray(shown)


def read_qwen(folder: Path, device: str) -> QwenCaptioner:
    from transformers import Qwen2_5_VLForConditionalGeneration

    place = device_of(device)
    kind = Qwen2_5_VLForConditionalGeneration
    model = read_model(kind, folder, "Qwen2.5-VL", torch.bfloat16).to(place)
    digest = f"qwen:{weights_digest(folder)}"
    return QwenCaptioner(model, read_tokenizer(folder), folder.name, digest)
