"""A FLUX-layout folder or hub id becomes models in memory, each file checked before it is used."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, FluxTransformer2DModel
from torch import Tensor

from studio.engine.network.chinese import reading_chinese
from studio.engine.network.quantization import Quantization
from studio.engine.network.text_encoders import TextEncoders
from studio.engine.network.weights import (
    check_fits,
    digest_files,
    read_config,
    read_shapes,
    read_tensors,
    weight_files,
)
from studio.inventory.layouts import BASE_FILE
from studio.scene.errors import DamagedWeights, MissingWeights, WrongArchitecture

log = logging.getLogger(__name__)

DIFFUSERS_STEM, TRANSFORMERS_STEM = "diffusion_pytorch_model", "model"
_LARGE = 2_000_000_000  # parameters from which a CPU computes in bfloat16


@dataclass(frozen=True)
class FluxParts:
    """The models of one base, on the CPU or where quantisation put them."""

    folder: Path
    flux: FluxTransformer2DModel
    vae: AutoencoderKL
    text: TextEncoders
    scheduler: FlowMatchEulerDiscreteScheduler
    digest: str

    def original(self, name: str) -> Tensor:
        """A tensor of the transformer as the base's files have it."""
        for path in weight_files(self.folder / "transformer", DIFFUSERS_STEM):
            tensors = read_shapes([path])
            if name in tensors:
                return read_tensors(path)[name]
        raise MissingWeights(
            "{folder} has no tensor {name}.", folder=self.folder / "transformer", name=name
        )


def load_parts(folder: Path, dtype: torch.dtype | None, quantization: Quantization) -> FluxParts:
    """Read and check every component. dtype None: float32 on small models, else bfloat16."""
    if not (folder / BASE_FILE).is_file():
        raise MissingWeights(
            "{folder} has no model_index.json; a base is a FLUX.1 folder in diffusers layout.",
            folder=folder,
        )
    flux_files = weight_files(folder / "transformer", DIFFUSERS_STEM)
    shapes = read_shapes(flux_files)
    size = sum(_count(shape) for shape in shapes.values())
    dtype = dtype or (torch.bfloat16 if size > _LARGE else torch.float32)
    vae_files = _check(folder / "vae", AutoencoderKL)
    if not quantization.file:
        _check(folder / "transformer", FluxTransformer2DModel)
    parts = FluxParts(
        folder=folder,
        flux=quantization.load_transformer(folder / "transformer", dtype),
        vae=AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=dtype),
        text=_load_text(folder, dtype, quantization),
        scheduler=_load_scheduler(folder),
        digest=digest_files(
            [
                *flux_files,
                *vae_files,
                *weight_files(folder / "text_encoder", TRANSFORMERS_STEM),
                *weight_files(folder / "text_encoder_2", TRANSFORMERS_STEM),
            ]
        ),
    )
    _check_together(parts)
    return parts


def _check(folder: Path, kind: Any) -> list[Path]:
    """Compare a diffusers component's file headers with the model its config builds."""
    config = read_config(folder)
    if config.get("_class_name") != kind.__name__:
        raise WrongArchitecture(
            "{file} describes a {found}, not a {wanted}.",
            file=folder / "config.json",
            found=config.get("_class_name"),
            wanted=kind.__name__,
        )
    try:
        with torch.device("meta"):
            expected = kind.from_config(config).state_dict()
    except (ValueError, TypeError, KeyError, RuntimeError) as exc:
        raise WrongArchitecture(
            "{file} builds no model: {fault}", file=folder / "config.json", fault=exc
        ) from exc
    files = weight_files(folder, DIFFUSERS_STEM)
    check_fits(read_shapes(files), expected, files[0])
    return files


def _load_text(folder: Path, dtype: torch.dtype, quantization: Quantization) -> TextEncoders:
    import transformers

    def encoder(name: str, kind: Any, **extra: Any) -> Any:
        read_config(folder / name)
        files = weight_files(folder / name, TRANSFORMERS_STEM)
        read_shapes(files)
        try:
            model, info = kind.from_pretrained(
                folder / name,
                dtype=dtype,
                use_safetensors=True,
                output_loading_info=True,
                **extra,
            )
        except (RuntimeError, ValueError) as exc:
            raise WrongArchitecture(
                "{file} does not fit its config: {fault}", file=files[0], fault=exc
            ) from exc
        missing = sorted(info["missing_keys"])
        if missing:
            raise WrongArchitecture(
                "{file} has no tensor {tensor}, which its config calls for.",
                file=files[0],
                tensor=missing[0],
            )
        return model.eval().requires_grad_(False)

    index = read_config(folder, BASE_FILE)

    def tokenizer(name: str, kind: Any) -> Any:
        if not (folder / name).is_dir():
            raise MissingWeights(
                "{path} is not there; the base needs its tokenizer.", path=folder / name
            )
        if index.get(name) == ["transformers", "PreTrainedTokenizerFast"]:
            kind = transformers.PreTrainedTokenizerFast  # words of its own, as in the mini model
        try:
            return reading_chinese(kind.from_pretrained(folder / name))
        except (OSError, ValueError, TypeError, KeyError) as exc:
            raise DamagedWeights(
                "The tokenizer in {path} cannot be read: {fault}", path=folder / name, fault=exc
            ) from exc

    return TextEncoders(
        clip=encoder("text_encoder", transformers.CLIPTextModel),
        clip_tokenizer=tokenizer("tokenizer", transformers.CLIPTokenizer),
        # the published numbers come from the plain attention, not from a fused kernel
        t5=encoder(
            "text_encoder_2",
            transformers.T5EncoderModel,
            attn_implementation="eager",
            **quantization.text_encoder_options(dtype),
        ),
        t5_tokenizer=tokenizer("tokenizer_2", transformers.T5Tokenizer),
    )


def _load_scheduler(folder: Path) -> FlowMatchEulerDiscreteScheduler:
    config = read_config(folder / "scheduler", "scheduler_config.json")
    if config.get("_class_name") != FlowMatchEulerDiscreteScheduler.__name__:
        raise WrongArchitecture(
            "{folder} describes a {found}, not a {wanted}.",
            folder=folder / "scheduler",
            found=config.get("_class_name"),
            wanted=FlowMatchEulerDiscreteScheduler.__name__,
        )
    scheduler: Any = FlowMatchEulerDiscreteScheduler.from_config(config)
    return scheduler


def _check_together(parts: FluxParts) -> None:
    flux: Any = parts.flux.config
    vae: Any = parts.vae.config
    clip, t5 = parts.text.clip.config, parts.text.t5.config
    pairs = (
        ("text_encoder_2 gives", t5.d_model, "joint_attention_dim", flux.joint_attention_dim),
        (
            "text_encoder gives",
            clip.hidden_size,
            "pooled_projection_dim",
            flux.pooled_projection_dim,
        ),
        ("vae gives 4 x", vae.latent_channels * 4, "in_channels", flux.in_channels),
    )
    for what, given, name, wanted in pairs:
        if given != wanted:
            raise WrongArchitecture(
                "{folder}: {what} {given} channels but the transformer's {name} is {wanted}.",
                folder=parts.folder,
                what=what,
                given=given,
                name=name,
                wanted=wanted,
            )


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for side in shape:
        total *= side
    return total
