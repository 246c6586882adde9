"""A lock on the projects' folder, so that a second studio does not write into it."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from studio.installation.file_lock import try_lock
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
                "The folder for projects, {folder}, cannot be used ({reason}). Choose another "
                "with STUDIO_PROJECTS.",
                folder=folder,
                reason=fault.strerror,
            ) from fault
        try:
            is_ours = try_lock(file)
        except OSError as fault:
            file.close()
            raise StorageError(
                "The folder for projects, {folder}, cannot be locked ({reason}). Choose another "
                "with STUDIO_PROJECTS.",
                folder=folder,
                reason=fault.strerror,
            ) from fault
        if not is_ours:
            file.close()
            raise StorageError(
                "Another studio is using the projects in {folder}. Close it first, or start this "
                "one with another folder: STUDIO_PROJECTS=...",
                folder=folder,
            )
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
