"""Published weights: where they come from, on which terms, and the command that gets them."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# part: of a base, in files of its own
Kind = Literal[
    "base", "adapters", "segmenter", "finder", "captioner", "features", "agreement", "part"
]


@dataclass(frozen=True)
class Known:
    """Published weights: where they come from and on which terms."""

    kind: Kind
    name: str  # also the folder in weights/
    repository: str
    gigabytes: float
    licence: str
    options: str = ""  # of `hf download`
    is_gated: bool = False


_FLUX_OPTIONS = '--exclude "flux1-*.safetensors" "ae.safetensors"'
_SAM_OPTIONS = '--include "*.json" "model.safetensors"'
_PARTS = '--include "*.json" "*.txt" "model*.safetensors"'
SAM2_GIGABYTES = {"tiny": 0.16, "small": 0.18, "base-plus": 0.32, "large": 0.9}
KNOWN = (
    Known(
        "base",
        "FLUX.1-dev",
        "black-forest-labs/FLUX.1-dev",
        34,
        "FLUX.1 [dev] non-commercial licence",
        _FLUX_OPTIONS,
        is_gated=True,
    ),
    Known(
        "base",
        "FLUX.1-Krea-dev",
        "black-forest-labs/FLUX.1-Krea-dev",
        34,
        "FLUX.1 [dev] non-commercial licence",
        _FLUX_OPTIONS,
        is_gated=True,
    ),
    Known(
        "base",
        "FLUX.1-schnell",
        "black-forest-labs/FLUX.1-schnell",
        34,
        "Apache-2.0",
        _FLUX_OPTIONS,
        is_gated=True,
    ),
    Known("adapters", "seg2any", "0xLDF/Seg2Any", 7, "Apache-2.0"),
    *(
        Known(
            "segmenter",
            f"sam2.1-hiera-{size}",
            f"facebook/sam2.1-hiera-{size}",
            gigabytes,
            "Apache-2.0",
            _SAM_OPTIONS,
        )
        for size, gigabytes in SAM2_GIGABYTES.items()
    ),
    Known(
        "finder",
        "sam3",
        "facebook/sam3",
        3.4,
        "SAM Licence (no military, nuclear, espionage or weapons use)",
        _PARTS,
        is_gated=True,
    ),
    Known(
        "finder",
        "grounding-dino-base",
        "IDEA-Research/grounding-dino-base",
        0.93,
        "Apache-2.0",
        _PARTS,
    ),
    Known(
        "finder", "clipseg-rd64-refined", "CIDAS/clipseg-rd64-refined", 0.6, "Apache-2.0", _PARTS
    ),
    Known(
        "captioner", "Florence-2-base", "florence-community/Florence-2-base", 0.46, "MIT", _PARTS
    ),
    Known("captioner", "Qwen2.5-VL-7B-Instruct", "Qwen/Qwen2.5-VL-7B-Instruct", 16.6, "Apache-2.0"),
    Known(
        "captioner",
        "Qwen2.5-VL-3B-Instruct",
        "Qwen/Qwen2.5-VL-3B-Instruct",
        7.5,
        "Qwen Research Licence (non-commercial)",
    ),
    Known("features", "dinov2-small", "facebook/dinov2-small", 0.09, "Apache-2.0", _PARTS),
    Known(
        "agreement", "clip-vit-large-patch14", "openai/clip-vit-large-patch14", 1.7, "MIT", _PARTS
    ),
)
# what a FLUX.1 transformer in one file needs besides
KNOWN_PARTS = (
    Known(
        "part",
        "ae",
        "black-forest-labs/FLUX.1-schnell",
        0.34,
        "Apache-2.0",
        "ae.safetensors",
        is_gated=True,
    ),
    Known(
        "part",
        "clip_l",
        "comfyanonymous/flux_text_encoders",
        0.25,
        "MIT",
        "clip_l.safetensors",
    ),
    Known(
        "part",
        "t5xxl",
        "comfyanonymous/flux_text_encoders",
        9.8,
        "Apache-2.0",
        "t5xxl_fp16.safetensors",
    ),
    Known(
        "part",
        "tokenizers",
        "black-forest-labs/FLUX.1-schnell",
        0.01,
        "Apache-2.0; CLIP's: MIT",
        '--include "tokenizer/*" "tokenizer_2/*"',
        is_gated=True,
    ),
)


def part_command(name: str, weights: Path) -> str:
    """Fetches a part into a folder of its repository's name, where it is found."""
    (known,) = (each for each in KNOWN_PARTS if each.name == name)
    return download_command(known, weights)


def folder_of(known: Known, weights: Path) -> Path:
    """Where it belongs; parts lie together in a folder of their repository's name."""
    name = known.repository.rpartition("/")[2] if known.kind == "part" else known.name
    return weights / name


def command_for(name: str, weights: Path) -> str | None:
    return next((download_command(known, weights) for known in KNOWN if known.name == name), None)


def download_command(known: Known, weights: Path) -> str:
    return _command(known, folder_of(known, weights))


def shown_path(path: Path) -> str:
    """Relative to where the user is, if it lies below; quoted if it has to be."""
    with contextlib.suppress(ValueError):
        path = path.relative_to(Path.cwd())
    return f'"{path}"' if " " in str(path) else str(path)


def _command(known: Known, target: Path) -> str:
    hf = Path(sys.executable).with_name("hf")
    return " ".join(
        part
        for part in (
            shown_path(hf),
            "download",
            known.repository,
            known.options,
            f"--local-dir {shown_path(target)}",
        )
        if part
    )
