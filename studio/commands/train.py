"""`python -m studio train`: the mini model from scratch; adapters or a style on a FLUX base."""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.engine.loading import choose_device, choose_dtype
from studio.scene.errors import RequestError
from studio.workshop.fetch import fetched_drawings
from studio.workshop.filters import FILTERS
from studio.workshop.mini import train_mini
from studio.workshop.mini_plan import MiniPlan, smoke_plan

if TYPE_CHECKING:
    import torch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=("mini", "adapters", "style"),
        help="the embedded model, Seg2Any adapters or a style on a FLUX base",
    )
    parser.add_argument(
        "--folder", type=Path, default=Path("runs/mini"), help="checkpoints, log and sheets"
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where the result goes")
    parser.add_argument("--minutes", type=float, default=150.0, help="training time in all")
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each")
    parser.add_argument(
        "--start", type=Path, metavar="FOLDER", help="mini: weights to continue from"
    )
    parser.add_argument(
        "--keep-vae", action="store_true", help="mini: with --start, keep its VAE's encoder"
    )
    parser.add_argument(
        "--things", action="store_true", help="mini: teach 200 things, cut out of drawings"
    )
    parser.add_argument(
        "--drawings", type=Path, metavar="FOLDER", help="mini: the drawings, instead of a download"
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument(
        "--dtype", default="auto", help="auto, float32, bfloat16 or float16 (default: auto)"
    )
    parser.add_argument("--smoke", action="store_true", help="a minute on a tiny model, to try it")
    parser.add_argument(
        "--base", type=Path, metavar="FOLDER", help="adapters, style: the FLUX base"
    )
    parser.add_argument(
        "--rank", type=int, help="of adapters (default: 64) or a style (default: 4)"
    )
    parser.add_argument(
        "--look", choices=sorted(FILTERS), default="sepia", help="style: what pictures become"
    )
    parser.add_argument(
        "--side", type=int, default=256, help="style: pixels of the scenes it learns from"
    )


def run(given: argparse.Namespace) -> int:
    """Interrupted, it continues where it was when it is started again with the same folder."""
    if not 0 < given.minutes < math.inf or given.workers < 1 or (given.rank or 1) < 1:
        raise RequestError("--minutes must be above 0, --workers and --rank at least 1.")
    if given.keep_vae and given.start is None:
        raise RequestError("--keep-vae needs --start, the folder whose VAE is to be kept.")
    device = choose_device(given.device)
    dtype = choose_dtype(given.dtype, device)
    if given.what == "adapters":
        from studio.training.adapters import AdapterPlan, train_adapters
        from studio.workshop.painting.painter import paint_scene

        if given.base is None:
            raise RequestError("Training adapters needs --base, the folder of a FLUX model.")
        out = given.out or given.folder / "seg2any"
        plan = AdapterPlan(
            given.folder,
            given.base,
            paint_scene,
            given.minutes * 60,
            given.rank or 64,
            device=str(device),
            dtype=dtype,
        )
        train_adapters(plan, out, say)
        return 0
    if given.what == "style":
        _train_style(given, str(device), dtype)
        return 0
    drawings = given.drawings
    if given.things and drawings is None:
        drawings = fetched_drawings(given.folder, say)
    if given.smoke:
        plan = replace(smoke_plan(given.folder), device=str(device), dtype=dtype, drawings=drawings)
        train_mini(plan, given.out or given.folder / "mini", say)
        return 0
    plan = replace(mini_plan(given), device=str(device), dtype=dtype, drawings=drawings)
    plan = plan if device.type == "cpu" else on_accelerator(plan)
    train_mini(plan, given.out or Path("weights/mini"), say)
    return 0


def _train_style(given: argparse.Namespace, device: str, dtype: torch.dtype | None) -> None:
    from studio.training.styles import StylePlan, train_style
    from studio.workshop.painting.painter import paint_scene

    if given.side % 16 or not 64 <= given.side <= 1024:
        raise RequestError("--side must be a multiple of 16 from 64 to 1024.")
    plan = StylePlan(
        given.folder,
        given.base or Path("weights/mini"),
        paint_scene,
        FILTERS[given.look],
        given.minutes * 60,
        given.rank or 4,
        device=device,
        side=given.side,
        dtype=dtype,
    )
    metadata = {"modelspec.title": given.look, "modelspec.license": "CC0-1.0"}
    out = given.out or given.folder / "styles"
    train_style(plan, out / f"{given.look}.safetensors", metadata, say)


def mini_plan(given: argparse.Namespace) -> MiniPlan:
    """The shares of the time that the committed model had; a kept VAE leaves its share."""
    seconds = given.minutes * 60
    vae = 0.0 if given.keep_vae else 0.2
    return MiniPlan(
        given.folder,
        vae_seconds=seconds * vae,
        small_seconds=seconds * (0.95 - vae) * 2 / 3,
        large_seconds=seconds * (0.95 - vae) / 3,
        decoder_seconds=seconds * 0.05,
        workers=given.workers,
        start=given.start,
        keeps_vae=given.keep_vae,
    )


def on_accelerator(plan: MiniPlan) -> MiniPlan:
    """One process trains in large batches, and the processor's cores paint beside it."""
    return replace(
        plan,
        workers=1,
        painters=max(1, (os.cpu_count() or 2) - 2),
        batch=96,
        large_batch=48,
        small_shards=600,
        large_shards=240,
    )


def say(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()
