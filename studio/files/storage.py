"""Writing files so that a reader finds the old content or the new, and never half of it."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from studio.scene.errors import StorageError
from studio.scene.sentences import say


def write_atomic(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write beside, flush to the disk, then rename over `path`; folders are made.

    mode: the file's permissions, from its first byte on; None: as the umask leaves them.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.parent / f".{secrets.token_hex(8)}.part"
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(beside, flags, 0o666 if mode is None else mode), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
    except OSError as fault:
        raise StorageError(_explain(path, fault)) from fault


def _explain(path: Path, fault: OSError) -> str:
    if fault.errno == errno.ENOSPC:
        return say(
            "The disk is full: {path} was not written. Free some space and try again.", path=path
        )
    if fault.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return say(
            "{path} may not be written here ({fault}). Choose another folder.",
            path=path,
            fault=fault.strerror,
        )
    return say("{path} was not written: {fault}.", path=path, fault=fault.strerror or fault)
