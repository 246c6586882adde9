"""One project on disk: its state in several generations, and its pictures by content."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from studio.files.json_file import parse_json
from studio.files.storage import write_atomic
from studio.project.document import as_entry
from studio.scene.errors import ProjectFileError, SessionError, StorageError
from studio.scene.sentences import say

log = logging.getLogger(__name__)

VERSION = 1
GENERATIONS = 3
REFERENCE = re.compile(r"[0-9a-f]{32}\.(png|jpg|json|webp|gif|html|zip|s2a|ora|tif)")
_MENTION = re.compile(rb"[0-9a-f]{32}\.[a-z0-9]{2,4}")
_MAGIC = "seg2any-studio-project"
_PASSING_BYTES = 16 * 2**20


class NewerProject(ProjectFileError):
    """A project that a newer studio has written; it is not damaged."""


def reference_to(content: bytes, ending: str) -> str:
    """The name under which a project keeps this content."""
    return f"{hashlib.blake2b(content, digest_size=16).hexdigest()}.{ending}"


class ProjectFolder:
    """Content is kept in memory as long as the disk refuses it.

    `count` is told how many bytes were written, or deleted.
    """

    def __init__(self, path: Path, count: Callable[[int], None] = lambda size: None) -> None:
        self.path = path
        self.count = count
        self._unwritten: dict[str, bytes] = {}
        self._passing: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._is_given_up = False

    @property
    def is_given_up(self) -> bool:
        """Nothing is written any more: what comes too late stays in memory."""
        return self._is_given_up

    def give_up(self, is_given_up: bool = True) -> None:
        """Before the folder is moved away; what is being written is waited for."""
        with self._writing:
            self._is_given_up = is_given_up

    def put(self, content: bytes, ending: str) -> str:
        """Keep bytes; the same content has the same reference."""
        reference = reference_to(content, ending)
        if not REFERENCE.fullmatch(reference):
            raise ProjectFileError("A project keeps no .{ending} files.", ending=ending)
        if not (self._file(reference)).exists():
            with self._lock:
                self._unwritten[reference] = content
            with suppress(StorageError):  # tried again at every save
                self._flush()
        return reference

    def pass_on(self, content: bytes, ending: str) -> str:
        """Keep bytes in memory for a while: what changes every second spares the disk."""
        reference = reference_to(content, ending)
        with self._lock:
            self._passing[reference] = content
            self._passing.move_to_end(reference)
            while len(self._passing) > 8 and self._bytes_passing() > _PASSING_BYTES:
                self._passing.popitem(last=False)
        return reference

    def keep(self, references: Iterable[str]) -> None:
        """Bring to the disk what was only passing."""
        for reference in references:
            content = self._passing.get(reference)
            if content is not None:
                self.put(content, reference.rpartition(".")[2])

    def get(self, reference: str) -> bytes:
        if not REFERENCE.fullmatch(reference):
            raise SessionError("There is no such file in this project.")
        with self._lock:
            content = self._unwritten.get(reference) or self._passing.get(reference)
        if content is not None:
            return content
        try:
            return self._file(reference).read_bytes()
        except OSError as fault:
            raise SessionError("This file of the project is gone.") from fault

    def has(self, reference: str) -> bool:
        known = reference in self._unwritten
        return known or (bool(REFERENCE.fullmatch(reference)) and self._file(reference).exists())

    def save(self, body: dict[str, Any]) -> None:
        """Write the next generation and let the oldest go; StorageError if it cannot be."""
        self._flush()
        number = max(self._generations(), default=0) + 1
        self._write(self._state(number), pack_state(body))
        self._delete(self._state(old) for old in sorted(self._generations())[:-GENERATIONS])

    def load(self) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
        """The newest generation that is whole; damaged ones are kept as `.bad`.

        NewerProject if the newest was written by a newer studio.
        """
        notices: list[str] = []
        for number in sorted(self._generations(), reverse=True):
            file = self._state(number)
            try:
                body = unpack_state(file.read_bytes())
            except NewerProject:
                raise
            except (ProjectFileError, OSError) as fault:
                log.warning("state %s is damaged: %s", file.name, fault)
                with suppress(OSError):
                    file.rename(file.with_suffix(".bad"))
                notices = [say("The last save was damaged; the one before it is shown.")]
            else:
                return body, tuple(notices)
        return None, tuple(notices)

    def sweep(self, used: Iterable[str]) -> None:
        """Delete content that neither `used` nor any saved generation refers to."""
        kept = set(used)
        for file in (*self.path.glob("*.json"), *self.path.glob("undo/*.json")):
            with suppress(OSError):
                kept |= {found.decode() for found in _MENTION.findall(file.read_bytes())}
        self._delete(f for f in (self.path / "content").glob("*.*") if f.name not in kept)

    def remove(self, references: Iterable[str]) -> int:
        """Delete content that the user gave up; returns its bytes."""
        return self._delete(self._file(each) for each in references if REFERENCE.fullmatch(each))

    def size(self, references: Iterable[str]) -> int:
        """Bytes on disk of what is there."""
        total = 0
        for reference in references:
            with suppress(OSError):
                total += self._file(reference).stat().st_size
        return total

    def _delete(self, files: Iterable[Path]) -> int:
        freed = 0
        for file in files:
            with suppress(OSError):
                size = file.stat().st_size
                file.unlink()
                freed += size
        self.count(-freed)
        return freed

    def _flush(self) -> None:
        with self._lock:
            waiting = list(self._unwritten.items())
        for reference, content in waiting:
            if not self._write(self._file(reference), content):
                return
            with self._lock:
                self._unwritten.pop(reference, None)

    def _write(self, file: Path, content: bytes) -> bool:
        with self._writing:
            if self._is_given_up:
                return False
            write_atomic(file, content)
            self.count(len(content))
            return True

    def _bytes_passing(self) -> int:
        return sum(map(len, self._passing.values()))

    def _file(self, reference: str) -> Path:
        return self.path / "content" / reference

    def _state(self, number: int) -> Path:
        return self.path / f"state-{number:08d}.json"

    def _generations(self) -> list[int]:
        names = (file.stem.removeprefix("state-") for file in self.path.glob("state-*.json"))
        return [int(name) for name in names if name.isdigit()]


def pack_state(body: dict[str, Any]) -> bytes:
    """A first line that names format, version and checksum, then JSON."""
    try:
        text = json.dumps(body, separators=(",", ":"), allow_nan=False).encode()
    except ValueError as fault:
        raise _odd_number(body) or ProjectFileError(str(fault)) from fault
    return f"{_MAGIC} {VERSION} {_checksum(text)}\n".encode() + text


def _odd_number(body: Any, place: str = "") -> ProjectFileError | None:
    """Where the first number is that JSON cannot hold."""
    if isinstance(body, float) and not math.isfinite(body):
        return ProjectFileError(
            "{place} is {value}, which is no number; delete what it belongs to",
            place=place,
            value=str(body),
        )
    if isinstance(body, dict):
        items: Iterable[tuple[Any, Any]] = cast("dict[Any, Any]", body).items()
    elif isinstance(body, (list, tuple)):
        items = enumerate(cast("list[Any]", body))
    else:
        return None
    found = (_odd_number(each, f"{place}.{key}".lstrip(".")) for key, each in items)
    return next((odd for odd in found if odd), None)


def unpack_state(content: bytes) -> dict[str, Any]:
    head, _, text = content.partition(b"\n")
    words = head.decode("ascii", "replace").split(" ")
    if len(words) != 3 or words[0] != _MAGIC or not words[1].isdigit():
        raise ProjectFileError("This is no project of the studio.")
    if int(words[1]) > VERSION:
        raise NewerProject(
            "The project is of version {version}; this studio reads up to {known}. Update it.",
            version=words[1],
            known=VERSION,
        )
    if words[2] != _checksum(text):
        raise ProjectFileError("The project is damaged: its checksum does not fit.")
    try:
        return as_entry(parse_json(text))
    except ValueError as fault:
        raise ProjectFileError("The project is damaged: it is not JSON.") from fault


def _checksum(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=16).hexdigest()
