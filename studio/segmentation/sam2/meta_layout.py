"""The names that Meta's SAM 2.1 checkpoints give to the tensors of transformers' Sam2VideoModel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import Sam2VideoConfig

Shape = tuple[int, ...]

# The same matrix under a second name, which Meta's layout has once.
_SHARED = "shared_image_embedding.positional_embedding"
_PLACES = "prompt_encoder.shared_embedding.positional_embedding"
_POINTS = "prompt_encoder.point_embed.weight"  # all kinds of points; one tensor each at Meta's

# transformers' name -> Meta's; of each group the first that matches, groups in this order
_PARTS = (
    (r"^vision_encoder\.backbone\.patch_embed\.projection", "image_encoder.trunk.patch_embed.proj"),
    (r"^vision_encoder\.backbone\.", "image_encoder.trunk."),
    (r"^vision_encoder\.neck\.convs\.(\d+)\.", r"image_encoder.neck.convs.\1.conv."),
    (r"^prompt_encoder\.shared_embedding\.positional_embedding$",
     "sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"),
    (r"^prompt_encoder\.mask_embed\.conv1\.", "sam_prompt_encoder.mask_downscaling.0."),
    (r"^prompt_encoder\.mask_embed\.layer_norm1\.", "sam_prompt_encoder.mask_downscaling.1."),
    (r"^prompt_encoder\.mask_embed\.conv2\.", "sam_prompt_encoder.mask_downscaling.3."),
    (r"^prompt_encoder\.mask_embed\.layer_norm2\.", "sam_prompt_encoder.mask_downscaling.4."),
    (r"^prompt_encoder\.mask_embed\.conv3\.", "sam_prompt_encoder.mask_downscaling.6."),
    (r"^prompt_encoder\.", "sam_prompt_encoder."),
    (r"^mask_decoder\.upscale_conv1\.", "sam_mask_decoder.output_upscaling.0."),
    (r"^mask_decoder\.upscale_layer_norm\.", "sam_mask_decoder.output_upscaling.1."),
    (r"^mask_decoder\.upscale_conv2\.", "sam_mask_decoder.output_upscaling.3."),
    (r"^mask_decoder\.", "sam_mask_decoder."),
    (r"^memory_encoder\.feature_projection\.", "memory_encoder.pix_feat_proj."),
    (r"^memory_encoder\.projection\.", "memory_encoder.out_proj."),
    (r"^memory_encoder\.memory_fuser\.", "memory_encoder.fuser."),
    (r"^object_pointer_proj\.", "obj_ptr_proj."),
    (r"^temporal_positional_encoding_projection_layer\.", "obj_ptr_tpos_proj."),
    (r"^memory_temporal_positional_encoding$", "maskmem_tpos_enc"),
    (r"^no_memory_embedding$", "no_mem_embed"),
    (r"^no_memory_positional_encoding$", "no_mem_pos_enc"),
    (r"^no_object_pointer$", "no_obj_ptr"),
    (r"^occlusion_spatial_embedding_parameter$", "no_obj_embed_spatial"),
)  # fmt: skip
_LAYERS = (
    (r"\.mlp\.proj_in\.", ".mlp.layers.0."),  # of two layers
    (r"\.mlp\.proj_out\.", ".mlp.layers.1."),
    (r"\.layers\.0\.(weight|bias)$", r".layers.1.\1"),  # of three: proj_in, layers.0, proj_out
    (r"\.proj_in\.", ".layers.0."),
    (r"\.proj_out\.", ".layers.2."),
)
_WORDS = (
    (r"\.o_proj\.", ".out_proj."),
    (r"\.layer_norm", ".norm"),
    (r"\.depthwise_conv\.", ".dwconv."),
    (r"\.pointwise_conv", ".pwconv"),
    (r"\.scale$", ".gamma"),
)
_DOWNSAMPLER = re.compile(r"^memory_encoder\.mask_downsampler\.(.+)\.(weight|bias)$")


def meta_shapes(shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """What a checkpoint in Meta's layout holds, for a model with tensors of these shapes."""
    found: dict[str, Shape] = {}
    for name, shape in shapes.items():
        if name == _POINTS:
            found |= {_point_name(kind): (1, *shape[1:]) for kind in range(shape[0])}
        elif name != _SHARED:
            found[meta_name(name)] = shape
    return found


def from_meta(tensors: Mapping[str, Tensor], names: Mapping[str, Shape]) -> dict[str, Tensor]:
    """The tensors that a model calls `names`, from a checkpoint that has all of them."""
    import torch

    made: dict[str, Tensor] = {}
    for name, shape in names.items():
        if name == _POINTS:
            made[name] = torch.cat([tensors[_point_name(kind)] for kind in range(shape[0])])
        elif name == _SHARED:
            made[name] = tensors[meta_name(_PLACES)].clone()  # one file holds no tensor twice
        else:
            made[name] = tensors[meta_name(name)].contiguous()
    return made


def meta_name(name: str) -> str:
    """Meta's name for a tensor that transformers calls `name`."""
    downsampler = _DOWNSAMPLER.match(name)
    if downsampler is not None:
        return _downsampler_name(*downsampler.groups())
    for group in (_PARTS, _LAYERS, _WORDS):
        for pattern, meta in group:
            changed = re.sub(pattern, meta, name)
            if changed != name:
                name = changed
                break
    return name


def model_shapes(config: Sam2VideoConfig) -> dict[str, Shape]:
    """Name and shape of each tensor of a model; no memory is taken for them."""
    import torch
    from transformers import Sam2VideoModel

    with torch.device("meta"):
        model = Sam2VideoModel(config)
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def _point_name(kind: int) -> str:
    return f"sam_prompt_encoder.point_embeddings.{kind}.weight"


def _downsampler_name(layer: str, tensor: str) -> str:
    """Four times convolution, norm and activation in a row, and a last convolution."""
    place = 12
    if layer != "final_conv":
        _, number, kind = layer.split(".")
        place = 3 * int(number) + (kind == "layer_norm")
    return f"memory_encoder.mask_downsampler.encoder.{place}.{tensor}"
