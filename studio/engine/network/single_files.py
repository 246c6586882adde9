"""Models out of single files: read, their 8-bit numbers undone, named as diffusers names them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKL, FluxTransformer2DModel
from diffusers.loaders.single_file_utils import (
    convert_flux_transformer_checkpoint_to_diffusers,
    convert_ldm_vae_checkpoint,
)
from safetensors import SafetensorError, safe_open
from torch import Tensor

from studio.engine.network.weights import Shapes, check_fits, shapes_of
from studio.inventory.architecture import Facts
from studio.inventory.base_files import Source
from studio.inventory.headers import read_header
from studio.inventory.ldm_layout import ldm_name, ldm_shape
from studio.inventory.scales import QUANT_NOTE, WEIGHT_SCALES, is_scale
from studio.inventory.weight_file import Model
from studio.scene.errors import DamagedWeights, MissingWeights, WrongArchitecture

Tensors = dict[str, Tensor]
_LINEAR1 = ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")  # what BFL keeps in one layer
_FLOAT8 = (torch.float8_e4m3fn, torch.float8_e5m2)
_DIFFUSERS_WIDTH = 3072  # which diffusers' conversion takes for granted where it cuts linear1
# of CLIP and T5 in other tools' files: what a text encoder does not use
_UNUSED = ("text_projection", "logit_scale", "vision_model.", "visual_projection.", "decoder.")
_UNUSED_NAMES = ("text_model.embeddings.position_ids", "lm_head.weight", "spiece_model")


def model_of(source: Source) -> tuple[Model, Facts]:
    """What a file holds, and its config; a folder is asked elsewhere."""
    assert source.model is not None
    assert source.config is not None
    return source.model, source.config


def is_gguf(source: Source) -> bool:
    return source.path.suffix.lower() == ".gguf"


def shapes_built(kind: Any, config: Facts, path: Path) -> Shapes:
    """Of the model that a config builds; `path` is named where it builds none."""
    try:
        with torch.device("meta"):
            model = kind.from_config(config)
    except (ValueError, TypeError, KeyError, RuntimeError, ZeroDivisionError) as exc:
        raise WrongArchitecture("{file} builds no model: {fault}", file=path, fault=exc) from exc
    return shapes_of(model.state_dict())


class Originals:
    """Tensors of a transformer as its file has them, by diffusers' names, a block at a time."""

    def __init__(self, source: Source, dtype: torch.dtype) -> None:
        self._source, self._dtype = source, dtype
        self._block: str | None = None
        self._tensors: Tensors = {}

    def __call__(self, name: str) -> Tensor:
        block = "" if is_gguf(self._source) else ".".join(name.split(".")[:2]) + "."
        if block != self._block:
            self._tensors = read_transformer(self._source, self._dtype, block or None)
            self._block = block
        if name not in self._tensors:
            raise MissingWeights(
                "{folder} has no tensor {name}.", folder=self._source.path, name=name
            )
        return self._tensors[name]


def build(kind: Any, tensors: Tensors, config: Facts, dtype: torch.dtype, **options: Any) -> Any:
    """A diffusers model of these tensors; quantised ones through its own loading."""
    if options:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "config.json").write_text(json.dumps(config), encoding="utf-8")
            model = kind.from_single_file(tensors, config=folder, torch_dtype=dtype, **options)
    else:
        with init_empty_weights():
            model = kind.from_config(config)
        for name in tensors:  # in place, so that never two precisions of all are in memory
            tensors[name] = tensors[name].to(dtype)
        model.load_state_dict(tensors, assign=True)
    return model.eval().requires_grad_(False)


def read_transformer(source: Source, dtype: torch.dtype, block: str | None = None) -> Tensors:
    """Named as in diffusers. Weights of a gguf file stay as they are packed.

    block: of all others ("single_transformer_blocks.3.") only the shapes may be there.
    """
    model, config = model_of(source)
    if is_gguf(source):
        tensors = _read_gguf(source.path, model.prefix)
    else:
        own = None if block is None or model.layout != "BFL" else _bfl_block(block)
        tensors = read_tensors(source, dtype, own)
    if model.layout != "BFL":
        expected = shapes_built(FluxTransformer2DModel, config, source.path)
        check_fits(shapes_of(tensors), expected, source.path)
        return tensors
    return from_bfl(tensors, config)


def read_vae(source: Source, dtype: torch.dtype) -> Tensors:
    """Named as in diffusers."""
    model, config = model_of(source)
    expected = shapes_built(AutoencoderKL, config, source.path)
    tensors = read_tensors(source, dtype)
    found = shapes_of(tensors)
    if model.layout == "diffusers":
        check_fits(found, expected, source.path)
        return tensors
    levels = len(config["block_out_channels"])
    check_fits(
        found,
        {ldm_name(name, levels): ldm_shape(name, shape) for name, shape in expected.items()},
        source.path,
    )
    return convert_ldm_vae_checkpoint(tensors, config)


