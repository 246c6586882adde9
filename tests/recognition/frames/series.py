"""Small series to follow things through, and SAM 2.1's video model at a tiny size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import Sam2VideoConfig, Sam2VideoModel

from studio.recognition.finder import Pixels
from studio.recognition.frames.tracker import Mask
from studio.scene.geometry import Extent
from studio.scene.region import Click
from tests.segmentation.sam2.tiny_sam2 import SIDE, tiny_vision

EXTENT = Extent(96, 64)
RED = (200, 30, 30)


def box_at(number: int) -> NDArray[np.bool_]:
    """A box that goes three pixels to the right from frame to frame."""
    mask = np.zeros(EXTENT.shape, np.bool_)
    mask[20:44, 10 + 3 * number : 34 + 3 * number] = True
    return mask


def frame(number: int) -> Pixels:
    """A red box over grey stripes."""
    picture = np.full((*EXTENT.shape, 3), 120, np.uint8)
    picture[:, ::8] = 150
    picture[box_at(number)] = RED
    return picture


def write_frames(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        Image.fromarray(frame(number)).save(folder / f"shot {number + 1}.png")
    return folder


@dataclass
class Painted:
    """Frames that are made when they are asked for; `read_numbers` tells which were."""

    count: int = 8
    extent: Extent = EXTENT
    read_numbers: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return self.count

    def name(self, number: int) -> str:
        return f"{number:06}"

    def identity(self, number: int) -> str:
        return self.name(number)

    def read(self, number: int) -> Pixels:
        self.read_numbers.append(number)
        return frame(number % 16)


@dataclass
class Kept:
    """Masks in memory, by name."""

    masks: dict[str, Mask] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def is_done(self, name: str, key: str) -> bool:
        return self.keys.get(name) == key

    def mask(self, name: str) -> Mask:
        return self.masks[name]

    def put(self, name: str, mask: Mask, key: str, clicks: Sequence[Click] = ()) -> None:
        del clicks
        self.masks[name], self.keys[name] = mask, key


def tiny_sam2_video(folder: Path) -> Path:
    """Random weights that always think the thing is in sight."""
    torch.manual_seed(3)
    wide = 128  # of its 64-wide memory it needs more than once
    config = Sam2VideoConfig(
        vision_config=tiny_vision(wide),
        prompt_encoder_config={"hidden_size": wide, "image_size": SIDE, "patch_size": 16},
        mask_decoder_config={
            "hidden_size": wide,
            "mlp_dim": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "iou_head_hidden_dim": 32,
        },
        image_size=SIDE,
        memory_attention_hidden_size=wide,
        memory_attention_num_layers=1,
        memory_attention_num_attention_heads=1,
        memory_attention_feed_forward_hidden_size=32,
        memory_attention_rope_feat_sizes=[SIDE // 16] * 2,
        memory_encoder_hidden_size=wide,
        mask_downsampler_embed_dim=wide,
        memory_fuser_embed_dim=wide,
        memory_fuser_intermediate_dim=32,
        memory_fuser_num_layers=1,
    )
    model = Sam2VideoModel(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1 or not parameter.any():
                parameter.normal_(std=0.1)
        model.mask_decoder.pred_obj_score_head.proj_out.bias.fill_(50.0)
    model.save_pretrained(folder)
    return folder
