"""`python -m studio train`: the mini model from scratch, or Seg2Any adapters on a FLUX base."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from studio.engine.loading import choose_device, choose_dtype
from studio.scene.errors import RequestError
from studio.workshop.mini import MiniPlan, smoke_plan, train_mini


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", choices=("mini", "adapters"), help="the embedded model, or adapters on a FLUX base"
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
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument(
        "--dtype", default="auto", help="auto, float32, bfloat16 or float16 (default: auto)"
    )
    parser.add_argument("--smoke", action="store_true", help="a minute on a tiny model, to try it")
    parser.add_argument("--base", type=Path, metavar="FOLDER", help="adapters: the FLUX base")
    parser.add_argument("--rank", type=int, default=64, help="adapters: their rank")


def run(given: argparse.Namespace) -> int:
    """Interrupted, it continues where it was when it is started again with the same folder."""
    if given.minutes <= 0 or given.workers < 1 or given.rank < 1:
        raise RequestError("--minutes must be above 0, --workers and --rank at least 1.")
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
            given.rank,
            device=str(device),
            dtype=dtype,
        )
        train_adapters(plan, out, say)
        return 0
    if given.smoke:
        plan = replace(smoke_plan(given.folder), device=str(device), dtype=dtype)
        train_mini(plan, given.out or given.folder / "mini", say)
        return 0
    plan = replace(mini_plan(given), device=str(device), dtype=dtype)
    train_mini(plan, given.out or Path("weights/mini"), say)
    return 0


def mini_plan(given: argparse.Namespace) -> MiniPlan:
    """The shares of the time that the committed model had."""
    seconds = given.minutes * 60
    return MiniPlan(
        given.folder,
        vae_seconds=seconds * 0.2,
        small_seconds=seconds * 0.5,
        large_seconds=seconds * 0.25,
        decoder_seconds=seconds * 0.05,
        workers=given.workers,
        start=given.start,
    )


def say(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()
