"""How long renders took, to say how long the next one will take."""

from __future__ import annotations

import threading


class Pace:
    """Seconds per unit of work (tokens times steps) by model; the newest render counts most."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def remember(self, model: str, kind: str, units: float, seconds: float) -> None:
        if units <= 0 or seconds < 0:
            return
        with self._lock:
            known = self._seconds.get((model, kind))
            now = seconds / units
            self._seconds[(model, kind)] = now if known is None else 0.5 * known + 0.5 * now

    def estimate(self, model: str, kind: str, units: float) -> float | None:
        """Seconds, or None before the first render with this model."""
        known = self._seconds.get((model, kind))
        return None if known is None else known * units
