"""The base that a user names: a folder, a file, a name in weights/ or in another tool's folder."""

from __future__ import annotations

from pathlib import Path

from studio.inventory.assembly import (
    Places,
    assemble,
    single_files,
    transformers_in,
    transformers_of,
)
from studio.inventory.base_files import BaseFiles
from studio.inventory.comfyui import models_folder
from studio.inventory.headers import SUFFIXES
from studio.inventory.layouts import BASE_FILE
from studio.inventory.stock import locate
from studio.inventory.weight_file import WeightFile
from studio.scene.errors import MissingWeights, WeightsError

MINI = "mini"


def find_base(name: str | None, weights: Path, comfyui: Path | None = None) -> str | BaseFiles:
    """The files of a base; a folder in diffusers' layout or a hub id is returned as it is.

    None: what `comfyui` holds, or else the embedded model.
    """
    places = Places(weights, models_folder(comfyui) if comfyui else None)
    if name is None:
        if comfyui is None or places.models is None:
            return str(weights / MINI)
        return _only(transformers_of(places.models), comfyui, places)
    path = Path(name).expanduser()
    if path.is_file():
        return assemble(path, places)
    if path.is_dir():
        loose = [] if (path / BASE_FILE).is_file() else transformers_in(path)
        return _only(loose, path, places) if loose else str(path)
    if (weights / name / BASE_FILE).is_file():
        return str(weights / name)
    for found in single_files(places):
        if name.lower() in (found.path.name.lower(), found.path.stem.lower()):
            return assemble(found.path, places)
    if name.lower().endswith(SUFFIXES):
        raise MissingWeights("{path} is not there.", path=path)
    return locate(name, weights, "base")


def base_name(name: str | None, weights: Path, comfyui: Path | None) -> str:
    """A name for what `find_base` finds, which stays its name when `comfyui` is another."""
    if name is None and comfyui is None:
        return MINI
    try:
        found = find_base(name, weights, comfyui)
    except WeightsError:
        return name or MINI
    return str(found.transformer.path) if isinstance(found, BaseFiles) else name or MINI


def _only(found: list[WeightFile], folder: Path, places: Places) -> BaseFiles:
    """The base of a folder that holds one transformer."""
    whole = [each for each in found if _is_whole(each)] or found
    if not whole:
        raise MissingWeights(
            "{folder} has no FLUX.1 transformer (flux1-dev.safetensors in diffusion_models, unet "
            "or checkpoints); name one with --base.",
            folder=folder,
        )
    if len(whole) > 1:
        raise MissingWeights(
            "{folder} has {count} FLUX.1 transformers: {names}. Choose one with --base.",
            folder=folder,
            count=len(whole),
            names=", ".join(each.path.name for each in whole),
        )
    return assemble(whole[0].path, places)


def _is_whole(found: WeightFile) -> bool:
    model = found.model("transformer")
    return found.damage is None and model is not None and model.fault is None
