"""Sizes, points and boxes in pixels, x to the right and y down."""

from __future__ import annotations

from typing import NamedTuple


class Extent(NamedTuple):
    """A size in pixels."""

    width: int
    height: int

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns), the order numpy wants."""
        return self.height, self.width

    def is_multiple_of(self, step: int) -> bool:
        return self.width % step == 0 and self.height % step == 0

    def __str__(self) -> str:
        return f"{self.width} x {self.height}"


class Bounds(NamedTuple):
    """A half-open box: columns left..right-1, rows top..bottom-1."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def extent(self) -> Extent:
        return Extent(self.right - self.left, self.bottom - self.top)
