"""SAM 2.1 in Meta's own layout: names and shapes from its architecture, and a tiny checkpoint.

The names here are written down from Meta's modules and yaml files, and share nothing with the map
in studio/segmentation/sam2/meta_layout.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from tests.segmentation.sam2.tiny_sam2 import SIDE, tiny_sam2

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import Sam2VideoConfig, Sam2VideoModel

Shapes = dict[str, tuple[int, ...]]
YAML = {  # embed_dim, stages, window_pos_embed_bkg_spatial_size: sam2/configs/sam2.1/*.yaml
    "tiny": (96, (1, 2, 7, 2), 7),
    "small": (96, (1, 2, 11, 2), 7),
    "base-plus": (112, (2, 3, 16, 3), 14),
    "large": (144, (2, 6, 36, 4), 7),
}
PARAMETERS = {"tiny": 38.9, "small": 46.0, "base-plus": 80.8, "large": 224.4}  # millions, README


def published_checkpoint(size: str) -> Shapes:
    """Name and shape of everything in sam2.1_hiera_*.pt."""
    width, stages, background = YAML[size]
    shapes: Shapes = {
        "maskmem_tpos_enc": (7, 1, 1, 64),
        "no_mem_embed": (1, 1, 256),
        "no_mem_pos_enc": (1, 1, 256),
        "no_obj_ptr": (1, 256),
        "no_obj_embed_spatial": (1, 64),
    }
    _trunk(shapes, width, stages, background)
    _prompts(shapes)
    _decoder(shapes)
    _memory(shapes)
    return shapes


def _layer(shapes: Shapes, name: str, *weight: int, bias: int | None = None) -> None:
    shapes[f"{name}.weight"] = weight
    shapes[f"{name}.bias"] = (weight[0] if bias is None else bias,)


def _trunk(shapes: Shapes, width: int, stages: tuple[int, ...], background: int) -> None:
    trunk = "image_encoder.trunk"
    shapes[f"{trunk}.pos_embed"] = (1, width, background, background)
    shapes[f"{trunk}.pos_embed_window"] = (1, width, 8, 8)
    _layer(shapes, f"{trunk}.patch_embed.proj", width, 3, 7, 7)
    block, before = 0, width
    for stage, count in enumerate(stages):
        wide = width * 2**stage
        for _ in range(count):
            name = f"{trunk}.blocks.{block}"
            _layer(shapes, f"{name}.norm1", before)
            _layer(shapes, f"{name}.attn.qkv", 3 * wide, before)
            _layer(shapes, f"{name}.attn.proj", wide, wide)
            _layer(shapes, f"{name}.norm2", wide)
            _layer(shapes, f"{name}.mlp.layers.0", 4 * wide, wide)
            _layer(shapes, f"{name}.mlp.layers.1", wide, 4 * wide)
            if before != wide:
                _layer(shapes, f"{name}.proj", wide, before)
            block, before = block + 1, wide
    for level in range(4):
        wide = width * 2 ** (3 - level)
        _layer(shapes, f"image_encoder.neck.convs.{level}.conv", 256, wide, 1, 1)


def _prompts(shapes: Shapes) -> None:
    prompts = "sam_prompt_encoder"
    shapes[f"{prompts}.pe_layer.positional_encoding_gaussian_matrix"] = (2, 128)
    for kind in range(4):
        shapes[f"{prompts}.point_embeddings.{kind}.weight"] = (1, 256)
    shapes[f"{prompts}.not_a_point_embed.weight"] = (1, 256)
    shapes[f"{prompts}.no_mask_embed.weight"] = (1, 256)
    _layer(shapes, f"{prompts}.mask_downscaling.0", 4, 1, 2, 2)
    _layer(shapes, f"{prompts}.mask_downscaling.1", 4)
    _layer(shapes, f"{prompts}.mask_downscaling.3", 16, 4, 2, 2)
    _layer(shapes, f"{prompts}.mask_downscaling.4", 16)
    _layer(shapes, f"{prompts}.mask_downscaling.6", 256, 16, 1, 1)


def _attention(shapes: Shapes, name: str, inner: int, keys: int = 256) -> None:
    _layer(shapes, f"{name}.q_proj", inner, 256)
    _layer(shapes, f"{name}.k_proj", inner, keys)
    _layer(shapes, f"{name}.v_proj", inner, keys)
    _layer(shapes, f"{name}.out_proj", 256, inner)


def _mlp(shapes: Shapes, name: str, *widths: int) -> None:
    for layer in range(len(widths) - 1):
        _layer(shapes, f"{name}.layers.{layer}", widths[layer + 1], widths[layer])


def _decoder(shapes: Shapes) -> None:
    decoder = "sam_mask_decoder"
    for block in range(2):
        name = f"{decoder}.transformer.layers.{block}"
        _attention(shapes, f"{name}.self_attn", 256)
        _attention(shapes, f"{name}.cross_attn_token_to_image", 128)
        _attention(shapes, f"{name}.cross_attn_image_to_token", 128)
        _mlp(shapes, f"{name}.mlp", 256, 2048, 256)
        for norm in range(1, 5):
            _layer(shapes, f"{name}.norm{norm}", 256)
    _attention(shapes, f"{decoder}.transformer.final_attn_token_to_image", 128)
    _layer(shapes, f"{decoder}.transformer.norm_final_attn", 256)
    shapes[f"{decoder}.iou_token.weight"] = (1, 256)
    shapes[f"{decoder}.mask_tokens.weight"] = (4, 256)
    shapes[f"{decoder}.obj_score_token.weight"] = (1, 256)
    _layer(shapes, f"{decoder}.output_upscaling.0", 256, 64, 2, 2, bias=64)
    _layer(shapes, f"{decoder}.output_upscaling.1", 64)
    _layer(shapes, f"{decoder}.output_upscaling.3", 64, 32, 2, 2, bias=32)
    _layer(shapes, f"{decoder}.conv_s0", 32, 256, 1, 1)
    _layer(shapes, f"{decoder}.conv_s1", 64, 256, 1, 1)
    for mask in range(4):
        _mlp(shapes, f"{decoder}.output_hypernetworks_mlps.{mask}", 256, 256, 256, 32)
    _mlp(shapes, f"{decoder}.iou_prediction_head", 256, 256, 256, 4)
    _mlp(shapes, f"{decoder}.pred_obj_score_head", 256, 256, 256, 1)


def _memory(shapes: Shapes) -> None:
    for block in range(4):
        name = f"memory_attention.layers.{block}"
        _attention(shapes, f"{name}.self_attn", 256)
        _attention(shapes, f"{name}.cross_attn_image", 256, keys=64)
        _layer(shapes, f"{name}.linear1", 2048, 256)
        _layer(shapes, f"{name}.linear2", 256, 2048)
        for norm in range(1, 4):
            _layer(shapes, f"{name}.norm{norm}", 256)
    _layer(shapes, "memory_attention.norm", 256)
    channels = (1, 4, 16, 64, 256)
    for step in range(4):
        name = f"memory_encoder.mask_downsampler.encoder.{3 * step}"
        _layer(shapes, name, channels[step + 1], channels[step], 3, 3)
        name = f"memory_encoder.mask_downsampler.encoder.{3 * step + 1}"
        _layer(shapes, name, channels[step + 1])
    _layer(shapes, "memory_encoder.mask_downsampler.encoder.12", 256, 256, 1, 1)
    _layer(shapes, "memory_encoder.pix_feat_proj", 256, 256, 1, 1)
    for block in range(2):
        name = f"memory_encoder.fuser.layers.{block}"
        shapes[f"{name}.gamma"] = (256,)
        _layer(shapes, f"{name}.dwconv", 256, 1, 7, 7)
        _layer(shapes, f"{name}.norm", 256)
        _layer(shapes, f"{name}.pwconv1", 1024, 256)
        _layer(shapes, f"{name}.pwconv2", 256, 1024)
    _layer(shapes, "memory_encoder.out_proj", 64, 256, 1, 1)
    _layer(shapes, "mask_downsample", 1, 1, 4, 4)
    _mlp(shapes, "obj_ptr_proj", 256, 256, 256, 256)
    _layer(shapes, "obj_ptr_tpos_proj", 64, 256)


def tiny_video_config() -> Sam2VideoConfig:
    """The parts of tiny_sam2, and a memory of their size."""
    from transformers import Sam2VideoConfig

    still = tiny_sam2().config
    return Sam2VideoConfig(
        vision_config=still.vision_config.to_dict(),
        prompt_encoder_config=_plain(still.prompt_encoder_config.to_dict()),
        mask_decoder_config=_plain(still.mask_decoder_config.to_dict()),
        image_size=SIDE,
        memory_attention_hidden_size=32,
        memory_attention_num_layers=1,
        memory_attention_feed_forward_hidden_size=32,
        memory_attention_rope_feat_sizes=[SIDE // 16] * 2,
        memory_encoder_hidden_size=32,
        memory_encoder_output_channels=16,
        mask_downsampler_embed_dim=32,
        memory_fuser_embed_dim=32,
        memory_fuser_intermediate_dim=32,
        architectures=["Sam2VideoModel"],
    )


def tiny_video() -> Sam2VideoModel:
    from transformers import Sam2VideoModel

    torch.manual_seed(3)
    model = Sam2VideoModel(tiny_video_config()).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1 or not parameter.any():
                parameter.normal_(std=0.15)
    model.shared_image_embedding.positional_embedding = (
        model.prompt_encoder.shared_embedding.positional_embedding
    )
    return model


def in_meta_layout(model: Sam2VideoModel) -> dict[str, Tensor]:
    """The model's weights under Meta's names: the map inverted."""
    from studio.segmentation.sam2.meta_layout import meta_name

    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    del state["shared_image_embedding.positional_embedding"]
    points = state.pop("prompt_encoder.point_embed.weight")
    tensors = {meta_name(name): tensor for name, tensor in state.items()}
    for kind, point in enumerate(points):
        tensors[f"sam_prompt_encoder.point_embeddings.{kind}.weight"] = point[None].clone()
    return tensors


def _plain(section: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in section.items() if name != "model_type"}
