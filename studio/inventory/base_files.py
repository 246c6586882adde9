"""Where each part of a base comes from: a FLUX.1 folder, or files of several places."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.inventory.architecture import Facts, Part
from studio.inventory.layouts import OWN_ADAPTERS
from studio.inventory.weight_file import Model

PARTS: tuple[Part, ...] = ("transformer", "vae", "text_encoder", "text_encoder_2")
TOKENIZERS = ("tokenizer", "tokenizer_2")


@dataclass(frozen=True)
class Source:
    """One model's weights: in a folder of diffusers' layout, or within a file."""

    path: Path
    model: Model | None = None  # None: a folder, whose config.json tells
    config: Facts | None = None  # of a model within a file


@dataclass(frozen=True)
class BaseFiles:
    """All parts of one base. `folder`: where what belongs to the whole base would lie."""

    name: str
    folder: Path
    transformer: Source
    vae: Source
    text_encoder: Source
    text_encoder_2: Source
    tokenizer: Path
    tokenizer_2: Path
    scheduler: Path | Facts  # the folder of its config, or the config
    recommended: Path | None = None  # the folder of recommended.json; None: by the kind of model

    def source(self, part: Part) -> Source:
        return getattr(self, part)

    def sources(self) -> Iterator[tuple[Part, Source]]:
        for part in PARTS:
            yield part, self.source(part)

    @property
    def place(self) -> Path:
        """What a fault of the whole base names."""
        return self.folder if self.transformer.model is None else self.transformer.path

    @property
    def adapters(self) -> Path | None:
        """Adapters that came with it."""
        own = self.folder / OWN_ADAPTERS
        return own if own.is_dir() else None


def folder_files(folder: Path) -> BaseFiles:
    """A base in diffusers' layout."""
    return BaseFiles(
        name=folder.name,
        folder=folder,
        transformer=Source(folder / "transformer"),
        vae=Source(folder / "vae"),
        text_encoder=Source(folder / "text_encoder"),
        text_encoder_2=Source(folder / "text_encoder_2"),
        tokenizer=folder / "tokenizer",
        tokenizer_2=folder / "tokenizer_2",
        scheduler=folder / "scheduler",
        recommended=folder,
    )


def read_config(folder: Path) -> Facts | None:
    """The config of a folder that may not be whole."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return config if isinstance(config, dict) else None
