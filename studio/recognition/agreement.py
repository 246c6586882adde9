"""The seam between regions and words: how well each region of a picture agrees with each caption.

On it stands the leak warning: a region that agrees far better with its neighbour's caption than
with its own looks like the neighbour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.recognition.finder import Pixels
from studio.recognition.recogniser import Recogniser

Masks = Sequence[NDArray[np.bool_]]
Agreements = NDArray[np.float32]  # (regions, captions)


class Agreement(Recogniser, Protocol):
    """Holds weights and nothing else."""

    @property
    def margin(self) -> float:
        """By how much another caption must agree better before a region is said to show it."""
        ...

    def compare(self, image: Pixels, masks: Masks, captions: Sequence[str]) -> Agreements:
        """Larger is better; only numbers of one row may be compared.

        NaN for a caption that says nothing which could be seen, and for an empty region.
        """
        ...


@dataclass(frozen=True)
class Leak:
    """A region that shows another's caption; `by`: how much better that caption agrees."""

    region: int
    shows: int
    by: float


def find_leaks(agreements: Agreements, captions: Sequence[str], margin: float) -> list[Leak]:
    """The regions that look like another's words rather than their own, the clearest first."""
    found: list[Leak] = []
    for region in range(len(captions)):
        shows, by = nearest_other(agreements, captions, region)
        if shows is not None and by > margin:
            found.append(Leak(region, shows, by))
    return sorted(found, key=lambda leak: -leak.by)


def nearest_other(
    agreements: Agreements, captions: Sequence[str], region: int
) -> tuple[int | None, float]:
    """The other caption that agrees best, and by how much better than the region's own.

    None where its own caption or all others say nothing that could be seen.
    """
    row = agreements[region]
    own = _plain(captions[region])
    others = [
        place
        for place in range(len(captions))
        if place != region and np.isfinite(row[place]) and _plain(captions[place]) != own
    ]
    if not others or not np.isfinite(row[region]):
        return None, 0.0
    best = max(others, key=lambda place: row[place])
    return best, float(row[best] - row[region])


def _plain(caption: str) -> str:
    return " ".join(caption.lower().split())
