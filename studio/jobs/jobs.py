"""A job: one piece of work for the device, its progress, and how it ended."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal

from studio.jobs.patience import Patience
from studio.scene.errors import Cancelled
from studio.scene.sentences import Sentence, say

State = Literal["waiting", "running", "done", "cancelled", "failed"]
ENDED: tuple[State, ...] = ("done", "cancelled", "failed")


class Priority(IntEnum):
    """Lower goes first. What a user waits for goes before what can wait."""

    LIVE = 1
    DRAFT = 2
    FINAL = 3
    SCORE = 4


@dataclass(frozen=True)
class Progress:
    """How far a running job is. `frame` is a small JPEG of the picture so far."""

    phase: str = ""
    step: int = 0
    steps: int = 0
    seconds_left: float | None = None
    frame: bytes | None = None
    frame_number: int = 0


@dataclass(frozen=True)
class JobSpec:
    """What a session asks of the queue.

    key: a job of the same session with this key that has not ended is the same job.
    replaces: kinds of the same session's jobs that this one makes superfluous.
    is_barrier: runs when all earlier jobs have ended, and later ones wait for it.
    risk: what is remembered if the studio dies meanwhile: the same work has the same.
    is_forced: runs even if the studio has died of it before.
    """

    owner: str
    kind: str
    priority: Priority
    work: Callable[[Job], Any]
    key: str | None = None
    replaces: tuple[str, ...] = ()
    is_barrier: bool = False
    risk: str | None = None
    is_forced: bool = False


TELL_SECONDS = 0.25  # between two steps that are told: whoever listens works on the same cores
_numbers = itertools.count(1)


@dataclass(eq=False)
class Job:
    """Changed by the queue and its worker alone; everyone may read it.

    pace: work of the same pace takes about the same time from one sign of life to the next.
    """

    spec: JobSpec
    notify: Callable[[Job], None]
    patience: Patience = field(default_factory=Patience)
    pace: str = ""
    identity: str = field(default_factory=lambda: secrets.token_hex(8))
    number: int = field(default_factory=lambda: next(_numbers))
    state: State = "waiting"
    progress: Progress = field(default_factory=Progress)
    result: Any = None
    error: str | None = None
    passed_over: int = 0
    started: float | None = None
    ended: float | None = None
    last_sign: float = 0.0
    between_steps: Callable[[], None] | None = None
    should_yield: Callable[[], bool] | None = None
    _cancel: threading.Event = field(default_factory=threading.Event)
    _told: float = 0.0
    _is_suspected: bool = False

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def is_cancelled(self) -> bool:
        return self._cancel.is_set()

    @property
    def seconds(self) -> float:
        if self.started is None:
            return 0.0
        return (self.ended or time.monotonic()) - self.started

    @property
    def silent_seconds(self) -> float | None:
        """For how long it has been suspiciously silent while it holds the device, or None."""
        is_on_device = self.state in ("running", "cancelled") and self.started is not None
        silent = time.monotonic() - self.last_sign
        return silent if is_on_device and silent > self.patience.seconds(self._doing) else None

    @property
    def suspicion(self) -> Sentence | None:
        """What to tell about its silence; it may still go on, so this is no failure."""
        silent = self.silent_seconds
        if silent is None or self.has_ended:
            return None
        return say(
            "No sign of life for {seconds} s. It goes on if the device answers; otherwise restart "
            "the studio. Nothing you drew is lost.",
            seconds=round(silent),
        )

    @property
    def usual_silence(self) -> float:
        """Seconds that such work was silent at most, up to now."""
        return self.patience.longest(self._doing)

    def suspect(self) -> bool:
        """Whether its silence became suspicious since it was last asked."""
        was_suspected, self._is_suspected = self._is_suspected, self.silent_seconds is not None
        return self._is_suspected and not was_suspected

    def ask_to_stop(self) -> None:
        self._cancel.set()

    def check(self) -> None:
        """Raise Cancelled if the user has stopped the job."""
        if self._cancel.is_set():
            raise Cancelled("The job was stopped.")

    def report(
        self,
        phase: str,
        step: int = 0,
        steps: int = 0,
        *,
        seconds_left: float | None = None,
        frame: bytes | None = None,
    ) -> None:
        """Say how far the work is; the queue serves quick requests in between."""
        now, last = self._sign(), self.progress
        self.progress = Progress(
            phase=phase,
            step=step,
            steps=steps,
            seconds_left=seconds_left,
            frame=last.frame if frame is None else frame,
            frame_number=last.frame_number + (frame is not None),
        )
        is_new = phase != last.phase or step == steps or frame is not None or self._is_suspected
        if is_new or now - self._told > TELL_SECONDS:
            self._told = now
            self._is_suspected = False
            self.notify(self)
        self._let_quick_requests_pass()

    def give_way(self) -> None:
        """Raise GiveWay if something more urgent waits; the work starts again later."""
        self._sign()
        self._let_quick_requests_pass()
        if self.should_yield is not None and self.should_yield():
            raise GiveWay

    @property
    def _doing(self) -> str:
        return f"{self.pace or self.spec.kind} {self.progress.phase}"

    def _sign(self) -> float:
        now = time.monotonic()
        if self.state == "running":
            self.patience.remember(self._doing, now - self.last_sign)
        self.last_sign = now
        return now

    def _let_quick_requests_pass(self) -> None:
        if self.between_steps is not None:
            self.between_steps()
            self.last_sign = time.monotonic()


def failed_job(owner: str, kind: str, error: str) -> Job:
    """A job of an earlier run of the studio, to be shown."""

    def never(job: Job) -> None:
        raise Cancelled("This job has ended.")

    job = Job(JobSpec(owner, kind, Priority.FINAL, never), lambda job: None)
    job.state, job.error, job.ended = "failed", error, time.monotonic()
    return job


class GiveWay(Exception):
    """The job goes back to the queue because something more urgent waits."""
