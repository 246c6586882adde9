"""A lock that processes share through a file; the system lets it go when its holder ends."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_PAUSE_SECONDS = 0.2
_TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


@contextmanager
def holding(path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock at `path`; while another process does, say so once and wait.

    Where the file system knows no locks, go on without.
    """
    with path.open("a+", encoding="ascii") as file:
        with suppress(OSError):
            if not try_lock(file):
                on_wait()
                while not try_lock(file):
                    time.sleep(_PAUSE_SECONDS)
        yield


def try_lock(file: IO[str]) -> bool:
    """Lock an open file until it is closed; False if another holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        if fault.errno in _TAKEN:
            return False
        raise
    os.set_inheritable(file.fileno(), False)
    return True
