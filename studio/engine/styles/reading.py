"""A LoRA file in any layout becomes low-rank terms by the layer's name, checked against FLUX.

Layouts: diffusers, Kohya, BFL (as ComfyUI and peft write it), XLabs. diffusers' own conversion
renames the keys; what it drops or knows for one width alone is done before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers.loaders import FluxLoraLoaderMixin
from torch import Tensor, nn

from studio.engine.network.low_rank import LowRank
from studio.engine.network.weights import read_metadata, read_tensors
from studio.inventory.tensors import by
from studio.scene.errors import DamagedWeights, WrongArchitecture
from studio.scene.sentences import say

Tensors = dict[str, Tensor]
_TEXT = ("lora_te", "text_encoder", "text_encoders", "text_model")
_OTHER_KINDS = {  # parts of a key -> the kind of file that has such keys
    "dora_scale": "DoRA",
    "magnitude_vector": "DoRA",
    "lokr_": "LoKr",
    "hada_": "LoHa",
    "oft_": "OFT",
}
_OTHER_MODELS = {
    "down_blocks": "Stable Diffusion",
    "up_blocks": "Stable Diffusion",
    "input_blocks": "Stable Diffusion",
    "output_blocks": "Stable Diffusion",
    "mid_block": "Stable Diffusion",
    "joint_blocks": "Stable Diffusion 3",
    "cross_attn": "Wan",
}
_LINEAR1 = re.compile(r"lora_unet_single_blocks_(\d+)_linear1$")
_PREFIX = re.compile(r"^(?:base_model\.model\.|diffusion_model\.|model\.|transformer\.)*")
_BFL_MODULES = (
    "double_blocks.",
    "single_blocks.",
    "img_in.",
    "txt_in.",
    "time_in.",
    "vector_in.",
    "guidance_in.",
    "final_layer.",
)
_OUR_MODULES = (
    "transformer_blocks.",
    "single_transformer_blocks.",
    "x_embedder.",
    "context_embedder.",
    "time_text_embed.",
    "norm_out.",
    "proj_out.",
)


@dataclass(frozen=True)
class StyleTerms:
    """What a style adds to each layer at strength 1, and what of its file is left out."""

    terms: Mapping[str, LowRank]
    notices: tuple[str, ...] = ()

    @property
    def nbytes(self) -> int:
        return sum(term.down.nbytes + term.up.nbytes for term in self.terms.values())


def read_style(path: Path, flux: nn.Module) -> StyleTerms:
    """WeightsError, with the reason, for a file that is no style for this model."""
    if path.suffix.lower() != ".safetensors":
        raise DamagedWeights(
            "{path} is no safetensors file, and only those are read as styles.", path=path
        )
    tensors = {key: _computable(tensor) for key, tensor in read_tensors(path).items()}
    name = path.name
    _check_values(tensors, name)
    text = [key for key in tensors if key.startswith(_TEXT)]
    image = {key: tensor for key, tensor in tensors.items() if key not in text}
    _check_kind(image, name, has_text=bool(text))
    pairs = _with_alpha(_as_pairs(image), _alphas(tensors, read_metadata(path)))
    terms = _converted(pairs, name)
    _check_fit(terms, flux, name)
    return StyleTerms(terms, _notices(path.stem, text))


def _notices(name: str, text: list[str]) -> tuple[str, ...]:
    if not text:
        return ()
    return (
        say(
            "The style {name} also holds {count} tensors for the text encoders, which are ignored.",
            name=name,
            count=len(text),
        ),
    )


def _computable(tensor: Tensor) -> Tensor:
    """Numbers of 8 bits can be stored but not multiplied."""
    return tensor.to(torch.bfloat16) if tensor.element_size() == 1 else tensor


def _check_values(tensors: Tensors, name: str) -> None:
    for key, tensor in tensors.items():
        if not torch.isfinite(tensor.float()).all():
            raise DamagedWeights(
                "{name} is damaged: {key} holds NaN or infinite values.", name=name, key=key
            )


def _check_kind(tensors: Tensors, name: str, *, has_text: bool) -> None:
    """Name what else a file may be, before its keys are taken for FLUX's."""
    for key in tensors:
        for part, kind in _OTHER_KINDS.items():
            if part in key:
                raise WrongArchitecture(
                    "{name} is a {kind}, and only LoRAs are read as styles ({key}).",
                    name=name,
                    kind=kind,
                    key=key,
                )
        for part, model in _OTHER_MODELS.items():
            if part in key:
                raise WrongArchitecture(
                    "{name} was made for {model}, not for FLUX.1 ({key}).",
                    name=name,
                    model=model,
                    key=key,
                )
    if not any(_is_down(key) for key in tensors):
        if has_text:
            raise WrongArchitecture(
                "{name} changes text encoders alone, and styles change the transformer.", name=name
            )
        raise WrongArchitecture(
            "{name} is no LoRA: it has no pair of low-rank matrices.", name=name
        )


