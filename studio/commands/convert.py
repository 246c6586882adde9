"""`python -m studio convert`: a checkpoint in Meta's layout becomes a folder of safetensors."""

from __future__ import annotations

import argparse
from pathlib import Path

from studio.config import settings_from
from studio.inventory.known import shown_path
from studio.segmentation.convert import convert_sam2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="Meta's sam2.1_hiera_{tiny,small,base_plus,large}.pt, or the same as safetensors",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where it goes (default: weights/, by its size)"
    )
    parser.add_argument(
        "--weights", type=Path, metavar="FOLDER", help="where models are kept (default: weights/)"
    )


def run(given: argparse.Namespace) -> int:
    """Write the folder and tell how it is used."""
    settings = settings_from(given)
    made = convert_sam2(given.file, settings.weights, given.out)
    print(
        f"{shown_path(made.folder)}: SAM 2.1 {made.size}, {made.tensors} tensors. Use it: "
        f"--segmenter {made.folder.name if given.out is None else shown_path(made.folder)}"
    )
    return 0
