"""An engine from a base and its adapters: folders or hub ids, checked and put on a device."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from studio.engine.flux_engine import FluxEngine
from studio.engine.network.adapters import Adapters, read_adapters
from studio.engine.network.loading import load_parts
from studio.engine.network.memory import empty_cache
from studio.engine.network.quantization import Quantization
from studio.engine.sampling.recommended import read_recommended
from studio.inventory.base_files import BaseFiles, folder_files
from studio.inventory.hub import find_folder
from studio.scene.errors import RequestError
from studio.scene.sentences import say

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def load_engine(
    base: str | Path | BaseFiles,
    adapters: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    offload: str = "none",
    quantize: str = "none",
    compiles: bool = False,
) -> FluxEngine:
    """`adapters` None: those inside the base's own folder, or none at all.

    compiles: the first render of each size takes a minute or more and the later ones are faster.
    """
    place = choose_device(device)
    numbers = choose_dtype(dtype, place)
    if quantize in ("nf4", "int8") and place.type != "cuda":
        raise RequestError(
            "quantize {how} needs an NVIDIA card; on {device} load the model without it.",
            how=quantize,
            device=place.type,
        )
    quantization = Quantization.parse(quantize)
    if not isinstance(base, BaseFiles):
        base = folder_files(find_folder(base, say("The base")))
    found = load_adapters(base, adapters)
    empty_cache(place)  # of the model that was here before
    parts = load_parts(base, numbers, quantization)
    flux: Any = parts.flux.config
    scheduler: Any = parts.scheduler.config
    recommended = read_recommended(
        base.recommended or base.folder,
        flux.guidance_embeds,
        scheduler.use_dynamic_shifting,
        base.name,
    )
    return FluxEngine(parts, found, recommended, place, offload, compiles)


def load_adapters(files: BaseFiles, adapters: str | Path | None) -> Adapters:
    if adapters is not None:
        return read_adapters(find_folder(adapters, say("The adapters folder")))
    return read_adapters(files.adapters) if files.adapters else Adapters()


def choose_device(name: str) -> torch.device:
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise RequestError(
            "device is {name!r}; it must be auto, cpu, cuda or mps.", name=name
        ) from None
    has_it = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if device.type in has_it and not has_it[device.type]():
        raise RequestError(
            "device {name} was asked for, but this machine has none; use cpu.", name=name
        )
    return device


def choose_dtype(name: str, device: torch.device) -> torch.dtype | None:
    """None on a CPU with `auto`: float32 for small models, bfloat16 for large ones."""
    if name == "auto":
        return None if device.type == "cpu" else torch.bfloat16
    if name not in _DTYPES:
        raise RequestError(
            "dtype is {name!r}; it must be auto or one of {allowed}.",
            name=name,
            allowed=", ".join(_DTYPES),
        )
    return _DTYPES[name]
