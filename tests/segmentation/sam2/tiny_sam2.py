"""A random SAM 2 of a few thousand weights: the real class at a toy size."""

from __future__ import annotations

from typing import Any

import torch
from transformers import Sam2Config, Sam2Model

SIDE = 128


def tiny_vision(width: int) -> dict[str, Any]:
    """The part that looks at a picture; `width` is what comes out of it."""
    backbone = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": 8,
        "num_attention_heads": 1,
        "image_size": [SIDE, SIDE],
        "blocks_per_stage": [1, 1, 2, 1],
        "embed_dim_per_stage": [8, 16, 32, 64],
        "num_attention_heads_per_stage": [1, 1, 1, 1],
        "window_size_per_stage": [4, 2, 2, 2],
        "window_positional_embedding_background_size": [2, 2],
        "global_attention_blocks": [3],
    }
    return {
        "model_type": "sam2_vision_model",
        "backbone_config": backbone,
        "backbone_channel_list": [64, 32, 16, 8],
        "backbone_feature_sizes": [[SIDE // 4] * 2, [SIDE // 8] * 2, [SIDE // 16] * 2],
        "fpn_hidden_size": width,
    }


def tiny_sam2() -> Sam2Model:
    torch.manual_seed(3)
    config = Sam2Config(
        vision_config=tiny_vision(32),
        prompt_encoder_config={"hidden_size": 32, "image_size": SIDE, "patch_size": 16},
        mask_decoder_config={
            "hidden_size": 32,
            "mlp_dim": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "iou_head_hidden_dim": 32,
        },
    )
    model = Sam2Model(config).eval()
    with torch.no_grad():  # fresh weights are so small that most inputs would not show
        for parameter in model.parameters():
            if parameter.ndim > 1 or not parameter.any():
                parameter.normal_(std=0.15)
    return model
