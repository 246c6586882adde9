"""What a file's header says of one tensor."""

from __future__ import annotations

import math
from typing import NamedTuple


class TensorFacts(NamedTuple):
    """`kind` is the file's own word for the numbers: "F8_E4M3", "BF16", "Q4_K"."""

    kind: str
    shape: tuple[int, ...]
    size: int  # bytes in the file
    offset: int = 0  # where they begin after the header

    @property
    def weights(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


def by(shape: tuple[int, ...]) -> str:
    """A shape in a sentence: "768 x 3072"."""
    return " x ".join(str(side) for side in shape) or "1"
