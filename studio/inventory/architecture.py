"""The architecture of FLUX.1's models, read from the shapes of their tensors.

A diffusers folder says it in config.json; a single file only has names and shapes. What shapes do
not tell is FLUX.1's own (`completed`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from studio.inventory.tensors import TensorFacts

Part = Literal["transformer", "vae", "text_encoder", "text_encoder_2"]
Tensors = Mapping[str, TensorFacts]
Facts = dict[str, Any]
SCHEDULERS: dict[bool, Facts] = {  # by whether the model embeds guidance
    True: {
        "shift": 3.0,
        "use_dynamic_shifting": True,
        "base_shift": 0.5,
        "max_shift": 1.15,
        "base_image_seq_len": 256,
        "max_image_seq_len": 4096,
    },
    False: {"shift": 1.0, "use_dynamic_shifting": False},
}


def flux_facts(tensors: Tensors) -> Facts:
    """Of a transformer in BFL's layout. Raises KeyError or IndexError where it is none."""
    inner, channels = tensors["img_in.weight"].shape
    head = tensors["double_blocks.0.img_attn.norm.key_norm.scale"].shape[0]
    return {
        "in_channels": channels,
        "out_channels": tensors["final_layer.linear.weight"].shape[0],
        "num_layers": _layers(tensors, r"double_blocks\.(\d+)\."),
        "num_single_layers": _layers(tensors, r"single_blocks\.(\d+)\."),
        "attention_head_dim": head,
        "num_attention_heads": inner // head,
        "joint_attention_dim": tensors["txt_in.weight"].shape[1],
        "pooled_projection_dim": tensors["vector_in.in_layer.weight"].shape[1],
        "guidance_embeds": "guidance_in.in_layer.weight" in tensors,
    }


def diffusers_flux_facts(tensors: Tensors) -> Facts:
    """The same of a transformer with the names of a diffusers folder, in one file."""
    inner, channels = tensors["x_embedder.weight"].shape
    head = tensors["transformer_blocks.0.attn.norm_q.weight"].shape[0]
    guidance = "time_text_embed.guidance_embedder.linear_1.weight"
    pooled = tensors["time_text_embed.text_embedder.linear_1.weight"].shape[1]
    return {
        "in_channels": channels,
        "out_channels": tensors["proj_out.weight"].shape[0],
        "num_layers": _layers(tensors, r"transformer_blocks\.(\d+)\."),
        "num_single_layers": _layers(tensors, r"single_transformer_blocks\.(\d+)\."),
        "attention_head_dim": head,
        "num_attention_heads": inner // head,
        "joint_attention_dim": tensors["context_embedder.weight"].shape[1],
        "pooled_projection_dim": pooled,
        "guidance_embeds": guidance in tensors,
    }


def vae_facts(tensors: Tensors, is_diffusers: bool) -> Facts:
    """Of an autoencoder; the names of its blocks differ between LDM's layout and diffusers'."""
    block = "encoder.down_blocks.{}.resnets.{}" if is_diffusers else "encoder.down.{}.block.{}"
    attention = "encoder.mid_block.attentions.0" if is_diffusers else "encoder.mid.attn_1"
    levels = _layers(tensors, re.escape(block.split("{}")[0]) + r"(\d+)\.")
    first = re.escape(block.format(0, "")).replace(r"\{\}", "")
    return {
        "block_out_channels": [
            tensors[f"{block.format(level, 0)}.conv1.weight"].shape[0] for level in range(levels)
        ],
        "layers_per_block": _layers(tensors, first + r"(\d+)\."),
        "latent_channels": tensors["decoder.conv_in.weight"].shape[1],
        "in_channels": tensors["encoder.conv_in.weight"].shape[1],
        "out_channels": tensors["decoder.conv_out.weight"].shape[0],
        "mid_block_add_attention": any(name.startswith(attention) for name in tensors),
        "use_quant_conv": "quant_conv.weight" in tensors,
        "use_post_quant_conv": "post_quant_conv.weight" in tensors,
    }


