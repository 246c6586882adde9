"""Where the models live while others work: offloading through accelerate and diffusers."""

from __future__ import annotations

from collections.abc import Sequence

import accelerate
import torch
from diffusers.hooks import apply_group_offloading
from torch import nn

from studio.scene.errors import RequestError

OFFLOADS = ("none", "model", "sequential", "group")


def place(models: Sequence[nn.Module], device: torch.device, offload: str) -> None:
    """Put models, in the order of their use, on `device`, or have them visit it when called.

    none: all stay there. model: one at a time. group: layer by layer, prefetched where the device
    has streams. sequential: layer by layer, the least memory and the slowest.
    """
    if offload not in OFFLOADS:
        raise RequestError(
            "offload is {offload!r}; it must be one of {allowed}.",
            offload=offload,
            allowed=", ".join(OFFLOADS),
        )
    if offload == "model":
        _visit_whole(models, device)
        return
    for model in models:
        if offload == "none":
            _settle(model, device)
        elif offload == "sequential":
            accelerate.cpu_offload(model, device)
        else:
            apply_group_offloading(
                model,
                onload_device=device,
                offload_device=torch.device("cpu"),
                offload_type="leaf_level",
                use_stream=device.type == "cuda",
            )


def _visit_whole(models: Sequence[nn.Module], device: torch.device) -> None:
    hook = None
    for model in models:
        _, hook = accelerate.cpu_offload_with_hook(model, device, prev_module_hook=hook)


def _settle(model: nn.Module, device: torch.device) -> None:
    """Move a model, unless its quantised weights already chose their place."""
    is_placed = getattr(model, "is_loaded_in_8bit", False) or getattr(
        model, "is_loaded_in_4bit", False
    )
    if not is_placed:
        model.to(device)


def empty_cache(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.empty_cache()
