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

    def grown(self, pixels: int, within: Extent) -> Bounds:
        """With so much around it on every side, as far as a picture of that size goes."""
        left, top, right, bottom = self
        box = Bounds(left - pixels, top - pixels, right + pixels, bottom + pixels)
        return box.overlap(Bounds(0, 0, *within))

    def overlap(self, other: Bounds) -> Bounds:
        """What both cover; where they do not meet, right <= left or bottom <= top."""
        return Bounds(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )
