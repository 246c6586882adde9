"""`python -m studio get`: published weights, from the hub into the weights folder."""

from __future__ import annotations

import argparse
import getpass
import shutil
import sys
from pathlib import Path

from studio.commands.progress import clock
from studio.config import Settings, settings_from
from studio.inventory.getting.hub import Hub
from studio.inventory.getting.model import (
    PUBLISHED,
    GetProgress,
    Getting,
    known_model,
    part_is_here,
    shown_bytes,
)
from studio.inventory.known import Known, shown_path
from studio.inventory.stock import take_stock
from studio.scene.errors import GatedWeights

_USE = {"base": "--base", "adapters": "--adapters", "segmenter": "--segmenter"}
_BAR = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="sam2.1-hiera-large; without one, all are listed"
    )
    parser.add_argument(
        "--weights", type=Path, metavar="FOLDER", help="where models are kept (default: weights/)"
    )


def run(given: argparse.Namespace) -> int:
    """Get each model, whole and verified; 130 if the user stops it."""
    settings = settings_from(given)
    if not given.names:
        _list(settings)
        return 0
    models = [known_model(name) for name in given.names]
    for known in models:
        try:
            folder = _get(known, settings)
        except KeyboardInterrupt:
            _clear()
            print("Stopped. What is there is kept; the same command goes on.", file=sys.stderr)
            return 130
        _clear()
        option = _USE.get(known.kind)
        use = f" Use it: {option} {known.name}" if option else ""
        print(f"{shown_path(folder)}: whole and verified ({known.licence}).{use}")
    return 0


def _get(known: Known, settings: Settings) -> Path:
    hub = Hub()
    print(f"{known.name}: about {known.gigabytes:g} GB, {known.licence}, {hub.page_of(known)}")
    getting = Getting(settings.weights, hub, report=_report)
    try:
        return getting.get(known)
    except GatedWeights as refusal:
        if hub.has_token or not sys.stdin.isatty():
            raise
        _clear()
        print(refusal, file=sys.stderr)
        owner = hub.keep_token(getpass.getpass("Token (it is not shown): ").strip())
        print(f"The hub library keeps the token of {owner}.", file=sys.stderr)
        return getting.get(known)


def _list(settings: Settings) -> None:
    ready = {found.name for found in take_stock(settings.weights) if found.is_ready}
    for known in PUBLISHED:
        is_here = known.name in ready or part_is_here(known, settings.weights)
        mark = "here" if is_here else ""
        gated = ", gated" if known.is_gated else ""
        print(f"{mark:5}{known.name:26}{known.gigabytes:6g} GB  {known.licence}{gated}")
    folder = settings.weights
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    print(f"{shown_bytes(free)} are free in {shown_path(settings.weights)}")


def _report(progress: GetProgress) -> None:
    if not sys.stderr.isatty() or not progress.total:
        return
    filled = round(_BAR * progress.done / progress.total)
    bar = "#" * filled + "." * (_BAR - filled)
    left = "" if progress.seconds_left is None else f"  {clock(progress.seconds_left)} left"
    doing = "verifying" if progress.phase == "verify" else ""
    text = f"{bar} {shown_bytes(progress.done)} of {shown_bytes(progress.total)}{left} {doing}"
    sys.stderr.write(f"\r{text}\033[K")
    sys.stderr.flush()


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
