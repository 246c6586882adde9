"""Reading a model of transformers from a local folder, and saying what is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers.utils.logging import disable_progress_bar

from studio.scene.errors import (
    DamagedWeights,
    MissingWeights,
    OutOfMemory,
    WrongArchitecture,
)

_SAMPLES = 64  # places of each file that its digest looks at


def read_model(kind: Any, folder: Path, name: str, dtype: torch.dtype = torch.float32) -> Any:
    """A model of this class, ready to be asked; every tensor has to be there and to fit."""
    disable_progress_bar()
    check_folder(folder)
    try:
        model, report = kind.from_pretrained(
            folder,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
    except SafetensorError as fault:
        raise DamagedWeights(
            "The weights in {folder} are damaged: {fault}. Fetch them again.",
            folder=folder,
            fault=fault,
        ) from fault
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
        raise WrongArchitecture(
            "{folder} holds no {name}: {reason}",
            folder=folder,
            name=name,
            reason=(str(fault).strip().splitlines() or [type(fault).__name__])[0],
        ) from fault
    _check(report, folder, name)
    model.requires_grad_(False)
    return model.eval()


def read_tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as fault:
        raise MissingWeights(
            "{folder} has no tokenizer that can be read: {reason}",
            folder=folder,
            reason=str(fault).strip().splitlines()[0],
        ) from fault


def check_folder(folder: Path) -> None:
    """MissingWeights unless there are a config and safetensors; pickles are never read."""
    if not (folder / "config.json").is_file():
        raise MissingWeights("{folder} has no config.json.", folder=folder)
    if not any(folder.glob("*.safetensors")):
        raise MissingWeights(
            "{folder} has no .safetensors file; pickles (.bin, .pt) are never read.", folder=folder
        )


def weights_digest(folder: Path) -> str:
    """From the sizes of the files and samples of them: reading gigabytes takes too long."""
    content = hashlib.blake2b(digest_size=8)
    for file in sorted(folder.glob("*.safetensors")):
        size = file.stat().st_size
        content.update(f"{file.name}:{size}".encode())
        with file.open("rb") as stream:
            for start in range(0, size, max(1, size // _SAMPLES)):
                stream.seek(start)
                content.update(stream.read(4096))
    return content.hexdigest()


def fitting_dtype(place: torch.device) -> torch.dtype:
    return torch.bfloat16 if place.type == "cuda" else torch.float32


@contextmanager
def enough_memory(name: str, place: torch.device) -> Iterator[None]:
    """Tell it as one sentence where the device has too little."""
    try:
        yield
    except torch.OutOfMemoryError:
        pass
    else:
        return
    raise OutOfMemory(
        "{name} has too little memory on {device} to look at this picture. Free some, take a "
        "smaller model, or start with --device cpu.",
        name=name,
        device=place,
    )


def _check(report: dict[str, Any], folder: Path, name: str) -> None:
    """Name the first tensor that is missing or of another shape.

    What is not known is let be: published files hold heads and trackers that are not needed.
    """
    for tensor, found, wanted in sorted(report["mismatched_keys"]):
        raise WrongArchitecture(
            "In {folder} {tensor} is {found}; this {name} has {wanted}.",
            folder=folder,
            tensor=tensor,
            found=tuple(found),
            name=name,
            wanted=tuple(wanted),
        )
    for tensor in sorted(report["missing_keys"]):
        raise WrongArchitecture(
            "{folder} lacks {tensor}; it is no {name}.", folder=folder, tensor=tensor, name=name
        )
