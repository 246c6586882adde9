"""Writes the mini model as a FLUX.1 folder: diffusers layout, float16, adapter, recommendations."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, FluxTransformer2DModel
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPTextModel, T5EncoderModel

from studio.engine.sampling.preview import Matrix
from studio.inventory.layouts import BASE_FILE, CONTOUR_FILE, OWN_ADAPTERS
from studio.workshop.mini_model import MiniModel
from studio.workshop.vocabulary import (
    CAPTION_TOKENS,
    REGION_TOKENS,
    build_tokenizer,
    save_tokenizers,
)

_WORD_TABLES = ("shared.weight", "embed_tokens.weight", "token_embedding.weight")
_NEW_WORD_SIZE = 0.7  # of the known words' spread; a new word disturbs less than it could

_MODEL_INDEX = {
    "_class_name": "FluxPipeline",
    "_diffusers_version": "0.42.1",
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "text_encoder_2": ["transformers", "T5EncoderModel"],
    "tokenizer": ["transformers", "PreTrainedTokenizerFast"],
    "tokenizer_2": ["transformers", "PreTrainedTokenizerFast"],
    "transformer": ["diffusers", "FluxTransformer2DModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def export_mini(model: MiniModel, vae: AutoencoderKL, folder: Path, latent_rgb: Matrix) -> None:
    """Write everything a render needs, as float16, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    half = torch.float16
    _copy_of(model.flux, half).save_pretrained(folder / "transformer")
    _copy_of(vae, half).to(memory_format=torch.contiguous_format).save_pretrained(folder / "vae")
    _copy_of(model.clip, half).save_pretrained(folder / "text_encoder")
    _copy_of(model.t5, half).save_pretrained(folder / "text_encoder_2")
    FlowMatchEulerDiscreteScheduler(
        base_shift=0.5, max_shift=1.15, base_image_seq_len=256, max_image_seq_len=4096,
        use_dynamic_shifting=True, shift=1.0,
    ).save_pretrained(folder / "scheduler")  # fmt: skip
    save_tokenizers(folder, model.cutouts)
    save_contour_adapter(model, folder / OWN_ADAPTERS)
    _write_json(folder / BASE_FILE, _MODEL_INDEX)
    _write_json(folder / "recommended.json", {**RECOMMENDED, "latent_rgb": latent_rgb})


RECOMMENDED: dict[str, Any] = {
    "name": "mini",
    "steps": 10,
    "draft_steps": 4,
    "true_cfg": 2.0,
    "negative_caption": "",
    "caption_tokens": CAPTION_TOKENS,
    "region_tokens": REGION_TOKENS,
    "width": 256,
    "height": 256,
}


def save_contour_adapter(model: MiniModel, folder: Path) -> None:
    """`cond` in the published layout; `default` is in the base weights and so left out."""
    tensors: dict[str, Tensor] = {}
    assert model.net.contour is not None
    for name, term in model.net.contour.named().items():
        tensors[f"transformer.{name}.lora_A.weight"] = term.down.detach().half().contiguous()
        tensors[f"transformer.{name}.lora_B.weight"] = term.up.detach().half().contiguous()
    (folder / CONTOUR_FILE).parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / CONTOUR_FILE, {"format": "pt"})


def load_mini(model: MiniModel, folder: Path) -> None:
    """Fill the model with the weights of an exported folder.

    Words that the exported model knew keep what it learned of them; others begin at random.
    """
    places = _places_of_words(model, folder)
    for module, part in (
        (model.flux, FluxTransformer2DModel.from_pretrained(folder / "transformer")),
        (model.clip, CLIPTextModel.from_pretrained(folder / "text_encoder")),
        (model.t5, T5EncoderModel.from_pretrained(folder / "text_encoder_2")),
    ):
        module.load_state_dict(_with_own_words(part.float().state_dict(), places))
    load_contour_adapter(model, folder / OWN_ADAPTERS)


def _places_of_words(model: MiniModel, folder: Path) -> list[int]:
    """For each word of the model, where the folder's tokenizer has it; -1 where it has not."""
    content = json.loads((folder / "tokenizer_2" / "tokenizer.json").read_text(encoding="utf-8"))
    old: dict[str, int] = content["model"]["vocab"]
    words = build_tokenizer(CAPTION_TOKENS, has_start=False, cutouts=model.cutouts).get_vocab()
    return [old.get(word, -1) for word in sorted(words, key=words.__getitem__)]


def _with_own_words(state: dict[str, Tensor], places: list[int]) -> dict[str, Tensor]:
    """A module's weights with its table of words in the order of the model's own words."""
    made = dict(state)
    generator = torch.Generator().manual_seed(5)
    for name in state:
        if name.endswith(_WORD_TABLES):
            table = state[name]
            fresh = torch.randn(len(places), table.shape[1], generator=generator)
            rows = fresh * table.std() * _NEW_WORD_SIZE
            known = torch.tensor(places) >= 0
            rows[known] = table[torch.tensor(places)[known]]
            made[name] = rows
    return made


def load_contour_adapter(model: MiniModel, folder: Path) -> None:
    tensors = load_file(folder / CONTOUR_FILE)
    assert model.net.contour is not None
    with torch.no_grad():
        for name, term in model.net.contour.named().items():
            term.down.copy_(tensors[f"transformer.{name}.lora_A.weight"])
            term.up.copy_(tensors[f"transformer.{name}.lora_B.weight"])


def normalise_latents(vae: AutoencoderKL, latents: Tensor) -> None:
    """Fold each channel's size into the VAE's own weights: latents (b, c, h, w) get size 1.

    Their mean stays: it is small, and moving it would show at the picture's border.
    """
    size = latents.std(dim=(0, 2, 3))
    count = len(size)
    with torch.no_grad():
        out: Any = vae.encoder.conv_out
        into: Any = vae.decoder.conv_in
        out.weight[:count] /= size[:, None, None, None]
        out.bias[:count] /= size
        into.weight *= size[None, :, None, None]


def _copy_of(module: Any, dtype: torch.dtype) -> Any:
    """The module in another dtype, without the folder it was once loaded from in its settings."""
    made = copy.deepcopy(module).to(dtype)
    if hasattr(made, "register_to_config"):
        made.register_to_config(_name_or_path="")
    return made


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
