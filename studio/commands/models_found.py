"""What `doctor` says of single files: what each is, what a base takes from where, what fits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from studio.inventory.assembly import Places, assemble
from studio.inventory.base_files import TOKENIZERS, BaseFiles, folder_files
from studio.inventory.comfyui import (
    BASE_FOLDERS,
    PART_FOLDERS,
    STYLE_FOLDERS,
    files_in,
    models_folder,
    shipped_tokenizers,
)
from studio.inventory.fits import Sizes, fitting, is_small, main_memory, sizes_of, ways
from studio.inventory.stock import Found
from studio.inventory.tokenizers import vocabulary_size
from studio.inventory.weight_file import look_into

_MOST_WAYS = 3  # that are offered, the fastest first


def lines_of_folder(comfyui: Path) -> Iterator[str]:
    """Every file of another tool's folders, and what it is. Raises where it is no such folder."""
    models = models_folder(comfyui)
    files = files_in(models, (*BASE_FOLDERS, *PART_FOLDERS, *STYLE_FOLDERS))
    yield f"Files in {models}"
    for file in files:
        found = look_into(file)
        mark = "DAMAGED" if found.damage else "ok     " if found.models else "-      "
        if any(model.fault for model in found.models):
            mark = "UNFIT  "
        size = f"{found.size / 1e9:.1f} GB" if found.size >= 1e8 else f"{found.size / 1e6:.1f} MB"
        yield f"  {mark} {file.relative_to(models).as_posix()}  ({size})"
        yield f"            {found.text}"
        if found.damage and found.text != found.damage:
            yield f"            {found.damage}"
    if not files:
        yield "  no .safetensors, .sft or .gguf files"
    for name in TOKENIZERS:
        shipped = (each for each in shipped_tokenizers(models, name) if vocabulary_size(each))
        folder = next(shipped, None)
        yield f"  {'ok     ' if folder else 'MISSING'} {name}  {folder or ''}".rstrip()


def lines_of_base(entry: Found, places: Places, card: float | None) -> Iterator[str]:
    """Where its parts come from, and the ways in which it fits a card of `card` gigabytes."""
    files = _files(entry, places)
    if files is None:
        return
    if files.transformer.model is not None:
        yield f"            {entry.path}"
        for part, source in files.sources():
            if part != "transformer":
                yield f"            {part}: {source.path}"
        yield f"            tokenizers: {files.tokenizer}, {files.tokenizer_2}"
        yield f"            licence: {_licence(files)}"
    sizes = sizes_of(files)
    if sizes is not None and not is_small(sizes):
        yield f"            {what_fits(sizes, card)}"


def _licence(files: BaseFiles) -> str:
    model = files.transformer.model
    assert model is not None
    if model.facts.get("guidance_embeds"):
        return "as of FLUX.1-dev, if made from it: FLUX.1 [dev] non-commercial licence"
    return "as of FLUX.1-schnell, if made from it: Apache-2.0"


def _files(entry: Found, places: Places) -> BaseFiles | None:
    if entry.path is None or not entry.is_ready:
        return None
    return folder_files(entry.path) if entry.path.is_dir() else assemble(entry.path, places)


def what_fits(sizes: Sizes, card: float | None) -> str:
    """In one line; `card`: its gigabytes, None where there is none."""
    if card is None:
        here = _main_memory()
        needs = f"needs {main_memory(sizes):.0f} GB of main memory on the processor"
        known = "" if here is None else f"; this computer has {here:.0f} GB"
        least = min(ways(sizes), key=lambda way: way.gigabytes)
        return f"{needs}{known}; on a card from {least.gigabytes:.1f} GB ({least.options})"
    found = fitting(sizes, card)
    if not found:
        return f"does not fit this card of {card:.0f} GB"
    told = [f"{way.options or 'as it is'} ({way.gigabytes:.1f} GB)" for way in found[:_MOST_WAYS]]
    return f"fits this card of {card:.0f} GB: {'; '.join(told)}"


def _main_memory() -> float | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (AttributeError, ValueError, OSError):
        return None  # Windows does not say it so
