"""Models that recognise things in pictures: told by what their own config calls them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

Recogniser = Literal["finder", "captioner", "features", "agreement"]


@dataclass(frozen=True)
class Family:
    """What a `model_type` is for; of two of a kind the one of the higher rank is taken."""

    kind: Recogniser
    rank: int


RECOGNISERS = {
    "sam3": Family("finder", 3),
    "grounding-dino": Family("finder", 2),
    "clipseg": Family("finder", 1),
    "qwen2_5_vl": Family("captioner", 2),
    "florence2": Family("captioner", 1),
    "dinov2": Family("features", 1),
    "clip": Family("agreement", 1),
}
_OTHER_NAMES = {"sam3_video": "sam3"}  # its folder holds the finder too


def recogniser_in(folder: Path) -> str | None:
    """The key in RECOGNISERS of what lies in a folder; None for anything else."""
    try:
        read: Any = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    config = cast("dict[str, Any]", read) if isinstance(read, dict) else {}
    name = str(config.get("model_type"))
    name = _OTHER_NAMES.get(name, name)
    return name if name in RECOGNISERS else None


def recogniser_folders(weights: Path) -> list[tuple[Path, str]]:
    """All folders in `weights` that hold one, with their keys, by name."""
    configs = sorted(weights.glob("*/config.json"))
    found = [(config.parent, recogniser_in(config.parent)) for config in configs]
    return [(folder, family) for folder, family in found if family is not None]


def find_recogniser(weights: Path, kind: Recogniser) -> Path | None:
    """The best of a kind whose weights are there."""
    found = [
        (RECOGNISERS[family].rank, folder)
        for folder, family in recogniser_folders(weights)
        if RECOGNISERS[family].kind == kind and any(folder.glob("*.safetensors"))
    ]
    return max(found, key=lambda each: each[0])[1] if found else None
