"""Tiny bases written in the layouts of other tools: BFL's, LDM's, ComfyUI's, fp8 and gguf.

Each writer undoes diffusers' own conversion by hand, so that a test can compare what comes back.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from studio.inventory.ldm_layout import ldm_name, ldm_shape

Tensors = dict[str, Tensor]
FLUX_DEV = {  # the published architecture
    "in_channels": 64,
    "out_channels": 64,
    "num_layers": 19,
    "num_single_layers": 38,
    "attention_head_dim": 128,
    "num_attention_heads": 24,
    "joint_attention_dim": 4096,
    "pooled_projection_dim": 768,
    "guidance_embeds": True,
}
_EMBEDDERS = {
    "time_text_embed.timestep_embedder": "time_in",
    "time_text_embed.text_embedder": "vector_in",
    "time_text_embed.guidance_embedder": "guidance_in",
}
_DOUBLE = {
    "norm1.linear": "img_mod.lin",
    "norm1_context.linear": "txt_mod.lin",
    "attn.norm_q": "img_attn.norm.query_norm",
    "attn.norm_k": "img_attn.norm.key_norm",
    "attn.norm_added_q": "txt_attn.norm.query_norm",
    "attn.norm_added_k": "txt_attn.norm.key_norm",
    "attn.to_out.0": "img_attn.proj",
    "attn.to_add_out": "txt_attn.proj",
    "ff.net.0.proj": "img_mlp.0",
    "ff.net.2": "img_mlp.2",
    "ff_context.net.0.proj": "txt_mlp.0",
    "ff_context.net.2": "txt_mlp.2",
}
_SINGLE = {
    "norm.linear": "modulation.lin",
    "attn.norm_q": "norm.query_norm",
    "attn.norm_k": "norm.key_norm",
    "proj_out": "linear2",
}
_JOINED = {  # layers that BFL keeps in one, in this order
    "img_attn.qkv": ("attn.to_q", "attn.to_k", "attn.to_v"),
    "txt_attn.qkv": ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"),
    "linear1": ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp"),
}


def bfl_tensors(flux: Tensors) -> Tensors:
    """A transformer of diffusers' names in BFL's layout."""
    found: Tensors = {}
    for kind in ("weight", "bias"):
        found[f"img_in.{kind}"] = flux[f"x_embedder.{kind}"]
        found[f"txt_in.{kind}"] = flux[f"context_embedder.{kind}"]
        found[f"final_layer.linear.{kind}"] = flux[f"proj_out.{kind}"]
        scale, shift = flux[f"norm_out.linear.{kind}"].chunk(2)
        found[f"final_layer.adaLN_modulation.1.{kind}"] = torch.cat([shift, scale])
        for theirs, own in _EMBEDDERS.items():
            for number, layer in ((1, "in_layer"), (2, "out_layer")):
                name = f"{theirs}.linear_{number}.{kind}"
                if name in flux:
                    found[f"{own}.{layer}.{kind}"] = flux[name]
    for name in flux:
        block = re.match(r"(single_)?transformer_blocks\.(\d+)\.", name)
        if block:
            own = f"{'single' if block[1] else 'double'}_blocks.{block[2]}"
            _put(found, own, block[0], _SINGLE if block[1] else _DOUBLE, flux)
    return {name: tensor.contiguous() for name, tensor in found.items()}


def ldm_tensors(vae: Tensors, levels: int = 4) -> Tensors:
    """An autoencoder of diffusers' names in LDM's layout."""
    return {
        ldm_name(name, levels): tensor.reshape(ldm_shape(name, tuple(tensor.shape)))
        for name, tensor in vae.items()
    }


def float8_tensors(tensors: Tensors, *, scaled: bool, kind: str = "scale_weight") -> Tensors:
    """Matrices in float8; scaled as ComfyUI does it, with one number for each."""
    made: Tensors = {}
    for name, tensor in tensors.items():
        if tensor.ndim != 2:
            made[name] = tensor
            continue
        scale = tensor.abs().max() / 448 if scaled else torch.tensor(1.0)
        made[name] = (tensor / scale).to(torch.float8_e4m3fn)
        if scaled:
            made[f"{name.removesuffix('.weight')}.{kind}"] = scale.float()
    if scaled and kind == "scale_weight":
        made["scaled_fp8"] = torch.empty(0, dtype=torch.float8_e4m3fn)
    return made


def with_prefix(tensors: Tensors, prefix: str) -> Tensors:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def part(base: Path, name: str) -> Tensors:
    """The tensors of a base's component."""
    (file,) = (base / name).glob("*.safetensors")
    return load_file(file)


