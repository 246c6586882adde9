"""How torch's threads behave beside other programs; it reads this once, when it is imported."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

_LIMIT = Path("/sys/fs/cgroup/cpu.max")  # of the container, where there is one


def share_the_cores(environment: MutableMapping[str, str]) -> None:
    """Threads that have nothing to do sleep instead of spinning, and there are no more than cores.

    Spinning threads take the very cores that the others wait for: beside two busy programs a render
    takes ten times as long. What the user has set stays.
    """
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    cores = os.cpu_count() or 1
    try:
        allowed = cores_allowed(_LIMIT.read_text(encoding="ascii"), cores)
    except (OSError, ValueError):
        return
    if allowed < cores:
        environment.setdefault("OMP_NUM_THREADS", str(allowed))


def cores_allowed(limit: str, cores: int) -> int:
    """How many cores a container may keep busy. `limit`: microseconds of work in a period, or max.

    OpenMP knows which cores it may run on, but not how much of them.
    """
    quota, _, period = limit.strip().partition(" ")
    if quota == "max":
        return cores
    return max(1, min(cores, round(int(quota) / int(period or 100_000))))
