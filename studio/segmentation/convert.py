"""Meta's SAM 2.1 checkpoints, made once into the folder that the segmenter reads."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

from studio.inventory.sam2 import SAM2_FILES, sam2_folder
from studio.scene.errors import (
    DamagedWeights,
    MissingWeights,
    StorageError,
    WeightsError,
    WrongArchitecture,
)
from studio.segmentation.sam2.meta_layout import Shape, from_meta, meta_shapes, model_shapes
from studio.segmentation.sam2.published import TRUNKS, published_config

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import Sam2VideoConfig

_TRUNK = "image_encoder.trunk."
_WIDTH_OF = f"{_TRUNK}pos_embed"  # (1, width, h, w)
_ZIP = b"PK"  # how every checkpoint begins that torch has written since 2020

Configs = Mapping[str, Callable[[], "Sam2VideoConfig"]]
PUBLISHED: Configs = {size: lambda size=size: published_config(size) for size in TRUNKS}


@dataclass(frozen=True)
class Converted:
    """What was written, and of which size it is."""

    folder: Path
    size: str
    tensors: int


def convert_sam2(
    file: Path, weights: Path, out: Path | None = None, configs: Configs = PUBLISHED
) -> Converted:
    """Read a checkpoint in Meta's layout, .pt or .safetensors, and write the folder of its size.

    Every tensor is accounted for before anything is written; what is written is whole or absent.
    """
    tensors = _read(file)
    size = _size_of(file, tensors, configs)
    config = configs[size]()
    names = model_shapes(config)
    _check(file, tensors, meta_shapes(names))
    folder = sam2_folder(weights, size) if out is None else out
    if any((folder / each).exists() for each in SAM2_FILES):
        raise StorageError(
            "{folder} holds a model already; nothing was written. Choose another folder with "
            "--out, or delete it first.",
            folder=folder,
        )
    _write(from_meta(tensors, names), config, folder)
    return Converted(folder, size, len(tensors))


def _read(file: Path) -> dict[str, Tensor]:
    """All tensors by Meta's names. A pickle is opened here and nowhere else in the studio."""
    if not file.is_file():
        raise MissingWeights("{file} is not there; give the checkpoint to convert.", file=file)
    if file.suffix == ".safetensors":
        return _read_safetensors(file)
    with file.open("rb") as stream:
        beginning = stream.read(len(_ZIP))
    if beginning != _ZIP:
        raise WrongArchitecture(
            "{file} is neither safetensors nor a checkpoint of torch; give one of Meta's "
            "sam2.1_hiera_*.pt. It was not opened.",
            file=file,
        )
    _check_zip(file)
    content = _read_pickle(file)
    state = content.get("model", content) if isinstance(content, dict) else None
    return _only_tensors(file, state)


def _read_safetensors(file: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except SafetensorError as fault:
        raise DamagedWeights(
            "{file} is damaged: {fault}. Fetch it again.", file=file, fault=fault
        ) from fault


def _check_zip(file: Path) -> None:
    """torch itself looks at no checksum."""
    try:
        with zipfile.ZipFile(file) as archive:
            broken = archive.testzip()
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as fault:
        raise _cut(file) from fault
    if broken is not None:
        raise _cut(file)


def _cut(file: Path) -> DamagedWeights:
    return DamagedWeights(
        "{file} is half a download or damaged ({size} bytes); fetch it again.",
        file=file,
        size=file.stat().st_size,
    )


def _read_pickle(file: Path) -> Any:
    import torch

    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except UnpicklingError as fault:
        raise WrongArchitecture(
            "{file} holds more than tensors, so it was not opened: a pickle can run code. Give one "
            "of Meta's own sam2.1_hiera_*.pt.",
            file=file,
        ) from fault
    except (RuntimeError, EOFError, ValueError, KeyError, AttributeError) as fault:
        reason = str(fault).strip().splitlines()[0]
        raise DamagedWeights(
            "{file} cannot be read as a checkpoint of torch: {reason}", file=file, reason=reason
        ) from fault


def _only_tensors(file: Path, state: Any) -> dict[str, Tensor]:
    import torch

    if not isinstance(state, dict) or not state:
        raise _no_sam(file)
    for name, value in state.items():
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            raise WrongArchitecture(
                "{file} holds {name}, which is no tensor; it is no SAM 2.1.", file=file, name=name
            )
    return state


def _size_of(file: Path, tensors: Mapping[str, Tensor], configs: Configs) -> str:
    """The published size whose trunk has as many blocks of that width."""
    if _WIDTH_OF not in tensors or tensors[_WIDTH_OF].ndim != 4:
        raise _no_sam(file, sorted(tensors)[0])
    width = tensors[_WIDTH_OF].shape[1]
    blocks = len({name.split(".")[3] for name in tensors if name.startswith(f"{_TRUNK}blocks.")})
    shapes = {size: _trunk_of(configs[size]()) for size in configs}
    for size, shape in shapes.items():
        if shape == (width, blocks):
            return size
    known = ", ".join(f"{size} {shape[0]} x {shape[1]}" for size, shape in shapes.items())
    raise WrongArchitecture(
        "{file} has {blocks} blocks of width {width}; the published sizes are {known}.",
        file=file,
        blocks=blocks,
        width=width,
        known=known,
    )


def _trunk_of(config: Any) -> tuple[int, int]:
    trunk = config.vision_config.backbone_config
    return trunk.hidden_size, sum(trunk.blocks_per_stage)


def _no_sam(file: Path, first: str | None = None) -> WeightsError:
    if first is None:
        return WrongArchitecture("{file} holds no tensors by name; it is no SAM 2.1.", file=file)
    return WrongArchitecture(
        "{file} has no {wanted}, and its first tensor is {first}; it is no SAM 2.1 in Meta's "
        "layout.",
        file=file,
        wanted=_WIDTH_OF,
        first=first,
    )


def _check(file: Path, tensors: Mapping[str, Tensor], wanted: Mapping[str, Shape]) -> None:
    """Name the first tensor that is missing, not known, or of another shape."""
    for name in sorted(wanted.keys() - tensors.keys()):
        raise WrongArchitecture("{file} lacks {name}; it is no SAM 2.1.", file=file, name=name)
    for name in sorted(tensors.keys() - wanted.keys()):
        raise WrongArchitecture(
            "{file} has an unknown tensor {name}; it is no SAM 2.1.", file=file, name=name
        )
    for name, shape in wanted.items():
        if tuple(tensors[name].shape) != shape:
            raise WrongArchitecture(
                "{file}: {name} is {found}; this SAM 2.1 has {wanted}.",
                file=file,
                name=name,
                found=tuple(tensors[name].shape),
                wanted=shape,
            )


def _write(tensors: dict[str, Tensor], config: Sam2VideoConfig, folder: Path) -> None:
    """Beside first, then each file moved to its place, the weights last."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    made = not folder.exists()
    beside = folder.parent / f".{secrets.token_hex(8)}.part"
    try:
        beside.mkdir(parents=True)
        text = json.dumps(json.loads(config.to_json_string(use_diff=True)), indent=2) + "\n"
        (beside / SAM2_FILES[0]).write_text(text, encoding="utf-8")
        save_file(tensors, beside / SAM2_FILES[1], {"format": "pt"})
        if made:
            beside.rename(folder)
        else:
            for name in SAM2_FILES:
                (beside / name).replace(folder / name)
    except (OSError, SafetensorError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else None
        raise StorageError(
            "{folder} was not written: {reason}. Free some space or choose another folder with "
            "--out.",
            folder=folder,
            reason=reason or fault,
        ) from fault
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(beside, ignore_errors=True)
