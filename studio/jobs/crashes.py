"""What was running when the studio died, so that it does not bring it down again and again.

A small file stands while a job runs. If it is found at the next start, that job was the last thing
the studio did.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from studio.files.storage import write_atomic
from studio.jobs.jobs import Job
from studio.scene.errors import SessionError, StorageError
from studio.scene.sentences import say

log = logging.getLogger(__name__)

MOST_TIMES = 2  # so often a job may bring the studio down before it is not started any more
_MOST_KEPT = 200


@dataclass(frozen=True)
class Crash:
    """Work that the studio died of, or at least with."""

    risk: str  # the work's key: the same work has the same
    owner: str
    kind: str
    times: int
    at: float  # unix seconds
    is_fresh: bool = False  # it ended the run before this one

    @property
    def is_quarantined(self) -> bool:
        return self.times >= MOST_TIMES

    @property
    def sentence(self) -> str:
        """What happened, and what to do."""
        often = say("twice") if self.times == 2 else say("{times} times", times=self.times)
        if not self.is_quarantined:
            return say("A render was running when the studio stopped; start it again.")
        if self.kind == "load":
            return say(
                "Loading this model has brought the studio down {often}, so it is not loaded by "
                "itself. Choose it again in the settings to try once more, choose another, or "
                "start with --offload model.",
                often=often,
            )
        return say(
            "This {job} has brought the studio down {often}, so it is not started again. Choose "
            "a smaller size, fewer pictures or a draft; your scene is as you left it.",
            job=_NAMES.get(self.kind, say("job")),
            often=often,
        )


_NAMES = {
    "final": say("render"),
    "draft": say("draft"),
    "live": say("live draft"),
    "strip": say("gamma strip"),
    "auto_gamma": say("search for the loosest gamma"),
    "measure": say("measurement"),
    "peek": say("measurement"),
    "proposals": say("search for everything"),
    "find": say("search by word"),
    "similar": say("search by likeness"),
    "captions": say("description"),
    "worlds": say("suggestion"),
    "layout": say("layout"),
}


class CrashLog:
    """Lives in the projects' folder; whoever holds the folder's lock may make one."""

    def __init__(self, folder: Path) -> None:
        self._marker = folder / ".running.json"
        self._file = folder / ".crashes.json"
        self._lock = threading.Lock()
        self._crashes = _read(self._file)
        last = _read(self._marker)
        for risk, crash in last.items():
            before = self._crashes.pop(risk, None)
            times = 1 if before is None else before.times + 1
            self._crashes[risk] = replace(crash, times=times, is_fresh=True)
            log.warning("the studio died during a %s (%d times)", crash.kind, times)
        if last:
            self._write()
        self.close()

    def of(self, owner: str) -> list[Crash]:
        """What a project's visitor should be told."""
        with self._lock:
            own = [crash for crash in self._crashes.values() if crash.owner == owner]
        return [crash for crash in own if crash.is_fresh or crash.is_quarantined]

    @contextmanager
    def remember(self, job: Job) -> Generator[None]:
        """Remember the job while it runs; SessionError for one that is in quarantine."""
        risk = job.spec.risk
        if risk is None:
            yield
            return
        known = self._crashes.get(risk)
        if known is not None and known.is_quarantined and not job.spec.is_forced:
            raise SessionError(known.sentence)
        crash = Crash(risk, job.spec.owner, job.spec.kind, 1, time.time())
        try:
            with suppress(OSError):  # a full disk must not stop the job
                self._marker.write_bytes(_packed([crash]))
            yield
            self._forgive(risk)
        finally:
            self.close()

    def close(self) -> None:
        """Whatever runs now is not to blame if the studio ends."""
        with suppress(OSError):
            self._marker.unlink(missing_ok=True)

    def _forgive(self, risk: str) -> None:
        with self._lock:
            if self._crashes.pop(risk, None) is not None:
                self._write()

    def _write(self) -> None:
        newest = list(self._crashes.values())[-_MOST_KEPT:]
        with suppress(StorageError):
            write_atomic(self._file, _packed(newest))


def _packed(crashes: list[Crash]) -> bytes:
    names = ("risk", "owner", "kind", "times", "at")
    return json.dumps([{name: getattr(each, name) for name in names} for each in crashes]).encode()


def _read(file: Path) -> dict[str, Crash]:
    """By risk; nothing for a file that is not there or damaged."""
    try:
        entries = cast("list[dict[str, Any]]", json.loads(file.read_bytes()))
        crashes = [
            Crash(
                risk=str(entry["risk"]),
                owner=str(entry["owner"]),
                kind=str(entry["kind"]),
                times=int(entry["times"]),
                at=float(entry["at"]),
            )
            for entry in entries
        ]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return {crash.risk: crash for crash in crashes}
