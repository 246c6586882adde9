"""A base becomes models in memory, each file checked before it is used.

A base is a FLUX.1 folder in diffusers' layout, or single files of several places.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, FluxTransformer2DModel
from torch import Tensor

from studio.engine.network.quantization import Quantization
from studio.engine.network.single_files import (
    Originals,
    build,
    read_transformer,
    read_vae,
    shapes_built,
)
from studio.engine.network.text_encoders import TextEncoders
from studio.engine.network.text_loading import TRANSFORMERS_STEM, load_text
from studio.engine.network.weights import (
    check_fits,
    digest_files,
    read_config,
    read_shapes,
    read_tensors,
    weight_files,
)
from studio.inventory.architecture import Facts, Part, agrees
from studio.inventory.assembly import check_transformer
from studio.inventory.base_files import BaseFiles, Source, folder_files
from studio.inventory.layouts import BASE_FILE
from studio.inventory.weight_file import look_into
from studio.scene.errors import DamagedWeights, MissingWeights, WrongArchitecture

log = logging.getLogger(__name__)

DIFFUSERS_STEM = "diffusion_pytorch_model"
_LARGE = 2_000_000_000  # parameters from which a CPU computes in bfloat16


@dataclass(frozen=True)
class FluxParts:
    """The models of one base, on the CPU or where quantisation put them."""

    files: BaseFiles
    flux: FluxTransformer2DModel
    vae: AutoencoderKL
    text: TextEncoders
    scheduler: FlowMatchEulerDiscreteScheduler
    digest: str
    dtype: torch.dtype

    @property
    def original(self) -> Callable[[str], Tensor]:
        """Gives a tensor of the transformer, by name, as the base's files have it."""
        source = self.files.transformer
        return Originals(source, self.dtype) if source.model else partial(_original, source.path)


def load_parts(
    base: Path | BaseFiles, dtype: torch.dtype | None, quantization: Quantization
) -> FluxParts:
    """Read and check every component. dtype None: float32 on small models, else bfloat16."""
    files = base if isinstance(base, BaseFiles) else folder_files(base)
    if files.transformer.model is None and not (files.folder / BASE_FILE).is_file():
        raise MissingWeights(
            "{folder} has no model_index.json; a base is a FLUX.1 folder in diffusers layout.",
            folder=files.folder,
        )
    if quantization.file:
        files = replace(files, transformer=packed_source(quantization.file, files.transformer))
    dtype = dtype or (torch.bfloat16 if _size(files.transformer) > _LARGE else torch.float32)
    digest = digest_files(path for part, source in files.sources() for path in _files(part, source))
    parts = FluxParts(
        files=files,
        flux=_load(files.transformer, FluxTransformer2DModel, dtype, quantization),
        vae=_load(files.vae, AutoencoderKL, dtype),
        text=load_text(files, dtype, quantization),
        scheduler=_load_scheduler(files.scheduler),
        digest=digest,
        dtype=dtype,
    )
    _check_together(parts)
    return parts


def packed_source(file: Path, base: Source) -> Source:
    """A gguf file in place of a base's transformer, whose config it has to fit."""
    model = check_transformer(look_into(file))
    config = base.config or read_config(base.path)
    if not agrees(config, model.facts):
        raise WrongArchitecture(
            "{file} is another transformer than {base}: {what}.",
            file=file,
            base=base.path,
            what=model.text,
        )
    return Source(file, model, config)


def _load(
    source: Source, kind: Any, dtype: torch.dtype, quantization: Quantization | None = None
) -> Any:
    """A diffusers component, its headers compared with the model its config builds."""
    options = quantization.transformer_options(source, dtype) if quantization else {}
    if source.model is None:
        _check(source.path, kind)
        model = kind.from_pretrained(source.path, torch_dtype=dtype, **options)
        return model.eval().requires_grad_(False)
    read = read_transformer if source.model.part == "transformer" else read_vae
    try:
        return build(kind, read(source, dtype), source.config or {}, dtype, **options)
    except (ValueError, KeyError, RuntimeError) as exc:
        raise DamagedWeights(
            "{file} cannot be loaded as {what}: {fault}",
            file=source.path,
            what=source.model.text,
            fault=exc,
        ) from exc


def _original(folder: Path, name: str) -> Tensor:
    for path in weight_files(folder, DIFFUSERS_STEM):
        if name in read_shapes([path]):
            return read_tensors(path)[name]
    raise MissingWeights("{folder} has no tensor {name}.", folder=folder, name=name)


def _files(part: Part, source: Source) -> list[Path]:
    """All that a model is read from."""
    if source.model is not None:
        return [source.path]
    is_text = part in ("text_encoder", "text_encoder_2")
    return weight_files(source.path, TRANSFORMERS_STEM if is_text else DIFFUSERS_STEM)


def _size(transformer: Source) -> int:
    """How many weights it has."""
    if transformer.model is not None:
        return transformer.model.count
    shapes = read_shapes(weight_files(transformer.path, DIFFUSERS_STEM))
    return sum(math.prod(shape) for shape in shapes.values())


def _check(folder: Path, kind: Any) -> None:
    """Compare a diffusers component's file headers with the model its config builds."""
    config = read_config(folder)
    if config.get("_class_name") != kind.__name__:
        raise WrongArchitecture(
            "{file} describes a {found}, not a {wanted}.",
            file=folder / "config.json",
            found=config.get("_class_name"),
            wanted=kind.__name__,
        )
    files = weight_files(folder, DIFFUSERS_STEM)
    check_fits(read_shapes(files), shapes_built(kind, config, folder / "config.json"), files[0])


def _load_scheduler(source: Path | Facts) -> FlowMatchEulerDiscreteScheduler:
    """From a folder, or of these settings."""
    if not isinstance(source, Path):
        return FlowMatchEulerDiscreteScheduler(**source)
    config = read_config(source, "scheduler_config.json")
    if config.get("_class_name") != FlowMatchEulerDiscreteScheduler.__name__:
        raise WrongArchitecture(
            "{folder} describes a {found}, not a {wanted}.",
            folder=source,
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
                folder=parts.files.place,
                what=what,
                given=given,
                name=name,
                wanted=wanted,
            )