def comfyui_folder(base: Path, folder: Path, transformer: str = "flux1-dev.safetensors") -> Path:
    """ComfyUI's folder with the parts of `base`, and its tokenizers; returns the transformer."""
    models = folder / "models"
    for name in ("diffusion_models", "vae", "clip", "text_encoders", "unet", "loras"):
        (models / name).mkdir(parents=True)
    file = models / "diffusion_models" / transformer
    save_file(bfl_tensors(part(base, "transformer")), file)
    save_file(ldm_tensors(part(base, "vae")), models / "vae" / "ae.safetensors")
    clip = {
        "text_model." + name.removeprefix("text_model."): tensor
        for name, tensor in part(base, "text_encoder").items()
    }
    save_file(clip, models / "clip" / "clip_l.safetensors")
    save_file(part(base, "text_encoder_2"), models / "text_encoders" / "t5xxl_fp16.safetensors")
    for own, theirs in (
        ("tokenizer", "comfy/sd1_tokenizer"),
        ("tokenizer_2", "comfy/text_encoders/t5_tokenizer"),
    ):
        (folder / theirs).mkdir(parents=True)
        for each in (base / own).iterdir():
            (folder / theirs / each.name).write_bytes(each.read_bytes())
    return file


def _put(found: Tensors, own: str, block: str, names: dict[str, str], flux: Tensors) -> None:
    for theirs, ours in names.items():
        for kind in ("weight", "bias"):
            if f"{block}{theirs}.{kind}" in flux:
                ending = "scale" if "norm." in ours else kind
                found[f"{own}.{ours}.{ending}"] = flux[f"{block}{theirs}.{kind}"]
    for ours, layers in _JOINED.items():
        is_single = block.startswith("single_")
        if (ours == "linear1") == is_single:
            for kind in ("weight", "bias"):
                found[f"{own}.{ours}.{kind}"] = torch.cat(
                    [flux[f"{block}{layer}.{kind}"] for layer in layers]
                )


def write_gguf(tensors: Tensors, file: Path, kind: str) -> None:
    """Matrices that it can hold in a gguf type, the rest in float32, as published files have it."""
    import gguf

    packed = gguf.GGMLQuantizationType[kind]
    block, _ = gguf.GGML_QUANT_SIZES[packed]
    writer = gguf.GGUFWriter(str(file), "flux")
    writer.add_array("some.words", ["a", "b"])
    writer.add_array("some.numbers", [1, 2, 3])
    for name, tensor in tensors.items():
        numbers = tensor.float().numpy()
        if tensor.ndim == 2 and tensor.shape[1] % block == 0:
            quantised = gguf.quants.quantize(numbers, packed)
            writer.add_tensor(name, quantised, raw_dtype=packed)
        else:
            writer.add_tensor(name, numbers)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_header(file: Path, tensors: dict[str, tuple[int, ...]], kind: str = "BF16") -> None:
    """The beginning of a safetensors file of two-byte numbers, and nothing after it."""
    entries: dict[str, object] = {}
    end = 0
    for name, shape in tensors.items():
        begin, end = end, end + 2 * math.prod(shape)
        entries[name] = {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(entries).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text)
