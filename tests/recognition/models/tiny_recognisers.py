"""Random models of a few thousand weights of the real classes, in folders as they are published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import WordLevel
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPSegConfig,
    CLIPSegForImageSegmentation,
    Dinov2Config,
    Dinov2Model,
    Florence2Config,
    Florence2ForConditionalGeneration,
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Sam3Config,
    Sam3Model,
)

WORDS = ("red", "cup", "ball", "what", "does", "the", "image", "describe", "region", "boat", ".")
_SPECIAL = ("<pad>", "<s>", "</s>", "<unk>")
_OF_QWEN = ("<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>")
PLACES = tuple(f"<loc_{place}>" for place in range(1000))


def tokenizer_of(*more: str) -> PreTrainedTokenizerFast:
    names = [*_SPECIAL, *more, *WORDS]
    own = Tokenizer(WordLevel({name: place for place, name in enumerate(names)}, "<unk>"))
    own.pre_tokenizer = pre_tokenizers.Whitespace()
    made = PreTrainedTokenizerFast(
        tokenizer_object=own,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=77,
    )
    made.add_tokens(list(more), special_tokens=True)
    return made


def write(folder: Path, model: Any, tokenizer: PreTrainedTokenizerFast | None = None) -> Path:
    model.save_pretrained(folder)
    if tokenizer is not None:
        tokenizer.save_pretrained(folder)
    return folder


def livelier(model: Any) -> Any:
    """Fresh weights are so small that most inputs would not show."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.normal_(std=0.15)
    return model.eval()


def tiny_sam3(folder: Path) -> Path:
    torch.manual_seed(0)
    small = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 16}
    config = Sam3Config(
        vision_config={
            "backbone_config": {
                "model_type": "sam3_vit_model",
                "hidden_size": 32,
                "intermediate_size": 16,
                "num_hidden_layers": 2,
                "num_attention_heads": 2,
                "image_size": 112,
                "patch_size": 14,
                "window_size": 4,
                "global_attn_indexes": [1],
                "pretrain_image_size": 56,
            },
            "fpn_hidden_size": 16,
            "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
        },
        text_config={
            "vocab_size": 40,
            "hidden_size": 16,
            "intermediate_size": 16,
            "projection_dim": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "max_position_embeddings": 32,
            "bos_token_id": 1,
            "eos_token_id": 2,
        },
        geometry_encoder_config={**small, "num_layers": 1},
        detr_encoder_config={**small, "num_layers": 1},
        detr_decoder_config={**small, "num_layers": 1, "num_queries": 5},
        mask_decoder_config={"hidden_size": 16, "num_attention_heads": 2},
    )
    return write(folder, livelier(Sam3Model(config)), tokenizer_of())


def tiny_grounding(folder: Path) -> Path:
    torch.manual_seed(0)
    config = GroundingDinoConfig(
        backbone_config={
            "model_type": "swin",
            "image_size": 64,
            "patch_size": 4,
            "embed_dim": 8,
            "depths": [1, 1, 1, 1],
            "num_heads": [1, 1, 1, 1],
            "window_size": 4,
            "out_features": ["stage2", "stage3", "stage4"],
        },
        text_config={
            "model_type": "bert",
            "vocab_size": 40,
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 16,
            "max_position_embeddings": 64,
        },
        num_queries=6,
        encoder_layers=1,
        decoder_layers=2,
        d_model=32,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        max_text_len=32,
    )
    return write(folder, livelier(GroundingDinoForObjectDetection(config)), tokenizer_of())


CLIP_SIZE = {"hidden_size": 16, "intermediate_size": 16, "num_attention_heads": 2}
CLIP_TEXT = {
    **CLIP_SIZE,
    "vocab_size": 40,
    "num_hidden_layers": 1,
    "max_position_embeddings": 32,
    "eos_token_id": 2,
    "bos_token_id": 1,
}


