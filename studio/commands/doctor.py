"""`python -m studio doctor`: what is installed, which weights are found, what is missing."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import studio
from studio.commands.models_found import lines_of_base, lines_of_folder
from studio.commands.render_check import check_rendering, says_well
from studio.config import Settings, add_model_arguments, settings_from
from studio.inventory.assembly import Places
from studio.inventory.comfyui import find_models_folder, models_folder
from studio.inventory.known import KNOWN
from studio.inventory.stock import Found, take_stock
from studio.inventory.weight_file import look_into
from studio.wiring import find_unused_card

PACKAGES = (
    "torch",
    "diffusers",
    "transformers",
    "accelerate",
    "peft",
    "safetensors",
    "gguf",
    "numpy",
    "opencv-python-headless",
    "pillow",
    "gradio",
)
OPTIONAL = {
    "bitsandbytes": "--quantize nf4 and int8",
    "jpeglib": "JPEG photos whose untouched blocks stay",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--weights", type=Path, metavar="FOLDER", help="where models are kept (default: weights/)"
    )
    parser.add_argument(
        "--render",
        action="store_true",
        help="also render a small scene in each way that fits this machine, and compare them",
    )
    add_model_arguments(parser)


def run(given: argparse.Namespace) -> int:
    """0 if the studio can start; 1 if the embedded model or a package is missing."""
    settings = settings_from(given)
    models = models_folder(settings.comfyui) if settings.comfyui else None
    found = take_stock(settings.weights, models)
    missing = [name for name in PACKAGES if _version(name) is None]
    for line in (*_installed(), "", *_machine(settings), "", *_weights(settings, found)):
        print(line)
    if models is not None:
        print()
        for line in lines_of_folder(models):
            print(line)
    has_mini = any(entry.path == settings.mini and entry.is_ready for entry in found)
    print()
    renders = not given.render or missing or _renders(settings)
    if missing:
        print(f"Missing packages: {', '.join(missing)}. Get them: python launch.py")
    if not has_mini:
        print(f"The embedded model is not in {settings.mini}. Get it: git checkout -- weights/mini")
    if has_mini and not missing:
        print("The studio is ready: python launch.py")
    return 0 if has_mini and not missing and renders else 1


def _renders(settings: Settings) -> bool:
    last = ""
    for last in check_rendering(settings):
        print(last, flush=True)
    print()
    return says_well(last)


def _installed() -> Iterator[str]:
    yield f"Seg2Any Studio {studio.__version__}, Python {platform.python_version()} on " + (
        f"{platform.system()} {platform.machine()}"
    )
    for name in PACKAGES:
        yield f"  {name:24} {_version(name) or 'MISSING'}"
    for name, use in OPTIONAL.items():
        installed = _version(name)
        yield f"  {name:24} {installed or f'not installed; for {use}: pip install {name}'}"


def _machine(settings: Settings) -> Iterator[str]:
    yield "Device"
    try:
        import torch
    except ImportError:
        yield "  unknown: torch is missing"
        return
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            yield f"  cuda:{index}  {properties.name}, {properties.total_memory / 2**30:.0f} GB"
    elif torch.backends.mps.is_available():
        yield "  mps  Apple GPU"
    elif idle := find_unused_card():
        yield f"  UNUSED  {idle.text}"
        if idle.command:
            yield f"            {idle.command}"
    yield f"  cpu     {os.cpu_count()} cores"
    folder = settings.projects
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 2**30
    yield f"  projects are kept in {settings.projects} ({free:.0f} GB free)"


def _weights(settings: Settings, found: list[Found]) -> Iterator[str]:
    yield f"Weights in {settings.weights}"
    kinds = {"base": "Bases", "adapters": "Seg2Any adapters", "segmenter": "Segmenters"} | {
        "finder": "Find by word",
        "captioner": "Captions",
        "features": "Likeness",
    }
    terms = {known.name: known for known in KNOWN}
    places = Places(settings.weights, find_models_folder(settings.comfyui))
    card = _card_gigabytes()
    for kind, title in kinds.items():
        yield f" {title}"
        for entry in found:
            if entry.kind != kind:
                continue
            mark = _mark(entry)
            known = terms.get(entry.name)
            note = entry.note if entry.is_ready else entry.missing
            if known is not None and not entry.is_ready:
                gated = ", gated: accept its terms on the hub and run `hf auth login` first"
                note = f"{known.gigabytes:g} GB, {known.licence}{gated if known.is_gated else ''}"
            yield f"  {mark} {entry.name:24} {note or ''}".rstrip()
            if entry.command and not entry.is_ready:
                yield f"            {entry.command}"
            if kind == "base":
                yield from lines_of_base(entry, places, card)


def _mark(entry: Found) -> str:
    if entry.is_ready:
        return "ok     "
    if entry.path is None:
        return "MISSING"
    is_whole_file = entry.path.is_file() and look_into(entry.path).damage is None
    return "LACKS  " if is_whole_file else "DAMAGED"


def _card_gigabytes() -> float | None:
    """The memory of the largest card that torch can use."""
    import torch

    cards = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
    sizes = [torch.cuda.get_device_properties(each).total_memory / 2**30 for each in cards]
    return max(sizes, default=None)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