def clip_facts(tensors: Tensors) -> Facts:
    """Of CLIP's text half, whose names may begin with "text_model."."""
    start = "text_model." if any(name.startswith("text_model.") for name in tensors) else ""
    words, hidden = tensors[f"{start}embeddings.token_embedding.weight"].shape
    return {
        "vocab_size": words,
        "hidden_size": hidden,
        "max_position_embeddings": tensors[f"{start}embeddings.position_embedding.weight"].shape[0],
        "intermediate_size": tensors[f"{start}encoder.layers.0.mlp.fc1.weight"].shape[0],
        "num_hidden_layers": _layers(tensors, re.escape(start) + r"encoder\.layers\.(\d+)\."),
    }


def t5_facts(tensors: Tensors) -> Facts:
    """Of a T5 encoder."""
    attention = "encoder.block.0.layer.0.SelfAttention"
    words = tensors.get("shared.weight") or tensors["encoder.embed_tokens.weight"]
    buckets, heads = tensors[f"{attention}.relative_attention_bias.weight"].shape
    gated = "encoder.block.0.layer.1.DenseReluDense.wi_0.weight"
    wide = tensors.get(gated) or tensors["encoder.block.0.layer.1.DenseReluDense.wi.weight"]
    return {
        "vocab_size": words.shape[0],
        "d_model": words.shape[1],
        "d_kv": tensors[f"{attention}.q.weight"].shape[0] // heads,
        "d_ff": wide.shape[0],
        "num_heads": heads,
        "num_layers": _layers(tensors, r"encoder\.block\.(\d+)\."),
        "relative_attention_num_buckets": buckets,
        "feed_forward_proj": "gated-gelu" if gated in tensors else "relu",
    }


def completed(part: Part, facts: Facts) -> Facts:
    """A whole config: the facts, and what shapes do not tell as FLUX.1 has it."""
    return {**_UNTOLD[part](facts), **facts}


def agrees(config: Mapping[str, Any], facts: Facts) -> bool:
    """Whether a config describes a model of these shapes."""
    asked = {key: value for key, value in facts.items() if config.get(key) is not None}
    return bool(asked) and all(
        list(config[key]) == list(value) if isinstance(value, list) else config[key] == value
        for key, value in asked.items()
    )


def rope_axes(head: int) -> list[int]:
    """An eighth of a head for the image's number, the rest for rows and columns: 16, 56, 56."""
    first = next(
        (axis for axis in range(max(2, head // 8 // 2 * 2), head, 2) if (head - axis) % 4 == 0), 0
    )
    return [first, (head - first) // 2, (head - first) // 2]


def _flux_untold(facts: Facts) -> Facts:
    return {
        "_class_name": "FluxTransformer2DModel",
        "patch_size": 1,
        "axes_dims_rope": rope_axes(facts["attention_head_dim"]),
    }


def _vae_untold(facts: Facts) -> Facts:
    narrowest = min(facts["block_out_channels"])
    levels = len(facts["block_out_channels"])
    return {
        "_class_name": "AutoencoderKL",
        "down_block_types": ["DownEncoderBlock2D"] * levels,
        "up_block_types": ["UpDecoderBlock2D"] * levels,
        "act_fn": "silu",
        "norm_num_groups": 32 if narrowest % 32 == 0 else max(1, narrowest // 2),
        "sample_size": 1024,
        "scaling_factor": 0.3611,
        "shift_factor": 0.1159,
        "force_upcast": True,
    }


def _clip_untold(facts: Facts) -> Facts:
    hidden = facts["hidden_size"]
    return {
        "num_attention_heads": hidden // 64 if hidden % 64 == 0 else 2,
        "hidden_act": "quick_gelu",
        "projection_dim": hidden,
        "layer_norm_eps": 1e-5,
    }


def _t5_untold(facts: Facts) -> Facts:
    del facts
    return {
        "relative_attention_max_distance": 128,
        "layer_norm_epsilon": 1e-6,
        "is_encoder_decoder": False,
        "use_cache": False,
        "pad_token_id": 0,
        "eos_token_id": 1,
        "tie_word_embeddings": False,
    }


_UNTOLD = {
    "transformer": _flux_untold,
    "vae": _vae_untold,
    "text_encoder": _clip_untold,
    "text_encoder_2": _t5_untold,
}


def _layers(tensors: Tensors, pattern: str) -> int:
    numbers = {int(found[1]) for name in tensors if (found := re.match(pattern, name))}
    return max(numbers) + 1 if numbers else 0