def _is_down(key: str) -> bool:
    return ".lora_A." in key or ".lora_down." in key or key.endswith("down.weight")


def _as_pairs(tensors: Tensors) -> Tensors:
    """Prefixes off; BFL's names as Kohya writes them, which diffusers converts."""
    found: Tensors = {}
    for key, tensor in tensors.items():
        bare = _PREFIX.sub("", key, count=1).replace(".default.weight", ".weight")
        if bare.startswith(_BFL_MODULES) and "processor" not in bare:
            bare = bare.replace(".lora_A.", ".lora_down.").replace(".lora_B.", ".lora_up.")
            found[f"lora_unet_{_underscored(bare)}"] = tensor
        else:
            found[f"transformer.{bare}" if bare.startswith(_OUR_MODULES) else bare] = tensor
    return found


def _underscored(key: str) -> str:
    """ "double_blocks.0.img_attn.qkv.lora_up.weight" -> "double_blocks_0_img_attn_qkv.lora..." """
    module, mark, rest = key.partition(".lora_")
    if not mark:
        module, mark, rest = key.rpartition(".alpha")
    return module.replace(".", "_") + mark + rest


def _alphas(tensors: Tensors, metadata: Mapping[str, str]) -> Mapping[str, float]:
    """What diffusers writes beside its weights: alpha by layer, and "" for all others."""
    try:
        found = json.loads(metadata.get("lora_adapter_metadata", "{}"))
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    patterns = found.get("transformer.alpha_pattern") or {}
    alphas = {str(name): float(alpha) for name, alpha in patterns.items()}
    if found.get("transformer.lora_alpha") is not None:
        alphas[""] = float(found["transformer.lora_alpha"])
    return alphas


def _with_alpha(tensors: Tensors, alphas: Mapping[str, float]) -> Tensors:
    """Each pair at its own scale alpha / rank; an alpha that stays says 1."""
    scaled = dict(tensors)
    for key, down in tensors.items():
        if not _is_down(key):
            continue
        module = re.sub(r"\.lora_(A|down)\.weight$", "", key)
        alpha = tensors.get(f"{module}.alpha")
        layer = module.removeprefix("transformer.")
        value = float(alpha) if alpha is not None else alphas.get(layer, alphas.get(""))
        up = key.replace(".lora_A.", ".lora_B.").replace(".lora_down.", ".lora_up.")
        if value is not None and up in tensors:
            change = tensors[up]
            scaled[up] = (change.float() * (value / down.shape[0])).to(change.dtype)
        if module.startswith("lora_transformer_"):  # diffusers wants one in this layout
            scaled[f"{module}.alpha"] = torch.tensor(float(down.shape[0]))
        else:
            scaled.pop(f"{module}.alpha", None)
    return scaled


