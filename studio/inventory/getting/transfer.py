"""One file from the hub to the disk: broken off at any byte, it goes on from there."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from studio.inventory.getting.hub import Hub, HubFile, Listing
from studio.scene.errors import DamagedWeights, HubError, StorageError

if TYPE_CHECKING:
    from studio.scene.errors import WeightsError

_CHUNK = 2**20
_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Retries:
    """A line that breaks is tried again; each byte that arrives lets it begin anew."""

    most: int = 5
    seconds: float = 1.0  # before the first; twice as long before each further one


@dataclass(frozen=True)
class Transfer:
    """`check` raises where the user has stopped it; `report` is told how many bytes are there."""

    hub: Hub
    listing: Listing
    check: Callable[[], None]
    report: Callable[[int], None]
    retries: Retries = field(default_factory=Retries)

    def fetch(self, file: HubFile, partial: Path) -> None:
        """Fill `partial`, from where it ends now, up to the file's size."""
        failures = 0
        while (have := self._have(file, partial)) < file.size:
            self.check()
            fault = self._stream(file, partial, have)
            failures = 0 if _size(partial) > have else failures + 1
            if _size(partial) < file.size and failures > self.retries.most:
                raise fault or HubError(
                    "The hub ends {path} after {have} of {size} bytes; try again later. What is "
                    "here is kept.",
                    path=file.path,
                    have=_size(partial),
                    size=file.size,
                )
            if failures:
                self._wait(self.retries.seconds * 2 ** (failures - 1))
        if file.size == 0:
            partial.touch()

    def verify(self, file: HubFile, path: Path) -> bool:
        """Whether the file on disk has the digest that the hub tells of it."""
        if _size(path) != file.size:
            return False
        made = hashlib.sha256()
        if not file.is_large:
            made = hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                self.check()
                made.update(chunk)
        return made.hexdigest() == file.digest

    def _have(self, file: HubFile, partial: Path) -> int:
        have = _size(partial)
        if have > file.size:
            partial.unlink()
            return 0
        return have

    def _stream(self, file: HubFile, partial: Path, have: int) -> WeightsError | None:
        """Take what the hub sends from byte `have` on; the fault if the line broke."""
        from huggingface_hub import constants
        from huggingface_hub.errors import HfHubHTTPError
        from huggingface_hub.utils import hf_raise_for_status, http_stream_backoff

        headers = self.hub.headers()
        if have:
            headers["Range"] = f"bytes={have}-"
        try:
            with (
                self.hub.faults(self.listing.known),
                http_stream_backoff(
                    "GET",
                    self.hub.url(self.listing, file),
                    headers=headers,
                    timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT,
                    retry_on_exceptions=(),
                    retry_on_status_codes=(),
                ) as response,
            ):
                hf_raise_for_status(response)
                is_rest = response.status_code == 206
                with _opened(partial, "ab" if is_rest else "wb") as stream:
                    have = have if is_rest else 0
                    for chunk in response.iter_bytes():
                        have += _write(stream, chunk[: file.size - have], partial)
                        self.report(have)
                        self.check()
        except HubError as fault:
            cause = fault.__cause__
            status = getattr(getattr(cause, "response", None), "status_code", 0)
            if isinstance(cause, HfHubHTTPError) and status < 500 and status not in (408, 416, 429):
                raise
            if status == 416:  # this file ends earlier than what is here
                partial.unlink(missing_ok=True)
            if isinstance(cause, ConnectionError):  # offline by the user's own wish
                raise
            return fault
        return None

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, _LOOK_SECONDS))


def settle(file: HubFile, partial: Path, path: Path, is_right: bool) -> None:
    """Move a verified file to its place; one with another digest is thrown away and named."""
    if not is_right:
        partial.unlink(missing_ok=True)
        raise DamagedWeights(
            "{path} arrived with another digest than the hub tells, so it was thrown away; try "
            "again. If it happens twice, something between here and the hub changes files.",
            path=file.path,
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(partial, path)
    except OSError as fault:
        raise disk_fault(path, fault) from fault


def disk_fault(path: Path, fault: OSError) -> StorageError:
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            "The disk is full at {path}. Free some space and start the download again: it goes on "
            "with what is there.",
            path=path,
        )
    return StorageError(
        "{path} cannot be written: {reason}. Nothing that was there is lost.",
        path=path,
        reason=fault.strerror or fault,
    )


def _opened(partial: Path, mode: str) -> IO[bytes]:
    """Unbuffered: what is written is in the file, and a full disk is told at once."""
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        return partial.open(mode, buffering=0)  # pyright: ignore[reportReturnType]
    except OSError as fault:
        raise disk_fault(partial, fault) from fault


def _write(stream: IO[bytes], chunk: bytes, partial: Path) -> int:
    left = memoryview(chunk)
    try:
        while left:
            left = left[stream.write(left) :]
    except OSError as fault:
        raise disk_fault(partial, fault) from fault
    return len(chunk)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
