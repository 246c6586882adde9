"""Captions by Florence-2 (Xiao et al., 2023): of the picture, and of what lies in a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.recognition.captioner import Descriptions, LanguageModel
from studio.recognition.finder import Asked, Pixels, Recall, anew, check_region
from studio.recognition.models.pixels import normalised
from studio.recognition.models.reading import (
    enough_memory,
    fitting_dtype,
    read_model,
    read_tokenizer,
    weights_digest,
)
from studio.scene.geometry import Bounds, Extent
from studio.scene.mask import Mask
from studio.segmentation.loading import device_of
from studio.segmentation.segmenter import check_cancel, picture_pixels

_SIDE = 768  # pixels, as it was trained
_BINS = 1000  # a place is told as one of so many steps across and down
_OF_PICTURE = "What does the image describe?"  # what its task <CAPTION> stands for
_OF_BOX = "What does the region {box} describe?"  # and <REGION_TO_DESCRIPTION>
_LONGEST = 40  # tokens of an answer


@dataclass(frozen=True, eq=False)
class FlorenceCaptioner:
    model: Any  # Florence2ForConditionalGeneration
    tokenizer: Any
    name: str
    digest: str
    side: int = _SIDE

    @property
    def needs_device(self) -> bool:
        return True

    @property
    def language(self) -> LanguageModel | None:
        return None

    def describe(
        self,
        image: Pixels,
        masks: Sequence[NDArray[np.bool_]] = (),
        cancel: Asked = None,
        recall: Recall = anew,
    ) -> Descriptions:
        pixels = picture_pixels(image)
        for mask in masks:
            check_region(pixels, mask)
        with enough_memory(self.name, self.model.device):
            seen = recall(f"seen:{self.digest}", lambda: self._seen(pixels))
            picture = self._answer(seen, _OF_PICTURE)
            regions: list[str] = []
            for mask in masks:
                check_cancel(cancel)
                regions.append(self._answer(seen, _OF_BOX.format(box=_as_places(mask))))
        return Descriptions(picture, tuple(regions))

    @torch.inference_mode()
    def _seen(self, pixels: Pixels) -> Tensor:
        """(1, tokens, channels): the picture as the language half reads it."""
        values = normalised(pixels, Extent(self.side, self.side))
        values = values.to(self.model.device, self.model.dtype)
        return self.model.get_image_features(pixel_values=values).pooler_output

    @torch.inference_mode()
    def _answer(self, seen: Tensor, question: str) -> str:
        text = f"{self.tokenizer.bos_token}{question}{self.tokenizer.eos_token}"
        words = self.tokenizer(text, add_special_tokens=False, return_tensors="pt")
        words = words.to(self.model.device)
        told = self.model.get_input_embeddings()(words["input_ids"])
        everything = torch.cat([seen.to(told.dtype), told], dim=1)
        attention_mask = torch.ones(everything.shape[:2], dtype=torch.int64, device=told.device)
        read = self.model.get_encoder()(inputs_embeds=everything, attention_mask=attention_mask)
        tokens = self.model.generate(
            encoder_outputs=read,
            attention_mask=attention_mask,
            max_new_tokens=_LONGEST,
            num_beams=3,
            do_sample=False,
        )
        return plain(self.tokenizer.decode(tokens[0], skip_special_tokens=True))


def plain(answer: str) -> str:
    """An answer as a caption: one line, no full stop at its end."""
    return " ".join(answer.split()).strip().rstrip(".").strip()


def _as_places(mask: NDArray[np.bool_]) -> str:
    box = Mask(mask).bounds
    assert box is not None
    return "".join(f"<loc_{place}>" for place in places_of(box, Mask(mask).extent))


def places_of(box: Bounds, extent: Extent) -> tuple[int, int, int, int]:
    """The corners as steps of the picture's width and height."""
    sides = (extent.width, extent.height)
    left, top, right, bottom = (
        min(_BINS - 1, int(value * _BINS / sides[number % 2])) for number, value in enumerate(box)
    )
    return left, top, right, bottom


def read_florence(folder: Path, device: str) -> FlorenceCaptioner:
    from transformers import Florence2ForConditionalGeneration

    place = device_of(device)
    kind = Florence2ForConditionalGeneration
    model = read_model(kind, folder, "Florence-2", fitting_dtype(place)).to(place)
    digest = f"florence:{weights_digest(folder)}"
    return FlorenceCaptioner(model, read_tokenizer(folder), folder.name, digest)
