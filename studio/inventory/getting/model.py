"""A whole model from the hub into the weights folder."""

from __future__ import annotations

import json
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from studio.installation.file_lock import try_lock
from studio.inventory.getting.hub import Hub, HubFile, Listing, patterns_of
from studio.inventory.getting.transfer import Retries, Transfer, disk_fault, settle
from studio.inventory.known import KNOWN, KNOWN_PARTS, Known, folder_of
from studio.scene.errors import BadInput, StorageError

Phase = Literal["look", "fetch", "verify"]
_PACE_SECONDS = 20.0  # time left is told by what arrived in so long
_TELL_SECONDS = 0.25
PUBLISHED = (*KNOWN, *KNOWN_PARTS)


@dataclass(frozen=True)
class GetProgress:
    """Bytes of the whole model; `seconds_left` once enough has arrived to say."""

    phase: Phase
    done: int
    total: int
    seconds_left: float | None = None


@dataclass(frozen=True)
class Getting:
    """`check` raises where the user has stopped it: what is there is kept, and goes on later."""

    weights: Path
    hub: Hub = field(default_factory=Hub)
    check: Callable[[], None] = lambda: None
    report: Callable[[GetProgress], None] = lambda progress: None
    retries: Retries = field(default_factory=Retries)

    def get(self, known: Known) -> Path:
        """The model's folder, whole and verified."""
        folder = folder_of(known, self.weights)
        self.report(GetProgress("look", 0, 0))
        listing = self.hub.listing(known)
        with _alone(folder, known):
            _Work(self, listing, folder).run()
        _tidy(folder, known)
        return folder


def known_model(name: str) -> Known:
    """Of the published models, the one of this name."""
    for known in PUBLISHED:
        if known.name.lower() == name.lower():
            return known
    raise BadInput(
        "There is no {name!r} among the models that the studio knows: {names}.",
        name=name,
        names=", ".join(known.name for known in PUBLISHED),
    )


class _Work:
    """One run: which files are there, which are still to come, how fast."""

    def __init__(self, getting: Getting, listing: Listing, folder: Path) -> None:
        self.getting, self.listing, self.folder = getting, listing, folder
        self.before = 0  # bytes of the files that are done
        self.seen: deque[tuple[float, int]] = deque()
        self.told = 0.0
        self.kept = kept_in(folder, listing.known)
        self.receipts = _Receipts(self.kept / "verified.json")

    def run(self) -> None:
        self._check_disk()
        for file in self.listing.files:
            self._get(file)
            self.before += file.size
        self._tell("fetch", 0, is_last=True)

    def _get(self, file: HubFile) -> None:
        path, partial = self.folder / file.path, self._partial(file)
        transfer = Transfer(
            self.getting.hub,
            self.listing,
            self.getting.check,
            lambda have: self._tell("fetch", have),
            self.getting.retries,
        )
        if self.receipts.has(file, path):
            return
        if path.is_file() and path.stat().st_size == file.size:
            self._tell("verify", file.size, is_last=True)
            if transfer.verify(file, path):
                self.receipts.add(file, path)
                return
        transfer.fetch(file, partial)
        self._tell("verify", file.size, is_last=True)
        settle(file, partial, path, transfer.verify(file, partial))
        self.receipts.add(file, path)

    def _partial(self, file: HubFile) -> Path:
        """Its name holds the digest, so that nothing goes on with another file's beginning."""
        name = file.path.replace("/", "--")
        return self.kept / f"{name}.{file.digest[:12]}.incomplete"

    def _check_disk(self) -> None:
        """Say before the first byte whether all of it will fit."""
        have = sum(_there(self.folder / file.path, file) for file in self.listing.files)
        have += sum(_there(self._partial(file), file) for file in self.listing.files)
        needed, free = self.listing.total - have, shutil.disk_usage(_existing(self.folder)).free
        if needed > free:
            raise StorageError(
                "{name} needs {needed} more, and {free} are free in {folder}. Free some space, or "
                "keep models elsewhere with STUDIO_WEIGHTS.",
                name=self.listing.known.name,
                needed=shown_bytes(needed),
                free=shown_bytes(free),
                folder=self.getting.weights,
            )

    def _tell(self, phase: Phase, have: int, *, is_last: bool = False) -> None:
        now, done = time.monotonic(), self.before + have
        if not is_last and now - self.told < _TELL_SECONDS:
            return
        self.told = now
        self.seen.append((now, done))
        while now - self.seen[0][0] > _PACE_SECONDS:
            self.seen.popleft()
        left = seconds_left(list(self.seen), self.listing.total)
        self.getting.report(GetProgress(phase, done, self.listing.total, left))


class _Receipts:
    """Files that were verified, so that going on does not read gigabytes again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, list[object]] = {}
        with suppress(OSError, ValueError):
            self.known = dict(json.loads(path.read_text(encoding="utf-8")))

    def has(self, file: HubFile, path: Path) -> bool:
        return path.is_file() and self.known.get(file.path) == self._of(file, path)

    def add(self, file: HubFile, path: Path) -> None:
        self.known[file.path] = self._of(file, path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(self.known), encoding="utf-8")
        except OSError as fault:
            raise disk_fault(self.path, fault) from fault

    def _of(self, file: HubFile, path: Path) -> list[object]:
        facts = path.stat()
        return [file.digest, facts.st_size, facts.st_mtime_ns]


def seconds_left(seen: list[tuple[float, int]], total: int) -> float | None:
    """From (seconds, bytes) that were seen; None while nothing can be said."""
    (first, begun), (last, done) = seen[0], seen[-1]
    if last - first < 1 or done <= begun:
        return None
    return (total - done) * (last - first) / (done - begun)


def shown_bytes(count: int) -> str:
    """In megabytes or gigabytes of 10^9, as the hub and disks count them."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def kept_in(folder: Path, known: Known) -> Path:
    """Parts of files, and what was verified, while the model is not whole."""
    return folder / ".cache" / "get" / known.name


def part_is_here(known: Known, weights: Path) -> bool:
    """Of a part of a base, which no folder of its own tells."""
    include, _ = patterns_of(known)
    folder = folder_of(known, weights)
    return known.kind == "part" and all(any(folder.glob(pattern)) for pattern in include)


def bytes_there(weights: Path, known: Known) -> int:
    """What an interrupted download of this model has left."""
    parts = kept_in(folder_of(known, weights), known).glob("*.incomplete")
    return sum(part.stat().st_size for part in parts)


@contextmanager
def _alone(folder: Path, known: Known) -> Iterator[None]:
    file: IO[str] | None = None
    try:
        kept_in(folder, known).mkdir(parents=True, exist_ok=True)
        file = (kept_in(folder, known) / ".lock").open("a+", encoding="ascii")
    except OSError as fault:
        raise disk_fault(folder, fault) from fault
    with file:
        with suppress(OSError):  # a file system without locks
            if not try_lock(file):
                raise StorageError(
                    "{name} is being downloaded by another studio or command already.",
                    name=known.name,
                )
        yield


def _tidy(folder: Path, known: Known) -> None:
    kept = kept_in(folder, known)
    shutil.rmtree(kept, ignore_errors=True)
    with suppress(OSError):
        for above in (kept.parent, kept.parent.parent):
            above.rmdir()


def _there(path: Path, file: HubFile) -> int:
    return min(path.stat().st_size, file.size) if path.is_file() else 0


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
