"""`python -m studio doctor --render`: a small scene in every way that fits this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

from studio.config import Settings
from studio.evaluation.self_check import Machine, Outcome, Way, check, ways_of
from studio.inventory.base_files import BaseFiles, folder_files
from studio.inventory.bases import find_base
from studio.inventory.fits import Sizes, gigabytes, is_small, main_memory, sizes_of
from studio.inventory.hub import find_folder
from studio.wiring import build_engine

_CARD_SHARE = 0.94  # of its nominal memory: the screen has some too


def check_rendering(settings: Settings) -> Iterator[str]:
    """Lines as they come; the last says whether all is well. Raises where there is no base."""
    sizes = _sizes(settings)
    small = sizes is None or is_small(sizes)
    ways = ways_of(Machine.here(), settings, is_small=small)
    name = settings.base or "mini"
    yield f"Rendering with {name}, 8 x 8 tokens, 4 steps, in {len(ways)} ways"
    yield f"  {'device':7} {'numbers':9} {'offload':11} {'small':5}   load  render  memory"
    refuse = _no_refusal if small or sizes is None else _refusal(sizes)
    outcomes: list[Outcome] = []
    started = time.monotonic()
    for outcome in check(ways, settings, build_engine, refuse):
        outcomes.append(outcome)
        yield f"  {outcome.way}  {_told(outcome)}"
    yield f"  in {time.monotonic() - started:.0f} s"
    yield verdict(outcomes)


def says_well(verdict: str) -> bool:
    return verdict.startswith(_WELL)


def is_refused(outcome: Outcome) -> bool:
    """It was not tried, since it does not fit; that is no fault."""
    return outcome.fault is not None and outcome.fault.startswith(_TOO_LARGE)


def verdict(outcomes: list[Outcome]) -> str:
    wrong = [each for each in outcomes if not each.is_fine and not is_refused(each)]
    tried = [each for each in outcomes if not is_refused(each)]
    if not tried:
        return "No way fits this machine; see weights/README.md for smaller ones."
    if not wrong:
        return f"{_WELL} {len(tried)} of {len(tried)} render, and none is farther off than it may."
    names = "; ".join(" ".join(str(each.way).split()) for each in wrong)
    return (
        f"Something is wrong in {len(wrong)} of {len(tried)} ways: {names}. Please report it with "
        "everything above, from the line with the studio's version on."
    )


_TOO_LARGE = "needs "
_WELL = "Rendering is well:"


def _told(outcome: Outcome) -> str:
    if outcome.fault is not None:
        return f"{'left out: ' if is_refused(outcome) else 'FAILED: '}{outcome.fault}"
    memory = "      -" if outcome.gigabytes is None else f"{outcome.gigabytes:4.1f} GB"
    took = f"{outcome.load_seconds:4.1f} s  {outcome.render_seconds:4.1f} s  {memory}"
    if outcome.difference is None:
        return f"{took}  the reference"
    mark = "ok" if outcome.is_fine else "TOO FAR OFF"
    return (
        f"{took}  {mark}: {outcome.difference:.4f} off, at most {outcome.allowed:g} "
        f"({outcome.decibels:.0f} dB)"
    )


def _sizes(settings: Settings) -> Sizes | None:
    found = find_base(settings.base, settings.weights, settings.comfyui)
    files = found if isinstance(found, BaseFiles) else folder_files(find_folder(found, "The base"))
    return sizes_of(files)


def _no_refusal(way: Way) -> str | None:
    del way


def _refusal(sizes: Sizes) -> Callable[[Way], str | None]:
    def refuse(way: Way) -> str | None:
        if way.device.startswith("cuda"):
            import torch

            total = torch.cuda.get_device_properties(way.device).total_memory / 1e9
            offload = "group" if way.offload == "sequential" else way.offload
            needed = gigabytes(sizes, offload, way.quantize)
            if needed > _CARD_SHARE * total:
                return f"{_TOO_LARGE}{needed:.0f} GB of the card, which has {total:.0f}"
        here = _main_memory()
        needed = main_memory(sizes)
        if (way.device == "cpu" or way.offload != "none") and here is not None and needed > here:
            return f"{_TOO_LARGE}{needed:.0f} GB of main memory; this computer has {here:.0f}"
        return None

    return refuse


def _main_memory() -> float | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, ValueError, OSError):
        return None  # Windows does not say it so
