"""Weight files on disk: found, whole, safetensors, and of the shapes the model expects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from studio.inventory.tensors import by
from studio.scene.errors import DamagedWeights, MissingWeights, WrongArchitecture

Shapes = dict[str, tuple[int, ...]]
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_WHOLE_DIGEST_BYTES = 64 * 2**20  # larger files are known by their header, size and both ends


def read_config(folder: Path, name: str = "config.json") -> dict[str, Any]:
    path = folder / name
    if not path.is_file():
        raise MissingWeights(
            "{path} is not there. See weights/README.md for what goes where.", path=path
        )
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as exc:
        raise DamagedWeights(
            "{path} is not valid JSON ({fault}); fetch it again.", path=path, fault=exc
        ) from exc
    if not isinstance(config, dict):
        raise DamagedWeights(
            "{path} holds {kind} instead of a JSON object.", path=path, kind=type(config).__name__
        )
    return config


def weight_files(folder: Path, stem: str) -> list[Path]:
    """The safetensors files of one component: all shards its index names, or the only file."""
    index = folder / f"{stem}.safetensors.index.json"
    if index.is_file():
        shards = sorted(set(read_config(folder, index.name).get("weight_map", {}).values()))
        for shard in shards:
            if not (folder / shard).is_file():
                raise MissingWeights(
                    "{file} is not there though {name} names it; the download is incomplete, run "
                    "it again.",
                    file=folder / shard,
                    name=index.name,
                )
        return [folder / shard for shard in shards]
    single = folder / f"{stem}.safetensors"
    if single.is_file():
        return [single]
    refuse_pickles(folder)
    raise MissingWeights(
        "{single} is not there. See weights/README.md for what goes where.", single=single
    )


def refuse_pickles(folder: Path) -> None:
    """Raise where a folder offers pickled weights only: loading one can run any code."""
    for path in sorted(folder.glob("*")):
        if path.suffix in _PICKLES:
            raise DamagedWeights(
                "{path} is a pickle, which can run any code when it is loaded; only safetensors "
                "files are read. Convert it, or fetch the safetensors version.",
                path=path,
            )


def read_shapes(files: Iterable[Path]) -> Shapes:
    """Names and shapes of all tensors; reads the headers only."""
    shapes: Shapes = {}
    for path in files:
        try:
            with safe_open(path, framework="pt") as tensors:
                for name in tensors.keys():  # noqa: SIM118 - not a mapping
                    shapes[name] = tuple(tensors.get_slice(name).get_shape())
        except (SafetensorError, OSError) as exc:
            raise _damaged(path, exc) from exc
    return shapes


def read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as tensors:
            return {name: tensors.get_tensor(name) for name in tensors.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as exc:
        raise _damaged(path, exc) from exc


def read_metadata(path: Path) -> dict[str, str]:
    """What a file says about itself."""
    try:
        with safe_open(path, framework="pt") as tensors:
            return tensors.metadata() or {}
    except (SafetensorError, OSError) as exc:
        raise _damaged(path, exc) from exc


def check_fits(found: Shapes, expected: Shapes, where: Path) -> None:
    """Raise, naming a tensor, unless exactly the expected tensors are there in their shapes."""
    for name, shape in expected.items():
        if name not in found:
            raise WrongArchitecture(
                "{where} has no tensor {name}, which its config calls for.", where=where, name=name
            )
        if found[name] != shape:
            raise WrongArchitecture(
                "{where}: {name} is {shape} but its config calls for {wanted}.",
                where=where,
                name=name,
                shape=by(found[name]),
                wanted=by(shape),
            )
    for name in found:
        if name not in expected:
            raise WrongArchitecture(
                "{where}: {name} belongs to no layer of this model.", where=where, name=name
            )


def shapes_of(tensors: Mapping[str, Tensor]) -> Shapes:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def digest_files(files: Iterable[Path]) -> str:
    """Identity of some files' content."""
    content = hashlib.blake2b(digest_size=16)
    for path in files:
        size = path.stat().st_size
        content.update(f"{path.name}:{size}".encode())
        with path.open("rb") as source:
            if size <= _WHOLE_DIGEST_BYTES:
                content.update(source.read())
            else:
                content.update(source.read(2**20))
                source.seek(-(2**20), 2)
                content.update(source.read())
    return content.hexdigest()


def _damaged(path: Path, exc: Exception) -> DamagedWeights:
    if path.is_file() and path.stat().st_size < 1024:
        with path.open("rb") as source:
            if source.read(7) == b"version":
                return DamagedWeights(
                    "{path} is a git-lfs pointer, not the weights; run 'git lfs pull'.", path=path
                )
    return DamagedWeights(
        "{path} is cut or is not safetensors ({fault}); fetch it again.", path=path, fault=exc
    )
