"""Folders of weights by name: here, or in the hub's cache."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from studio.scene.errors import MissingWeights

_HUB_FILES = ("*/*.safetensors", "*/*.json", "*/*.txt", "*/*.model", "*.json")


def find_folder(source: str | Path, what: str) -> Path:
    """The local folder of `source`: itself, or the hub's copy of "owner/name"."""
    path = Path(source).expanduser()
    if path.is_dir():
        return path
    name = str(source)
    if path.exists() or not is_hub_id(name):
        raise MissingWeights(
            "{what} {name} is not a folder. See weights/README.md.", what=what, name=name
        )
    try:
        return fetch(name, _HUB_FILES)
    except (OSError, ValueError) as exc:
        raise MissingWeights(
            "{what} {name} is neither a folder here nor could it be fetched from the hub ({kind}: "
            "{fault}). FLUX.1-dev is gated: accept its licence on the hub and log in with 'hf "
            "auth login'.",
            what=what,
            name=name,
            kind=type(exc).__name__,
            fault=str(exc).splitlines()[0],
        ) from exc


def is_hub_id(name: str) -> bool:
    """Whether a name is an "owner/model" of the hub rather than a path."""
    return name.count("/") == 1 and not name.startswith((".", "/", "~"))


def fetch(repository: str, files: Iterable[str]) -> Path:
    """The folder of the hub's copy; raises OSError or ValueError where it cannot be had."""
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(repository, allow_patterns=list(files)))


def cached_file(repository: str, name: str) -> Path | None:
    """A file of the hub that was fetched before; nothing is asked of the network."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repository, name)
    return Path(found) if isinstance(found, str) else None
