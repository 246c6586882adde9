"""SAM 2.1 in the weights folder."""

from __future__ import annotations

from pathlib import Path

from studio.inventory.known import SAM2_GIGABYTES

SAM2_FILES = ("config.json", "model.safetensors")
SAM2_SIZES = tuple(reversed(SAM2_GIGABYTES))  # the best that is found is taken


def find_sam2(weights: Path) -> Path | None:
    """The folder of the largest SAM 2.1 that is wholly there."""
    folders = (sam2_folder(weights, size) for size in SAM2_SIZES)
    return next(
        (each for each in folders if all((each / file).is_file() for file in SAM2_FILES)), None
    )


def sam2_folder(weights: Path, size: str) -> Path:
    return weights / f"sam2.1-hiera-{size}"
