"""Real model classes at tiny size with random weights, in the folder layout of FLUX.1."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, FluxTransformer2DModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

from studio.engine.flux_engine import FluxEngine
from studio.engine.loading import load_engine
from studio.engine.network.low_rank import is_contour_site

PARITY = Path(__file__).parent / "data" / "parity"
_TEXT_CHANNELS, _POOLED_CHANNELS, _LATENT_CHANNELS = 24, 16, 4


def tiny_base(
    folder: Path,
    *,
    double_blocks: int = 1,
    single_blocks: int = 2,
    heads: int = 2,
    guidance_embeds: bool = True,
    dynamic_shift: bool = True,
    vae_levels: int = 4,
) -> Path:
    """Write a random base. `vae_levels` 4 gives tokens of 16 pixels, 3 of 8."""
    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    FluxTransformer2DModel(
        in_channels=4 * _LATENT_CHANNELS,
        num_layers=double_blocks,
        num_single_layers=single_blocks,
        attention_head_dim=16,
        num_attention_heads=heads,
        joint_attention_dim=_TEXT_CHANNELS,
        pooled_projection_dim=_POOLED_CHANNELS,
        guidance_embeds=guidance_embeds,
        axes_dims_rope=(4, 6, 6),
    ).save_pretrained(folder / "transformer")
    AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * vae_levels,
        up_block_types=("UpDecoderBlock2D",) * vae_levels,
        block_out_channels=(8,) * vae_levels,
        layers_per_block=1,
        latent_channels=_LATENT_CHANNELS,
        norm_num_groups=4,
        scaling_factor=0.3611,
        shift_factor=0.1159,
        use_quant_conv=False,
        use_post_quant_conv=False,
    ).save_pretrained(folder / "vae")
    _save_text_encoders(folder)
    FlowMatchEulerDiscreteScheduler(
        shift=3.0 if dynamic_shift else 1.0, use_dynamic_shifting=dynamic_shift
    ).save_pretrained(folder / "scheduler")
    for name in ("tokenizer", "tokenizer_2"):
        shutil.copytree(PARITY / "base" / name, folder / name, copy_function=_copy)
    shutil.copyfile(PARITY / "base" / "model_index.json", folder / "model_index.json")
    return folder


def tiny_adapters(folder: Path, base: Path, *, rank: int = 3, cond: bool = True) -> Path:
    """Write random adapters that fit `base`, in the published layout."""
    torch.manual_seed(1)
    config = FluxTransformer2DModel.load_config(base / "transformer")
    with torch.device("meta"):
        flux = FluxTransformer2DModel.from_config(config)
    linears = {
        name: layer for name, layer in flux.named_modules() if isinstance(layer, torch.nn.Linear)
    }
    blocks = ("transformer_blocks.", "single_transformer_blocks.")
    kinds = {"default": [name for name in linears if name.startswith(blocks)]}
    if cond:
        kinds["cond"] = [name for name in linears if is_contour_site(name)]
    for kind, names in kinds.items():
        tensors: dict[str, torch.Tensor] = {}
        for name in names:
            layer = linears[name]
            down = torch.randn(rank, layer.in_features) / layer.in_features**0.5
            up = 0.3 * torch.randn(layer.out_features, rank)
            tensors[f"transformer.{name}.lora_A.weight"] = down
            tensors[f"transformer.{name}.lora_B.weight"] = up
        (folder / kind).mkdir(parents=True, exist_ok=True)
        save_file(tensors, folder / kind / "pytorch_lora_weights.safetensors")
    return folder


def tiny_engine(folder: Path) -> FluxEngine:
    """An engine with random weights that recommends 2 steps at 64 x 64."""
    base = tiny_base(folder / "base")
    tiny_adapters(base / "seg2any", base)
    settings = {"name": "tiny", "steps": 2, "width": 64, "height": 64, "draft_steps": 1}
    (base / "recommended.json").write_text(json.dumps(settings))
    return load_engine(base, device="cpu")


def _save_text_encoders(folder: Path) -> None:
    clip = CLIPTextConfig(
        vocab_size=500,
        hidden_size=_POOLED_CHANNELS,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    CLIPTextModel(clip).save_pretrained(folder / "text_encoder")
    t5 = T5Config(
        vocab_size=108,
        d_model=_TEXT_CHANNELS,
        d_kv=8,
        d_ff=32,
        num_layers=1,
        num_heads=2,
        feed_forward_proj="gated-gelu",
    )
    T5EncoderModel(t5).save_pretrained(folder / "text_encoder_2")


_copy = partial(shutil.copyfile, follow_symlinks=True)
