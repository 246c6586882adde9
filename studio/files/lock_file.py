"""A lock on the projects' folder, so that a second studio does not write into it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO

from studio.scene.errors import StorageError


class FolderLock:
    """Held while the object lives; the system lets it go when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._file: IO[str] | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = (folder / ".lock").open("a+", encoding="ascii")
        except OSError as fault:
            raise StorageError(
                f"The folder for projects, {folder}, cannot be used ({fault.strerror}). Choose "
                "another with STUDIO_PROJECTS."
            ) from fault
        try:
            _lock(file)
        except OSError as fault:
            file.close()
            raise StorageError(
                f"Another studio is using the projects in {folder}. Close it first, or start this "
                "one with another folder: STUDIO_PROJECTS=..."
            ) from fault
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock(file: IO[str]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.set_inheritable(file.fileno(), False)
