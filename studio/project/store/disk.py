"""How much the projects take on disk, and whether there is room for more pictures."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from pathlib import Path

from studio.scene.errors import StorageError
from studio.scene.sentences import say

SMALLEST_FREE = 64 * 2**20  # bytes left on the disk below which no new picture is started
_GIGABYTE = 2**30
_FULL = (errno.ENOSPC, errno.EDQUOT)


class DiskBudget:
    """Pictures stop at the limit; edits never do, and nothing is deleted to make room."""

    def __init__(self, root: Path, most_bytes: int) -> None:
        self.root = root
        self.most_bytes = most_bytes
        self._used = 0
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        return self._used

    @property
    def free(self) -> int:
        """Bytes left on the disk, whoever uses them."""
        try:
            return shutil.disk_usage(self.root).free
        except OSError:
            return 0

    def measure(self) -> int:
        """Count what is there; later writes are added."""
        used = bytes_in(self.root)
        with self._lock:
            self._used = used
        return used

    def add(self, size: int) -> None:
        """Bytes that were written, or deleted if negative."""
        with self._lock:
            self._used = max(0, self._used + size)

    @property
    def trouble(self) -> str | None:
        """Why no more pictures can be kept, and what to do."""
        if self._used >= self.most_bytes:
            return say(
                "The projects take {used:.1f} GB of the {most:g} GB they may. Delete pictures or "
                "projects you do not need, or start the studio with a larger --disk-gigabytes.",
                used=self._used / _GIGABYTE,
                most=self.most_bytes / _GIGABYTE,
            )
        free = self.free
        if free < SMALLEST_FREE:
            return say(
                "The disk has only {megabytes} MB left. Free some space first; what you drew is "
                "kept.",
                megabytes=free // 2**20,
            )
        return None

    def check(self) -> None:
        """StorageError if there is no room for a new picture."""
        trouble = self.trouble
        if trouble is not None:
            raise StorageError(trouble)


def why_unsaved(fault: StorageError) -> str:
    """For the user who goes on working: what the disk refuses, and that nothing is lost."""
    cause = fault.__cause__
    number = cause.errno if isinstance(cause, OSError) else None
    if number in _FULL:
        reason = say("The disk is full")
    elif number is None:
        reason = say("The disk refuses to save")
    else:
        reason = say("The disk refuses to save ({fault})", fault=os.strerror(number))
    return say(
        "{reason}. Your work is kept in memory and saved as soon as that is possible: free some "
        "space, and do not close the studio.",
        reason=reason,
    )


def bytes_in(folder: Path) -> int:
    """What all files below a folder take; what vanishes meanwhile counts nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(place, name)).st_size
            except OSError:
                continue
    return total
