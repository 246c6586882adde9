"""How long a job may be silent before that is suspicious."""

from __future__ import annotations

import threading
from collections import OrderedDict

FIRST_SECONDS = 600.0  # for what was never seen before: a load, a compiled or a first step
LEAST_SECONDS = 30.0  # nothing is suspicious sooner, however quick it was before
_TIMES = 10
_MOST_KEPT = 256


class Patience:
    """Ten times the longest silence that such work has shown; work that was never seen has more.

    Silence is never a fault: what is only slow is only slow.
    """

    def __init__(self, first: float = FIRST_SECONDS, least: float = LEAST_SECONDS) -> None:
        self._first = first
        self._least = least
        self._longest: OrderedDict[str, float] = OrderedDict()  # by work, in seconds
        self._lock = threading.Lock()

    def remember(self, work: str, seconds: float) -> None:
        """Such work was silent for so long, and then went on."""
        with self._lock:
            self._longest[work] = max(seconds, self._longest.get(work, 0.0))
            self._longest.move_to_end(work)
            while len(self._longest) > _MOST_KEPT:
                self._longest.popitem(last=False)

    def longest(self, work: str) -> float:
        """The longest silence seen, in seconds; 0 for what was never seen."""
        with self._lock:
            return self._longest.get(work, 0.0)

    def seconds(self, work: str) -> float:
        """After so long a silence of such work its user is told."""
        longest = self.longest(work)
        return max(self._least, _TIMES * longest) if longest else self._first
