"""Who has been let in: kept as hashes in a private file beside the projects.

So a tab that is open goes on after the studio was restarted, whatever the new start's token is. The
file knows under which lock people came in, and another lock (a new password) ends all of them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from studio.files.storage import write_atomic
from studio.scene.errors import StorageError

log = logging.getLogger(__name__)

ENTRY_SECONDS = 30 * 24 * 3600  # an entry that is not used for so long has ended
MOST_ENTRIES = 200
_SAVE_SECONDS = 600.0  # how much of "last seen" a crash may forget
_LONGEST_BROWSER = 120  # letters


@dataclass(frozen=True)
class Entry:
    """A browser or script that was let in; only the digest of its secret is known here."""

    digest: str
    made: float  # seconds since 1970, as all times here
    seen: float
    address: str
    browser: str

    @property
    def identity(self) -> str:
        """What it is called in lists; it opens nothing."""
        return self.digest[:16]


@dataclass
class _Kept:
    """What stands in the file."""

    name: str = field(default_factory=lambda: secrets.token_hex(4))  # of this studio's cookie
    lock: dict[str, str] = field(default_factory=dict[str, str])
    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])  # by digest


class Entries:
    """All that were let in, at most `MOST_ENTRIES`: whoever was away longest makes room.

    path: None keeps them in memory alone.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._kept = _read(path) if path is not None and path.exists() else _Kept()
        self._saved = time.monotonic()

    @property
    def cookie(self) -> str:
        """Cookies are shared by all ports of a host, so each studio has a name of its own."""
        return f"studio-{self._kept.name}"

    @property
    def lock(self) -> Mapping[str, str]:
        """Under what people came in; see `use_lock`."""
        return self._kept.lock

    def use_lock(self, lock: Mapping[str, str]) -> None:
        """From here on people come in under this lock; whoever came in under another is out."""
        if lock == self._kept.lock:
            return
        with self._guard:
            self._kept.lock = dict(lock)
            self._kept.entries.clear()
        self.save()

    def add(self, address: str, browser: str) -> str:
        """Let somebody in; returns their secret, which is not kept."""
        secret, now = secrets.token_urlsafe(32), time.time()
        entry = Entry(_digest(secret), now, now, address, _plain(browser))
        with self._guard:
            known = self._kept.entries
            known[entry.digest] = entry
            while len(known) > MOST_ENTRIES:
                del known[min(known.values(), key=lambda each: each.seen).digest]
        self.save()
        return secret

    def find(self, secret: str) -> Entry | None:
        """Whose secret it is, who has then been seen; None for nobody, or an entry that ended."""
        now = time.time()
        with self._guard:
            entry = self._kept.entries.get(_digest(secret)) if secret else None
            if entry is None:
                return None
            if now - entry.seen > ENTRY_SECONDS:
                del self._kept.entries[entry.digest]
                return None
            entry = self._kept.entries[entry.digest] = replace(entry, seen=now)
            is_due = time.monotonic() - self._saved > _SAVE_SECONDS
        if is_due:
            self.save()
        return entry

    def all(self) -> list[Entry]:
        """Whoever was seen last comes first."""
        now = time.time()
        with self._guard:
            known = [e for e in self._kept.entries.values() if now - e.seen <= ENTRY_SECONDS]
        return sorted(known, key=lambda each: -each.seen)

    def end(self, identity: str) -> bool:
        """Whether there was such an entry."""
        with self._guard:
            found = [e for e in self._kept.entries.values() if e.identity == identity]
            for entry in found:
                del self._kept.entries[entry.digest]
        self.save()
        return bool(found)

    def end_others(self, but: str | None) -> int:
        """How many entries other than the one of the identity `but` have ended."""
        with self._guard:
            others = [e.digest for e in self._kept.entries.values() if e.identity != but]
            for digest in others:
                del self._kept.entries[digest]
        self.save()
        return len(others)

    def save(self) -> None:
        """A disk that is full keeps nobody out; they then have to come in anew after a restart."""
        self._saved = time.monotonic()
        if self._path is None:
            return
        with self._guard:
            content = {
                "version": 1,
                "name": self._kept.name,
                "lock": self._kept.lock,
                "entries": [asdict(entry) for entry in self._kept.entries.values()],
            }
        try:
            write_private(self._path, json.dumps(content, indent=1).encode())
        except StorageError as fault:
            log.warning("who was let in is not kept: %s", fault)


def entries_file(projects: Path) -> Path:
    return projects / ".door.json"


def read_lock(path: Path) -> Mapping[str, str]:
    """Under what people came in at earlier starts; empty if nobody did."""
    return _read(path).lock if path.exists() else {}


def write_private(path: Path, content: bytes) -> None:
    """Whole or not at all, and for nobody but the user of this machine (0600)."""
    write_atomic(path, content, mode=0o600)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _plain(browser: str) -> str:
    """What a browser says of itself, as one line that can be shown."""
    return "".join(c for c in browser if c.isprintable())[:_LONGEST_BROWSER]


def _read(path: Path) -> _Kept:
    """A file that makes no sense lets nobody in, and is written anew."""
    try:
        found: Any = json.loads(path.read_bytes())
        entries = [Entry(**each) for each in found["entries"]][:MOST_ENTRIES]
        lock = cast("dict[Any, Any]", found["lock"])
        kept = _Kept(
            str(found["name"]),
            {str(name): str(value) for name, value in lock.items()},
            {entry.digest: entry for entry in entries},
        )
        if any(type(e.seen) not in (int, float) or type(e.digest) is not str for e in entries):
            raise ValueError("an entry is none")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
        log.warning("%s is damaged (%s); everybody has to come in anew", path.name, fault)
        return _Kept()
    return kept if kept.name.isalnum() else _Kept()
