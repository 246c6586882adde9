"""The names of an autoencoder in LDM's layout (ae.safetensors), by those of diffusers."""

from __future__ import annotations

import re

_RENAMED = (
    (r"encoder\.down_blocks\.(\d+)\.resnets\.(\d+)\.", r"encoder.down.\1.block.\2."),
    (r"encoder\.down_blocks\.(\d+)\.downsamplers\.0\.", r"encoder.down.\1.downsample."),
    (r"decoder\.up_blocks\.(\d+)\.resnets\.(\d+)\.", r"decoder.up.<\1>.block.\2."),
    (r"decoder\.up_blocks\.(\d+)\.upsamplers\.0\.", r"decoder.up.<\1>.upsample."),
    (r"mid_block\.resnets\.0\.", "mid.block_1."),
    (r"mid_block\.resnets\.1\.", "mid.block_2."),
    (r"mid_block\.attentions\.0\.group_norm\.", "mid.attn_1.norm."),
    (r"mid_block\.attentions\.0\.to_([qkv])\.", r"mid.attn_1.\1."),
    (r"mid_block\.attentions\.0\.to_out\.0\.", "mid.attn_1.proj_out."),
    (r"conv_shortcut\.", "nin_shortcut."),
    (r"conv_norm_out\.", "norm_out."),
)


def ldm_name(name: str, levels: int) -> str:
    """LDM counts the decoder's levels from the other end."""
    for pattern, replacement in _RENAMED:
        name = re.sub(pattern, replacement, name)
    return re.sub(r"<(\d+)>", lambda found: str(levels - 1 - int(found[1])), name)


def ldm_shape(name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """LDM's attention is made of convolutions of one pixel; `name` is diffusers'."""
    is_matrix = ".attentions.0." in name and len(shape) == 2
    return (*shape, 1, 1) if is_matrix else shape