def _converted(tensors: Tensors, name: str) -> dict[str, LowRank]:
    first, rest = _single_firsts(tensors)
    converted: Any = {}
    if rest:
        try:
            converted = FluxLoraLoaderMixin.lora_state_dict(dict(rest))
        except (ValueError, KeyError, NotImplementedError, AssertionError, AttributeError) as fault:
            raise WrongArchitecture(
                "{name} does not fit FLUX.1: {fault}", name=name, fault=_first_line(fault)
            ) from fault
    return {**_paired(converted, name), **first}


def _single_firsts(tensors: Tensors) -> tuple[dict[str, LowRank], Tensors]:
    """BFL's `linear1`, four layers in one; diffusers divides it for FLUX.1's own width alone."""
    terms: dict[str, LowRank] = {}
    rest = dict(tensors)
    for key, down in tensors.items():
        module = key.removesuffix(".lora_down.weight")
        found = _LINEAR1.match(module) if module != key else None
        up = tensors.get(f"{module}.lora_up.weight")
        if found is None or up is None:
            continue
        width = up.shape[0] // 7  # query, key and value, and four times as many in the middle
        parts = up.split([width] * 3 + [up.shape[0] - 3 * width])
        for part, layer in zip(parts, ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")):  # noqa: B905
            terms[f"single_transformer_blocks.{found[1]}.{layer}"] = _low_rank(down, part)
        del rest[key], rest[f"{module}.lora_up.weight"]
    return terms, rest


def _paired(tensors: Mapping[str, Tensor], name: str) -> dict[str, LowRank]:
    terms: dict[str, LowRank] = {}
    for key, down in tensors.items():
        if ".lora_B." in key:
            continue
        up = tensors.get(key.replace(".lora_A.", ".lora_B."))
        if not key.endswith(".lora_A.weight") or up is None or up is down:
            raise WrongArchitecture(
                "{name}: {key} belongs to no pair of low-rank matrices.", name=name, key=key
            )
        layer = key.removeprefix("transformer.").removesuffix(".lora_A.weight")
        if down.ndim != 2 or up.ndim != 2 or down.shape[0] != up.shape[1]:
            raise WrongArchitecture(
                "{name}: the matrices of {layer} are {down} and {up}; their ranks differ.",
                name=name,
                layer=layer,
                down=by(tuple(down.shape)),
                up=by(tuple(up.shape)),
            )
        terms[layer] = _low_rank(down, up)
    lone = [key for key in tensors if ".lora_B." in key and _down_of(key) not in tensors]
    if lone:
        raise WrongArchitecture(
            "{name}: {key} belongs to no pair of low-rank matrices.", name=name, key=lone[0]
        )
    return terms


def _check_fit(terms: Mapping[str, LowRank], flux: nn.Module, name: str) -> None:
    linears = {key: layer for key, layer in flux.named_modules() if hasattr(layer, "in_features")}
    for key, term in terms.items():
        layer: Any = linears.get(key) or linears.get(f"{key}.layer")
        if layer is None:
            raise WrongArchitecture(
                "{name} has a term for {layer}, which is no layer of this model; it was made for "
                "another one.",
                name=name,
                layer=key,
            )
        if (term.up.shape[0], term.down.shape[1]) != (layer.out_features, layer.in_features):
            raise WrongArchitecture(
                "{name} maps {from_channels} to {to_channels} channels at {layer}, where this "
                "model maps {inputs} to {outputs}; it was made for another one.",
                name=name,
                layer=key,
                from_channels=term.down.shape[1],
                to_channels=term.up.shape[0],
                inputs=layer.in_features,
                outputs=layer.out_features,
            )


def _low_rank(down: Tensor, up: Tensor) -> LowRank:
    return LowRank(down.contiguous(), up.contiguous()).requires_grad_(False)


def _down_of(key: str) -> str:
    return key.replace(".lora_B.", ".lora_A.")


def _first_line(fault: Exception) -> str:
    return " ".join(str(fault).split())[:200] or type(fault).__name__
