"""A small scene in every way this machine can render it, compared with the most exact one.

The tolerances were measured with the embedded model on a processor (`python -m studio doctor
--render`): root mean square difference of the final latents, relative to those in float32.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studio.config import Settings
from studio.engine.engine import Engine
from studio.evaluation.metrics import decibels
from studio.scene.errors import StudioError
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.request import Picture, RenderRequest, Sampling
from studio.scene.scene import Scene

DTYPES = ("float32", "bfloat16", "float16")
OFFLOADS = ("model", "group", "sequential")
QUANTIZERS = ("int8", "nf4")
# Measured on a processor: float32 0 with every offload, float16 0.0011, bfloat16 0.0080. A card
# adds up in another order, so float32 is given room as well; five to nine times what was measured.
TOLERANCES = {"float32": 0.005, "float16": 0.01, "bfloat16": 0.05}
QUANTIZED = {"int8": 0.2, "nf4": 0.5}  # an allowance; not measured
_STEPS, _TOKENS = 4, 8  # of the scene, along a side
_SEED = 1


@dataclass(frozen=True)
class Way:
    """One way to load and render."""

    device: str
    dtype: str
    offload: str = "none"
    quantize: str = "none"

    @property
    def tolerance(self) -> float:
        return QUANTIZED.get(self.quantize, TOLERANCES.get(self.dtype, max(TOLERANCES.values())))

    def __str__(self) -> str:
        return f"{self.device:7} {self.dtype:9} {self.offload:11} {self.quantize:5}"


@dataclass(frozen=True)
class Outcome:
    """What one way took, and how far its picture is from the reference.

    fault: why there is no picture. difference: None for the reference itself; allowed: what it may
    be, of the less exact of the two.
    """

    way: Way
    load_seconds: float = 0.0
    render_seconds: float = 0.0
    gigabytes: float | None = None
    difference: float | None = None
    allowed: float = 0.0
    decibels: float | None = None
    fault: str | None = None

    @property
    def is_fine(self) -> bool:
        is_near = self.difference is None or self.difference <= self.allowed
        return self.fault is None and is_near


@dataclass(frozen=True)
class Machine:
    """Where it can be rendered, in the order of exactness, and what is installed."""

    devices: tuple[str, ...]
    quantizers: tuple[str, ...] = ()

    @classmethod
    def here(cls) -> Machine:
        import importlib.util

        import torch

        cards = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
        apple = ["mps"] if torch.backends.mps.is_available() else []
        has_quantizer = bool(cards) and importlib.util.find_spec("bitsandbytes") is not None
        return cls(("cpu", *cards, *apple), QUANTIZERS if has_quantizer else ())


def ways_of(machine: Machine, asked: Settings, *, is_small: bool) -> list[Way]:
    """What to try, the reference first. What `asked` sets is kept; all else is varied.

    A large model is not rendered on the processor where there is a card.
    """
    devices = list(machine.devices) if asked.device == "auto" else [asked.device]
    if not is_small and len(devices) > 1:
        devices = devices[1:]
    dtypes = DTYPES if asked.dtype == "auto" else (asked.dtype,)
    if not is_small and asked.dtype == "auto":
        dtypes = ("bfloat16", "float16")
    offloads = ("none", *OFFLOADS) if asked.offload == "none" else (asked.offload,)
    given = asked.quantize
    found = [Way(device, dtype, offloads[0], given) for device in devices for dtype in dtypes]
    last = devices[-1]
    usual = "float32" if last == "cpu" and is_small else "bfloat16"
    usual = usual if asked.dtype == "auto" else asked.dtype
    found += [Way(last, usual, offload, given) for offload in offloads[1:]]
    if given == "none":
        found += [Way(last, usual, offloads[0], each) for each in machine.quantizers]
    return found


def check(
    ways: Sequence[Way],
    settings: Settings,
    build: Callable[[Settings], Engine],
    refuse: Callable[[Way], str | None] = lambda way: None,
) -> Iterator[Outcome]:
    """Load, render and let go, one way after the other; what fails does not stop the next.

    `refuse` says why a way does not fit this machine, and None where it does.
    """
    wanted: tuple[Way, Picture] | None = None
    for way in ways:
        reason = refuse(way)
        if reason is not None:
            yield Outcome(way, fault=reason)
            continue
        outcome, picture = _tried(way, settings, build)
        if picture is not None and wanted is not None:
            outcome = _compared(outcome, picture, *wanted)
        elif picture is not None:
            wanted = way, picture
        yield outcome
        gc.collect()


def _tried(
    way: Way, settings: Settings, build: Callable[[Settings], Engine]
) -> tuple[Outcome, Picture | None]:
    memory = _Memory(way.device)
    started = time.monotonic()
    try:
        engine = build(
            replace(
                settings,
                device=way.device,
                dtype=way.dtype,
                offload=way.offload,
                quantize=way.quantize,
            )
        )
        loaded = time.monotonic()
        picture = engine.render(request_for(engine))
    except StudioError as fault:
        return Outcome(way, fault=str(fault)), None
    except (RuntimeError, NotImplementedError, ImportError, ValueError, TypeError) as fault:
        first = (str(fault).strip() or "no text").splitlines()[0]
        return Outcome(way, fault=f"{type(fault).__name__}: {first}"), None
    return Outcome(way, loaded - started, picture.seconds, memory.gigabytes()), picture


def _compared(outcome: Outcome, picture: Picture, other: Way, wanted: Picture) -> Outcome:
    pixels = [np.asarray(each.images[0]) for each in (picture, wanted)]
    return replace(
        outcome,
        difference=difference(picture.latents, wanted.latents),
        allowed=max(outcome.way.tolerance, other.tolerance),
        decibels=decibels(*pixels),
    )


def request_for(engine: Engine) -> RenderRequest:
    """Two regions of a few tokens, in words that the embedded model knows."""
    side = _TOKENS * engine.token_pixels
    rows, columns = np.mgrid[:side, :side] / side
    sky = rows < 0.5
    ball = (rows - 0.6) ** 2 + (columns - 0.5) ** 2 < 0.08
    regions = [Region(Mask(sky), "blue sky"), Region(Mask(ball), "a red ball")]
    scene = Scene(side, side, "a lawn under a blue sky", regions)
    return RenderRequest(scene, Sampling(steps=_STEPS, seed=_SEED))


def difference(found: Any, wanted: Any) -> float:
    """Root mean square, relative to what is wanted; infinite where a value is not finite."""
    found, wanted = found.float(), wanted.float()
    if not found.isfinite().all():
        return float("inf")
    return float((found - wanted).square().mean().sqrt() / wanted.square().mean().sqrt())


class _Memory:
    """The most that a card has held since; on the processor, what the process holds now."""

    def __init__(self, device: str) -> None:
        self.device = device
        if device.startswith("cuda"):
            import torch

            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(device)

    def gigabytes(self) -> float | None:
        if self.device.startswith("cuda"):
            import torch

            return torch.cuda.max_memory_allocated(self.device) / 1e9
        try:
            import psutil
        except ImportError:
            return None
        return psutil.Process().memory_info().rss / 1e9
