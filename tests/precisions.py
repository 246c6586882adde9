"""The number types that every numeric path is tested in, whatever the machine prefers."""

from __future__ import annotations

import pytest
import torch

in_each_precision = pytest.mark.parametrize(
    "dtype", [torch.float32, torch.bfloat16, torch.float16], ids=lambda dtype: str(dtype)[6:]
)
# root mean square error, relative to the float32 values: a few roundings of each type
NEAR = {torch.float32: 0.0, torch.bfloat16: 0.05, torch.float16: 0.01}


def relative_error(found: torch.Tensor, wanted: torch.Tensor) -> float:
    gap = (found.float() - wanted.float()).square().mean().sqrt()
    return float(gap / wanted.float().square().mean().sqrt())
