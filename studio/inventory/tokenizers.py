"""Tokenizers: what single files lack, and where another tool or an earlier download has them.

Neither CLIP's nor T5's vocabulary stands in the weights, so it cannot be made from them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from studio.inventory.base_files import TOKENIZERS
from studio.inventory.comfyui import shipped_tokenizers
from studio.inventory.hub import cached_file

_FILES = {"tokenizer": ("merges.txt", "vocab.json"), "tokenizer_2": ("tokenizer.json",)}
_REPOSITORIES = (
    "black-forest-labs/FLUX.1-dev",
    "black-forest-labs/FLUX.1-schnell",
    "black-forest-labs/FLUX.1-Krea-dev",
)
_SPARE_SHARE = 8  # of an encoder's rows at most an eighth may have no word; T5 has 28 such rows


def find_tokenizer(
    name: str, words: int | None, places: list[Path], models: Path | None
) -> Path | None:
    """A folder with the tokenizer of an encoder of `words` rows, the nearest in size; None: of any.

    It is looked for in `places`, each of which may have it in a folder of its name, then in the
    tool that `models` belongs to, then in the hub's cache.
    """
    best: tuple[int, Path] | None = None
    for folder in (*_beside(name, places), *_shipped(name, models), *_cached(name)):
        size = vocabulary_size(folder)
        if size is None:
            continue
        spare = 0 if words is None else words - size
        if 0 <= spare <= size // _SPARE_SHARE and (best is None or spare < best[0]):
            best = spare, folder
    return best[1] if best else None


def vocabulary_size(folder: Path) -> int | None:
    """How many words a tokenizer's folder knows; None where it has none that can be read."""
    for name in ("tokenizer.json", "vocab.json"):
        file = folder / name
        if file.is_file():
            return _words(file, file.stat().st_mtime_ns)
    return None


@lru_cache(maxsize=100)
def _words(file: Path, changed: int) -> int | None:
    del changed
    try:
        content: Any = json.loads(file.read_text(encoding="utf-8"))
        if file.name == "vocab.json":
            return 1 + max(content.values(), default=-1)
        own = content["model"]["vocab"]
        added = [each["id"] for each in content.get("added_tokens", [])]
        return max(len(own), 1 + max(added, default=-1))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _beside(name: str, places: list[Path]) -> Iterator[Path]:
    assert name in TOKENIZERS
    for place in places:
        yield place / name
        yield place  # of an encoder's own folder
        if place.is_dir():
            yield from sorted(place.glob(f"*/{name}"))


def _shipped(name: str, models: Path | None) -> Iterator[Path]:
    if models is not None:
        yield from shipped_tokenizers(models, name)


def _cached(name: str) -> Iterator[Path]:
    for repository in _REPOSITORIES:
        found = [cached_file(repository, f"{name}/{file}") for file in _FILES[name]]
        if all(found) and found[0] is not None:
            yield found[0].parent
