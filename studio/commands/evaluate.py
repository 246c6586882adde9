"""`python -m studio evaluate`: a model measured on held-out scenes, as a table."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from studio.engine.loading import load_engine
from studio.engine.sampling.latents import decode, encode, to_images, to_tensor
from studio.engine.tokens.patch_grid import PatchGrid
from studio.evaluation.report import HEAD, Row, Size, as_line, evaluate
from studio.scene.errors import RequestError

_SIZES = {
    "quick": Size(scenes=16, unseen=10, gamma=6, leak=6, materials=1),
    "full": Size(),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", help="mini, or the folder of a model in FLUX layout")
    parser.add_argument("--adapters", type=Path, metavar="FOLDER", help="other adapters")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--size", default="full", choices=sorted(_SIZES), help="how many scenes")
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write the table here")


def run(arguments: argparse.Namespace) -> int:
    folder = Path("weights/mini") if arguments.model == "mini" else Path(arguments.model)
    if not folder.is_dir():
        raise RequestError(f"{folder} is not a folder; give mini or a model in FLUX layout.")
    started = time.perf_counter()
    engine = load_engine(folder, arguments.adapters, device=arguments.device, dtype="float32")
    seconds = time.perf_counter() - started
    loaded = Row("load", f"{seconds:.2f} s", "", "<= 4 s", seconds <= 4)
    lines = [HEAD, as_line(loaded)]
    sys.stdout.write("\n".join(lines) + "\n")
    for row in evaluate(engine, copier(folder), _SIZES[arguments.size], _progress):
        lines.append(as_line(row))
        sys.stdout.write(lines[-1] + "\n")
        sys.stdout.flush()
        if arguments.out:
            arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def copier(folder: Path) -> Callable[[NDArray[np.uint8]], NDArray[np.uint8]]:
    """What the model's VAE gives back of a picture."""
    from diffusers import AutoencoderKL

    vae: Any = AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=torch.float32)
    vae.eval()
    token_pixels = 2 ** len(vae.config.block_out_channels)

    def copy(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = picture.shape[:2]
        grid = PatchGrid(height // token_pixels, width // token_pixels, token_pixels)
        return np.asarray(to_images(decode(vae, encode(vae, to_tensor(picture)), grid))[0])

    return copy


def _progress(line: str) -> None:
    sys.stderr.write(f"\r\x1b[K{line}")
    sys.stderr.flush()
