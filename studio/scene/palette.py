"""Colours and patterns that tell regions apart, also for colour-blind eyes."""

from __future__ import annotations

from typing import Literal, NamedTuple

Colour = tuple[int, int, int]
Pattern = Literal["plain", "hatch", "dots", "cross", "back-hatch", "rows"]

# Okabe and Ito (2008), without black, ordered so that neighbours differ in lightness too.
COLOURS: tuple[Colour, ...] = (
    (0, 114, 178),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (213, 94, 0),
    (240, 228, 66),
    (86, 180, 233),
)
PATTERNS: tuple[Pattern, ...] = ("plain", "hatch", "dots", "cross", "back-hatch", "rows")


class RegionStyle(NamedTuple):
    """How a region is shown on the overlay."""

    colour: Colour
    pattern: Pattern


def region_style(number: int) -> RegionStyle:
    """The style of region `number`, from 1; the colours come round with the next pattern."""
    index = number - 1
    return RegionStyle(
        COLOURS[index % len(COLOURS)], PATTERNS[index // len(COLOURS) % len(PATTERNS)]
    )


def label_colour(label: int) -> Colour:
    """A colour of its own for each label from 1 (PASCAL VOC's map: bits spread over channels)."""
    red = green = blue = 0
    for bit in range(8):
        red |= (label >> (3 * bit) & 1) << (7 - bit)
        green |= (label >> (3 * bit + 1) & 1) << (7 - bit)
        blue |= (label >> (3 * bit + 2) & 1) << (7 - bit)
    return red, green, blue