def tiny_clipseg(folder: Path) -> Path:
    torch.manual_seed(0)
    config = CLIPSegConfig(
        text_config=CLIP_TEXT,
        vision_config={**CLIP_SIZE, "num_hidden_layers": 3, "image_size": 64, "patch_size": 16},
        projection_dim=16,
        extract_layers=[0, 1, 2],
        reduce_dim=16,
        decoder_num_attention_heads=2,
        decoder_intermediate_size=16,
        conditional_layer=0,
    )
    return write(folder, livelier(CLIPSegForImageSegmentation(config)), tokenizer_of())


def tiny_clip(folder: Path) -> Path:
    torch.manual_seed(0)
    config = CLIPConfig(
        text_config=CLIP_TEXT,
        vision_config={**CLIP_SIZE, "num_hidden_layers": 1, "image_size": 32, "patch_size": 8},
        projection_dim=16,
    )
    return write(folder, livelier(CLIPModel(config)), tokenizer_of())


def tiny_dinov2(folder: Path) -> Path:
    torch.manual_seed(0)
    config = Dinov2Config(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        mlp_ratio=1,
        image_size=56,
        patch_size=14,
    )
    return write(folder, livelier(Dinov2Model(config)))


def tiny_florence(folder: Path) -> Path:
    torch.manual_seed(0)
    tokenizer = tokenizer_of("<image>", *PLACES)
    config = Florence2Config(
        text_config={
            "model_type": "bart",
            "vocab_size": len(tokenizer),
            "d_model": 16,
            "encoder_layers": 1,
            "decoder_layers": 1,
            "encoder_ffn_dim": 16,
            "decoder_ffn_dim": 16,
            "encoder_attention_heads": 2,
            "decoder_attention_heads": 2,
            "max_position_embeddings": 700,
            "pad_token_id": 0,
            "bos_token_id": 1,
            "eos_token_id": 2,
            "decoder_start_token_id": 2,
            "forced_eos_token_id": 2,
        },
        vision_config={
            "embed_dim": (8, 8, 8, 16),
            "depths": (1, 1, 1, 1),
            "num_heads": (1, 1, 1, 1),
            "num_groups": (1, 1, 1, 1),
            "window_size": 4,
            "projection_dim": 16,
        },
        image_token_id=4,
    )
    model = livelier(Florence2ForConditionalGeneration(config))
    with torch.no_grad():  # so that it answers with words
        model.get_input_embeddings().weight[: len(tokenizer) - len(WORDS)] *= 0.01
    return write(folder, model, tokenizer)


def tiny_qwen(folder: Path) -> Path:
    torch.manual_seed(0)
    tokenizer = tokenizer_of(*_OF_QWEN)
    numbers = {name: tokenizer.convert_tokens_to_ids(name) for name in _OF_QWEN}
    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "max_position_embeddings": 4096,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10000.0,
                "mrope_section": [1, 1, 2],
            },
            "bos_token_id": 1,
            "eos_token_id": 2,
            "pad_token_id": 0,
        },
        vision_config={
            "depth": 1,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": 16,
            "fullatt_block_indexes": [0],
            "window_size": 56,
        },
        image_token_id=numbers["<|image_pad|>"],
        vision_start_token_id=numbers["<|vision_start|>"],
        vision_end_token_id=numbers["<|vision_end|>"],
    )
    model = livelier(Qwen2_5_VLForConditionalGeneration(config))
    with torch.no_grad():  # so that it answers with words
        model.lm_head.weight[: len(tokenizer) - len(WORDS)] = 0
    return write(folder, model.to(torch.bfloat16), tokenizer)


TINY: dict[str, Callable[[Path], Path]] = {
    "sam3": tiny_sam3,
    "grounding-dino-base": tiny_grounding,
    "clipseg-rd64-refined": tiny_clipseg,
    "clip-vit-large-patch14": tiny_clip,
    "dinov2-small": tiny_dinov2,
    "Florence-2-base": tiny_florence,
    "Qwen2.5-VL-3B-Instruct": tiny_qwen,
}