def read_text(source: Source, kind: Any, config: Any, dtype: torch.dtype) -> Tensors:
    """Of CLIP's text half or a T5 encoder, named as transformers names them."""
    tensors = {
        name.removeprefix("text_model."): tensor
        for name, tensor in read_tensors(source, dtype).items()
        if not name.startswith(_UNUSED) and name not in _UNUSED_NAMES
    }
    same = tensors.pop("encoder.embed_tokens.weight", None)  # one table under two names
    if same is not None:
        tensors.setdefault("shared.weight", same)
    with torch.device("meta"):
        expected = shapes_of(kind(config).state_dict())
    expected.pop("encoder.embed_tokens.weight", None)
    check_fits(shapes_of(tensors), expected, source.path)
    return tensors


def read_tensors(source: Source, dtype: torch.dtype, block: str | None = None) -> Tensors:
    """A model's tensors without the prefix they have in the file; 8-bit ones become `dtype`.

    block: of those whose names begin otherwise only the shapes.
    """
    model, _ = model_of(source)
    read: Tensors = {}
    try:
        with safe_open(source.path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 - not a mapping
                if name.startswith(model.prefix):
                    own = name.removeprefix(model.prefix)
                    if block is None or own.startswith(block) or is_scale(own):
                        read[own] = file.get_tensor(name)
                    else:
                        shape = file.get_slice(name).get_shape()
                        read[own] = torch.empty(shape, device="meta")
    except (SafetensorError, OSError) as exc:
        raise DamagedWeights(
            "{path} is cut or is not safetensors ({fault}); fetch it again.",
            path=source.path,
            fault=exc,
        ) from exc
    weights = {name: tensor for name, tensor in read.items() if not is_scale(name)}
    for name in weights:
        weights[name] = _plain(name, weights[name], read, source.path, dtype)
    return weights


def _plain(
    name: str, tensor: Tensor, read: Mapping[str, Tensor], path: Path, dtype: torch.dtype
) -> Tensor:
    """A weight as a number of `dtype` where it is in 8 bits; the others as they are."""
    layer = name.removesuffix(".weight")
    scales = [read[layer + ending] for ending in WEIGHT_SCALES if layer + ending in read]
    if tensor.dtype not in _FLOAT8:
        if not tensor.is_floating_point() or (scales and layer + QUANT_NOTE in read):
            raise WrongArchitecture(
                "{path}: {name} is quantised in a way that is not read ({kind}); fp8 is, and gguf.",
                path=path,
                name=name,
                kind=str(tensor.dtype).removeprefix("torch."),
            )
        return tensor
    if not scales:
        return tensor.to(dtype)
    scale = scales[0].float()
    if scale.numel() not in (1, tensor.shape[0]):
        raise WrongArchitecture(
            "{path}: {name} has {count} scales; one for all or one for each of its {rows} rows "
            "can be read.",
            path=path,
            name=name,
            count=scale.numel(),
            rows=tensor.shape[0],
        )
    shape = (-1, *(1,) * (tensor.ndim - 1)) if scale.numel() > 1 else ()
    return (tensor.float() * scale.reshape(shape)).to(dtype)


def _read_gguf(path: Path, prefix: str) -> Tensors:
    from diffusers.models.model_loading_utils import load_gguf_checkpoint
    from diffusers.quantizers.gguf.utils import dequantize_gguf_tensor

    try:
        packed: Any = load_gguf_checkpoint(str(path))
    except (ValueError, KeyError, RuntimeError, OSError) as exc:
        raise DamagedWeights(
            "{file} cannot be read as FLUX in gguf: {fault}", file=path, fault=exc
        ) from exc
    sides = {name: len(each.shape) for name, each in read_header(path).tensors.items()}
    return {
        name.removeprefix(prefix): each if sides[name] > 1 else dequantize_gguf_tensor(each)
        for name, each in packed.items()
        if name.startswith(prefix)
    }


def from_bfl(tensors: Tensors, config: Facts) -> Tensors:
    """Through diffusers' conversion. The layer that it cuts at FLUX.1's own width is cut here."""
    inner = config["num_attention_heads"] * config["attention_head_dim"]
    cut: Tensors = {}
    for block in range(config["num_single_layers"]):
        for kind in ("weight", "bias"):
            name = f"single_blocks.{block}.linear1.{kind}"
            pieces = tensors[name].split([inner, inner, inner, 4 * inner])
            start = f"single_transformer_blocks.{block}"
            for layer, piece in zip(_LINEAR1, pieces, strict=True):
                cut[f"{start}.{layer}.{kind}"] = piece.clone()
            tensors[name] = torch.empty(7 * _DIFFUSERS_WIDTH, device="meta")
    converted = convert_flux_transformer_checkpoint_to_diffusers(tensors)
    return {**converted, **cut}


def _bfl_block(block: str) -> str | None:
    """How BFL's names of a block begin; None for what belongs to none: all is read then."""
    for theirs, own in (
        ("single_transformer_blocks.", "single_blocks."),
        ("transformer_blocks.", "double_blocks."),
    ):
        if block.startswith(theirs):
            return own + block.removeprefix(theirs)
    return None
