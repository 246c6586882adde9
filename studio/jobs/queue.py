"""The job queue: one worker thread owns the device, and nothing else computes on it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from studio.jobs.jobs import GiveWay, Job, JobSpec, Priority, State
from studio.jobs.patience import FIRST_SECONDS, Patience
from studio.scene.errors import Cancelled, SessionError, StudioError
from studio.scene.sentences import Sentence, say

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST_WAITING_EACH = 3
MOST_WAITING = 32
MOST_QUICK_REQUESTS = 16
_LOOK_SECONDS = 0.25  # between two looks whether a quick request waits in vain
_STEPS_WAITED = 3  # a quick request waits as long as so many steps
_MOST_PASSED_OVER = 2  # a job passed over so often is treated as the most urgent


@dataclass(eq=False)
class _QuickRequest:
    """A quick request (a click) that runs between two steps of whatever job is running."""

    run: Callable[[], Any]
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    fault: BaseException | None = None


class JobQueue:
    """Jobs end exactly once: done, cancelled or failed. Sessions take turns.

    Work that is silent for long is told to be suspicious and ends as it ends: done, if it was only
    slow. Nothing else starts before the device is really free. `around` stands round a job's work;
    what `on_change` raises is logged and stops nothing.
    """

    def __init__(
        self,
        on_change: Callable[[Job], None] | None = None,
        patience: Patience | None = None,
        most_waiting_each: int = MOST_WAITING_EACH,
        around: Callable[[Job], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._on_change = on_change or _ignore
        self._around = around
        self._patience = patience or Patience()
        self._most_each = most_waiting_each
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._quick: deque[_QuickRequest] = deque()
        self._served: dict[str, int] = {}
        self._turn = 0
        self._is_closed = False
        self._wake = threading.Condition(threading.RLock())
        self._worker = threading.Thread(target=self._work, name="device", daemon=True)
        self._worker.start()

    @property
    def running(self) -> Job | None:
        return self._running

    @property
    def waiting(self) -> tuple[Job, ...]:
        with self._wake:
            return tuple(sorted(self._waiting, key=self._urgency))

    def position(self, job: Job) -> int:
        """How many jobs run before this one; 0 for one that is running or has ended."""
        waiting = self.waiting
        return waiting.index(job) + (self._running is not None) if job in waiting else 0

    def submit(self, spec: JobSpec) -> Job:
        """A new job, or the one of the same key that has not ended yet."""
        with self._wake:
            if self._is_closed:
                raise SessionError("The studio is shutting down.")
            own = [job for job in self._active() if job.spec.owner == spec.owner]
            for job in own:
                same = spec.key is not None and job.spec.key == spec.key
                if same and not job.is_cancelled:
                    return job
            replaced = [job for job in own if job.spec.kind in spec.replaces]
            if spec.priority < Priority.SCORE:
                self._check_room(spec.owner, replaced)
            for job in replaced:
                self._stop(job)
            job = Job(spec, self._tell, self._patience)
            self._waiting.append(job)
            self._wake.notify_all()
        for changed in [*replaced, job]:
            self._tell(changed)
        return job

    def cancel(self, owner: str, identity: str | None = None) -> list[Job]:
        """Stop a session's job, or all of them. Cancelling what has ended does nothing."""
        with self._wake:
            stopped = [
                job
                for job in self._active()
                if job.spec.owner == owner and identity in (None, job.identity)
            ]
            for job in stopped:
                self._stop(job)
        for job in stopped:
            self._tell(job)
        return stopped

    def run_now(
        self, work: Callable[[], T], timeout: float = 60.0, *, waits_for_step: bool = True
    ) -> T:
        """Run something quick on the device thread, between two steps of the running job.

        SessionError, and `work` never runs, if the device does not get round to it in `timeout`
        seconds; where the job's steps are known to take longer, they are waited for.
        """
        if threading.current_thread() is self._worker:
            return work()
        request = _QuickRequest(work)
        with self._wake:
            if self._is_closed:
                raise SessionError("The studio is shutting down.")
            if len(self._quick) >= MOST_QUICK_REQUESTS:
                raise SessionError(
                    "{count} clicks and checks wait for the device; try again when the running "
                    "step has ended.",
                    count=len(self._quick),
                )
            self._quick.append(request)
            self._wake.notify_all()
        asked = time.monotonic()
        while not request.done.wait(_LOOK_SECONDS):
            with self._wake:
                waited = time.monotonic() - asked
                if request not in self._quick:  # it is being worked on
                    if waited > timeout + FIRST_SECONDS:
                        raise SessionError(
                            "The device has not answered for {seconds} s.", seconds=round(waited)
                        )
                    continue
                reason = self._why_in_vain(waited, timeout, waits_for_step)
                if reason is not None:
                    self._quick.remove(request)
                    raise SessionError(reason)
        if request.fault is not None:
            raise request.fault
        return cast("T", request.result)

    def report_silence(self) -> None:
        """Tell of a job that shows no sign of life. Called whenever somebody looks."""
        job = self._running
        if job is not None and job.suspect():
            log.warning("job %s shows no sign of life", job.identity)
            self._tell(job)

    def close(self, timeout: float = 5.0) -> bool:
        """Stop everything at the next step; whether the worker ended within `timeout` seconds."""
        with self._wake:
            self._is_closed = True
            stopped = list(self._active())
            for job in stopped:
                self._stop(job)
            self._wake.notify_all()
        for job in stopped:
            self._tell(job)
        if threading.current_thread() is not self._worker:
            self._worker.join(timeout)
        return not self._worker.is_alive()

    def _active(self) -> list[Job]:
        running = [self._running] if self._running is not None else []
        return [job for job in [*running, *self._waiting] if not job.has_ended]

    def _tell(self, job: Job) -> None:
        try:
            self._on_change(job)
        except Exception:
            log.exception("telling of job %s failed", job.identity)

    def _check_room(self, owner: str, leaving: list[Job]) -> None:
        waited_for = [
            job
            for job in self._waiting
            if job.spec.priority < Priority.SCORE and job not in leaving
        ]
        own = sum(job.spec.owner == owner for job in waited_for)
        if own >= self._most_each:
            raise SessionError(
                "{count} of your jobs are waiting already; cancel one or wait.", count=own
            )
        if len(waited_for) >= MOST_WAITING:
            raise SessionError(
                "{count} jobs are waiting; try again in a minute.", count=len(waited_for)
            )

    def _stop(self, job: Job) -> None:
        """Ends at once if it waits or hangs, else at its next step. The lock is held."""
        job.ask_to_stop()
        if job in self._waiting or job.silent_seconds is not None:
            if job in self._waiting:
                self._waiting.remove(job)
            job.state, job.ended = "cancelled", time.monotonic()

    def _why_in_vain(self, waited: float, timeout: float, waits_for_step: bool) -> Sentence | None:
        """Why a quick request waits no longer; the lock is held."""
        job = self._running
        if job is None:
            busy = say("The device is busy with other clicks; try again in a moment.")
            return None if waited < timeout else busy
        silent = job.silent_seconds
        if silent is not None:
            return say(
                "The device has shown no sign of life for {seconds} s. Try again when it goes on; "
                "if it does not, restart the studio. Nothing you drew is lost.",
                seconds=round(silent),
            )
        if waited < max(timeout, _STEPS_WAITED * job.usual_silence if waits_for_step else 0.0):
            return None
        return say(
            "The device has been busy with one step for {seconds} s and answers between two steps; "
            "try again then, or stop the running job.",
            seconds=round(time.monotonic() - job.last_sign),
        )

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._is_closed or self._quick or self._waiting)
                if self._is_closed:
                    self._refuse_quick_requests()
                    return
                job = None if self._quick else self._next()
            if job is None:
                self._serve_quick_requests()
            else:
                self._run(job)

    def _next(self) -> Job | None:
        """Take the next job; the lock is held."""
        barriers = [job for job in self._waiting if job.spec.is_barrier]
        ready = self._before_barrier() or sorted(barriers, key=lambda job: job.number)[:1]
        if not ready:
            return None
        job = min(ready, key=self._urgency)
        for other in ready:
            if other.number < job.number and other.spec.priority < Priority.SCORE:
                other.passed_over += 1
        self._waiting.remove(job)
        self._turn += 1
        self._served[job.spec.owner] = self._turn
        now = time.monotonic()
        job.started, job.last_sign, job.state = job.started or now, now, "running"
        self._running = job
        return job

    def _urgency(self, job: Job) -> tuple[int, int, int]:
        priority = 0 if job.passed_over >= _MOST_PASSED_OVER else int(job.spec.priority)
        return priority, self._served.get(job.spec.owner, 0), job.number

    def _run(self, job: Job) -> None:
        job.between_steps = self._serve_quick_requests
        job.should_yield = lambda: self._something_more_urgent(job)
        self._tell(job)
        try:
            job.check()
            self._end(job, "done", result=self._result_of(job))
        except Cancelled:
            self._end(job, "cancelled")
        except GiveWay:
            self._put_back(job)
        except StudioError as fault:
            log.info("job %s failed: %s", job.identity, fault)
            self._end(job, "failed", error=str(fault))
        except BaseException as fault:  # the thread must live on
            log.exception("job %s failed", job.identity)
            self._end(job, "failed", error=_sentence(fault))
        finally:
            with self._wake:
                self._running = None
            self._tell(job)

    def _result_of(self, job: Job) -> Any:
        """What its work returns; a fault in clearing up afterwards does not take it back."""
        results: list[Any] = []
        try:
            with self._around(job):
                results.append(job.spec.work(job))
        except Exception:
            if not results:
                raise
            log.exception("clearing up after job %s failed", job.identity)
        return results[0]

    def _end(self, job: Job, state: State, *, result: Any = None, error: str | None = None) -> None:
        with self._wake:
            if job.has_ended:
                return
            if state == "done" and job.is_cancelled and job.spec.kind == "live":
                state = "cancelled"
            now = job.last_sign = time.monotonic()
            job.result, job.error, job.ended, job.state = result, error, now, state
        self._tell(job)

    def _put_back(self, job: Job) -> None:
        with self._wake:
            if self._is_closed or job.is_cancelled:
                job.state, job.ended = "cancelled", time.monotonic()
                return
            job.state = "waiting"
            self._waiting.append(job)

    def _something_more_urgent(self, job: Job) -> bool:
        """A job must not give way to one that waits behind a barrier for this very job to end."""
        with self._wake:
            return any(other.spec.priority < job.spec.priority for other in self._before_barrier())

    def _before_barrier(self) -> list[Job]:
        """The waiting jobs that no barrier holds back; the lock is held."""
        barrier = min((job.number for job in self._waiting if job.spec.is_barrier), default=None)
        return [job for job in self._waiting if barrier is None or job.number < barrier]

    def _serve_quick_requests(self) -> None:
        while True:
            with self._wake:
                if not self._quick:
                    return
                request = self._quick.popleft()
            try:
                request.result = request.run()
            except BaseException as fault:  # noqa: BLE001 - goes to the thread that asked
                request.fault = fault
            request.done.set()

    def _refuse_quick_requests(self) -> None:
        while self._quick:
            request = self._quick.popleft()
            request.fault = SessionError("The studio is shutting down.")
            request.done.set()


def _sentence(fault: BaseException) -> str:
    return say(
        "The render stopped on an unexpected fault ({kind}); it is in the log.",
        kind=type(fault).__name__,
    )


def _ignore(job: Job) -> None:
    del job
