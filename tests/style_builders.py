"""Random LoRAs for a tiny model, in each layout that people have."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import torch
from diffusers import FluxTransformer2DModel
from safetensors.torch import save_file
from torch import Tensor, nn

Pairs = dict[str, tuple[Tensor, Tensor]]  # by layer: down, up

# diffusers' name of a layer of one block, and the module of BFL's that holds it
_DOUBLE = {
    "attn.to_out.0": "img_attn.proj",
    "ff.net.0.proj": "img_mlp.0",
    "ff.net.2": "img_mlp.2",
    "norm1.linear": "img_mod.lin",
    "attn.to_add_out": "txt_attn.proj",
    "ff_context.net.0.proj": "txt_mlp.0",
    "ff_context.net.2": "txt_mlp.2",
    "norm1_context.linear": "txt_mod.lin",
}
_SINGLE = {"proj_out": "linear2", "norm.linear": "modulation.lin"}
_OUTER = {
    "x_embedder": "img_in",
    "context_embedder": "txt_in",
    "proj_out": "final_layer.linear",
    "time_text_embed.timestep_embedder.linear_1": "time_in.in_layer",
    "time_text_embed.timestep_embedder.linear_2": "time_in.out_layer",
    "time_text_embed.guidance_embedder.linear_1": "guidance_in.in_layer",
    "time_text_embed.guidance_embedder.linear_2": "guidance_in.out_layer",
    "time_text_embed.text_embedder.linear_1": "vector_in.in_layer",
    "time_text_embed.text_embedder.linear_2": "vector_in.out_layer",
}
# layers that BFL holds as one, in its order
_FUSED = {
    "img_attn.qkv": ("attn.to_q", "attn.to_k", "attn.to_v"),
    "txt_attn.qkv": ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"),
    "linear1": ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp"),
}


def linears(flux: nn.Module) -> dict[str, nn.Linear]:
    return {name: each for name, each in flux.named_modules() if isinstance(each, nn.Linear)}


def random_style(
    flux: nn.Module, rank: int = 3, seed: int = 1, only: Iterable[str] = (), size: float = 0.3
) -> Pairs:
    """A pair for each linear layer, or for those whose name begins with one of `only`.

    Layers that BFL holds as one share their down matrix, so that every layout can hold the style.
    """
    torch.manual_seed(seed)
    downs: dict[str, Tensor] = {}
    pairs: Pairs = {}
    for name, layer in linears(flux).items():
        if only and not name.startswith(tuple(only)):
            continue
        group = _group(name)
        if group not in downs:
            downs[group] = torch.randn(rank, layer.in_features) / layer.in_features**0.5
        pairs[name] = downs[group], size * torch.randn(layer.out_features, rank)
    return pairs


def as_diffusers(pairs: Pairs) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name, (down, up) in pairs.items():
        found[f"transformer.{name}.lora_A.weight"] = down
        found[f"transformer.{name}.lora_B.weight"] = up
    return found


def as_bfl(pairs: Pairs, prefix: str = "diffusion_model.") -> dict[str, Tensor]:
    """ComfyUI's and peft's names over BFL's modules."""
    found: dict[str, Tensor] = {}
    for module, (down, up) in _modules(pairs).items():
        found[f"{prefix}{module}.lora_A.weight"] = down
        found[f"{prefix}{module}.lora_B.weight"] = up
    return found


def as_kohya(pairs: Pairs, alpha: float | None = None) -> dict[str, Tensor]:
    """With `alpha` the same change, its matrices divided by the scale that alpha stands for."""
    found: dict[str, Tensor] = {}
    for module, (down, up) in _modules(pairs).items():
        key = f"lora_unet_{module.replace('.', '_')}"
        scale = 1.0 if alpha is None else alpha / len(down)
        found[f"{key}.lora_down.weight"] = down
        found[f"{key}.lora_up.weight"] = up / scale
        if alpha is not None:
            found[f"{key}.alpha"] = torch.tensor(alpha)
    return found


def write_style(
    path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({key: each.clone().contiguous() for key, each in tensors.items()}, path, metadata)
    return path


def diffusers_alpha(alpha: float, rank: int) -> dict[str, str]:
    """What diffusers writes beside weights whose alpha is not their rank."""
    content = {"transformer.r": rank, "transformer.lora_alpha": alpha}
    return {"format": "pt", "lora_adapter_metadata": json.dumps(content)}


def fused(flux: FluxTransformer2DModel, pairs: Pairs, strength: float) -> FluxTransformer2DModel:
    """The same model with the style added into its weights: what the rows should come to."""
    with torch.no_grad():
        for name, (down, up) in pairs.items():
            flux.get_submodule(name).weight += strength * (up @ down)  # type: ignore[operator]
    return flux


def _group(name: str) -> str:
    block, _, layer = name.rpartition("attn.to_")
    if layer in ("q", "k", "v"):
        return f"{block}qkv"
    block, _, layer = name.rpartition("attn.add_")
    if layer in ("q_proj", "k_proj", "v_proj"):
        return f"{block}added"
    if name.startswith("single_transformer_blocks.") and name.endswith(".proj_mlp"):
        return name.removesuffix("proj_mlp") + "qkv"
    return name


def _modules(pairs: Pairs) -> Pairs:
    """The pairs under BFL's names; those of layers it holds as one, one above the other."""
    found: Pairs = {}
    for name, pair in pairs.items():
        family, _, rest = name.partition(".")
        number, _, layer = rest.partition(".")
        if family not in ("transformer_blocks", "single_transformer_blocks"):
            if name in _OUTER:
                found[_OUTER[name]] = pair
            continue
        is_double = family == "transformer_blocks"
        place = f"{'double' if is_double else 'single'}_blocks.{number}"
        alone = (_DOUBLE if is_double else _SINGLE).get(layer)
        if alone is not None:
            found[f"{place}.{alone}"] = pair
            continue
        module = next(
            key
            for key, layers in _FUSED.items()
            if layer in layers and (key == "linear1") != is_double
        )
        parts = [pairs[f"{family}.{number}.{each}"] for each in _FUSED[module]]
        found[f"{place}.{module}"] = parts[0][0], torch.cat([up for _, up in parts])
    return found
