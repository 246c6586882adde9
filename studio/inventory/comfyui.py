"""The models folder of another tool (ComfyUI, Forge), and the tokenizers that it ships."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from studio.inventory.headers import SUFFIXES
from studio.scene.errors import MissingWeights

# ComfyUI's, then Forge's; LoRAs lie beside them and are styles, not parts of a base
BASE_FOLDERS = ("diffusion_models", "unet", "checkpoints", "stable-diffusion")
PART_FOLDERS = ("vae", "clip", "text_encoders", "text_encoder")
STYLE_FOLDERS = ("loras", "lora")
_ALL = (*BASE_FOLDERS, *PART_FOLDERS, *STYLE_FOLDERS)
_DEPTH = 4  # folders within folders: loras/flux/portraits/...
_TOKENIZERS = {
    "tokenizer": (
        "comfy/sd1_tokenizer",
        "backend/huggingface/black-forest-labs/FLUX.1-dev/tokenizer",
    ),
    "tokenizer_2": (
        "comfy/text_encoders/t5_tokenizer",
        "backend/huggingface/black-forest-labs/FLUX.1-dev/tokenizer_2",
    ),
}


def models_folder(folder: Path) -> Path:
    """The `models` folder of a tool's folder, which may be that folder itself."""
    folder = folder.expanduser()
    if not folder.is_dir():
        raise MissingWeights(
            "comfyui is {folder}, which is not a folder here; give ComfyUI's own folder or its "
            "models folder.",
            folder=folder,
        )
    for candidate in (folder, folder / "models", folder / "ComfyUI" / "models"):
        if any(_subfolders(candidate, _ALL)):
            return candidate
    raise MissingWeights(
        "{folder} has none of the folders {names}; give ComfyUI's own folder or its models folder.",
        folder=folder,
        names=", ".join((*BASE_FOLDERS[:3], *PART_FOLDERS[:3])),
    )


def find_models_folder(folder: Path | None) -> Path | None:
    """The same, or None where there is none."""
    try:
        return None if folder is None else models_folder(folder)
    except MissingWeights:
        return None


def models_folder_around(file: Path) -> Path | None:
    """The models folder that a file lies in, if it lies in one: models/unet/flux1-dev.gguf."""
    for folder in list(file.absolute().parents)[:_DEPTH]:
        if folder.name.lower() in (*BASE_FOLDERS, *PART_FOLDERS):
            return folder.parent
    return None


def files_in(models: Path, folders: tuple[str, ...]) -> list[Path]:
    """All weight files there, by folder and name."""
    return [file for folder in _subfolders(models, folders) for file in weight_files(folder)]


def weight_files(folder: Path, depth: int = _DEPTH) -> list[Path]:
    found: list[Path] = []
    for place, folders, files in os.walk(folder, followlinks=True):
        if len(Path(place).relative_to(folder).parts) >= depth - 1:
            folders.clear()
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(place) / name for name in sorted(files) if name.lower().endswith(SUFFIXES)]
    return found


def shipped_tokenizers(models: Path, name: str) -> Iterator[Path]:
    """Where the tool keeps its own tokenizer of that name ("tokenizer", "tokenizer_2")."""
    for folder in _TOKENIZERS[name]:
        yield models.parent / folder
        yield models.parent.parent / folder  # of a models folder that several tools share


def _subfolders(folder: Path, names: tuple[str, ...]) -> Iterator[Path]:
    try:
        found = {each.name.lower(): each for each in folder.iterdir() if each.is_dir()}
    except OSError:  # not there, or not ours to read
        return
    yield from (found[name] for name in names if name in found)
