"""The queue: one job at a time, each ends once, sessions take turns, the latest live job wins."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from studio.jobs.jobs import ENDED, Job, JobSpec, Priority
from studio.jobs.patience import Patience
from studio.jobs.queue import MOST_QUICK_REQUESTS, JobQueue
from studio.scene.errors import OutOfMemory, SessionError


@pytest.fixture
def queue() -> Iterator[JobQueue]:
    queue = JobQueue()
    yield queue
    queue.close()


def spec(work: Callable[[Job], Any], owner: str = "a", kind: str = "final", **more: Any) -> JobSpec:
    return JobSpec(owner, kind, more.pop("priority", Priority.FINAL), work, **more)


def steps(job: Job, seconds: float = 5.0) -> str:
    """Work that can be stopped between steps."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job.check()
        job.report("steps", 1, 2)
        time.sleep(0.002)
    return "finished"


def wait_for(job: Job, seconds: float = 5.0) -> Job:
    end = time.monotonic() + seconds
    while not job.has_ended:
        assert time.monotonic() < end, f"still {job.state}"
        time.sleep(0.002)
    return job


def wait_until(claim: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not claim():
        assert time.monotonic() < end
        time.sleep(0.001)


class Gate:
    """Keeps the device busy until it is opened."""

    def __init__(self, queue: JobQueue) -> None:
        self.open = threading.Event()
        self.job = queue.submit(spec(lambda _: self.open.wait(5), owner="gate"))
        wait_until(lambda: queue.running is self.job)


def test_a_job_runs_and_keeps_its_result(queue: JobQueue) -> None:
    job = wait_for(queue.submit(spec(lambda _: 42)))
    assert (job.state, job.result, job.error) == ("done", 42, None)


def test_only_one_job_is_on_the_device(queue: JobQueue) -> None:
    running: list[int] = []
    most: list[int] = []

    def work(job: Job) -> None:
        running.append(job.number)
        most.append(len(running))
        time.sleep(0.005)
        running.remove(job.number)

    jobs = [queue.submit(spec(work, owner=str(number))) for number in range(8)]
    assert {wait_for(job).state for job in jobs} == {"done"}
    assert max(most) == 1


def test_a_running_job_stops_at_its_next_step(queue: JobQueue) -> None:
    job = queue.submit(spec(steps))
    wait_until(lambda: job.state == "running")
    start = time.monotonic()
    queue.cancel("a", job.identity)
    assert wait_for(job).state == "cancelled"
    assert time.monotonic() - start < 0.5


def test_a_waiting_job_is_cancelled_at_once_and_never_starts(queue: JobQueue) -> None:
    gate = Gate(queue)
    started: list[int] = []
    job = queue.submit(spec(lambda job: started.append(job.number)))
    queue.cancel("a")
    assert job.state == "cancelled"
    gate.open.set()
    wait_for(gate.job)
    assert not started


def test_cancelling_touches_own_jobs_only_and_twice_is_once(queue: JobQueue) -> None:
    gate = Gate(queue)
    job = queue.submit(spec(lambda _: 1, owner="a"))
    assert queue.cancel("b") == []
    assert queue.cancel("b", job.identity) == []
    assert queue.cancel("a", job.identity) == [job]
    assert queue.cancel("a", job.identity) == []
    gate.open.set()
    assert queue.cancel("gate", wait_for(gate.job).identity) == []
    assert gate.job.state == "done"


def test_a_fault_fails_the_job_and_the_next_one_runs(queue: JobQueue) -> None:
    def broken(_: Job) -> None:
        raise ZeroDivisionError("secret detail")

    def full(_: Job) -> None:
        raise OutOfMemory("The device has too little memory.")

    first, second = queue.submit(spec(broken)), queue.submit(spec(full))
    third = queue.submit(spec(lambda _: 3))
    assert wait_for(first).state == "failed"
    assert first.error is not None
    assert "secret" not in first.error
    assert wait_for(second).error == "The device has too little memory."
    assert wait_for(third).result == 3


def test_the_latest_live_job_replaces_the_one_before(queue: JobQueue) -> None:
    live = {"kind": "live", "priority": Priority.LIVE, "replaces": ("live",)}
    first = queue.submit(spec(steps, **live))
    wait_until(lambda: first.state == "running")
    all_are_there = threading.Event()

    def picture(job: Job) -> str:
        all_are_there.wait(5)
        return "picture"

    later = [queue.submit(spec(picture, **live)) for _ in range(20)]
    all_are_there.set()
    assert wait_for(first).state == "cancelled"
    assert wait_for(later[-1]).result == "picture"
    assert {job.state for job in later[:-1]} == {"cancelled"}


def test_twenty_clicks_on_render_are_one_job(queue: JobQueue) -> None:
    gate = Gate(queue)
    jobs = {queue.submit(spec(lambda _: 1, key="same")) for _ in range(20)}
    assert len(jobs) == 1
    gate.open.set()


def test_a_cancelled_job_is_not_handed_out_again(queue: JobQueue) -> None:
    first = queue.submit(spec(steps, key="same"))
    wait_until(lambda: first.state == "running")
    queue.cancel("a")
    second = queue.submit(spec(lambda _: 2, key="same"))
    assert second is not first
    assert wait_for(second).result == 2


def test_drafts_go_before_finals_and_scores_come_last(queue: JobQueue) -> None:
    gate = Gate(queue)
    ran: list[str] = []

    def note(name: str) -> Callable[[Job], None]:
        return lambda _: ran.append(name)

    jobs = [
        queue.submit(spec(note("score"), owner="a", priority=Priority.SCORE)),
        queue.submit(spec(note("final"), owner="b", priority=Priority.FINAL)),
        queue.submit(spec(note("draft"), owner="c", priority=Priority.DRAFT)),
    ]
    assert [queue.position(job) for job in jobs] == [3, 2, 1]
    gate.open.set()
    for job in jobs:
        wait_for(job)
    assert ran == ["draft", "final", "score"]


def test_another_session_waits_for_one_job_at_most(queue: JobQueue) -> None:
    gate = Gate(queue)
    ran: list[str] = []
    jobs = [queue.submit(spec(lambda _: ran.append("a"), owner="a")) for _ in range(3)]
    jobs.append(queue.submit(spec(lambda _: ran.append("b"), owner="b")))
    gate.open.set()
    for job in jobs:
        wait_for(job)
    assert ran.index("b") <= 1


def test_endless_drafts_do_not_starve_a_final(queue: JobQueue) -> None:
    gate = Gate(queue)
    ran: list[str] = []
    final = queue.submit(spec(lambda _: ran.append("final"), owner="b"))
    drafts = [
        queue.submit(spec(lambda _: ran.append("draft"), owner=f"a{n}", priority=Priority.DRAFT))
        for n in range(6)
    ]
    gate.open.set()
    for job in [final, *drafts]:
        wait_for(job)
    assert ran.index("final") <= 3


def test_a_session_that_queues_too_much_is_told(queue: JobQueue) -> None:
    gate = Gate(queue)
    for _ in range(3):
        queue.submit(spec(lambda _: 1))
    with pytest.raises(SessionError, match="waiting already"):
        queue.submit(spec(lambda _: 1))
    queue.submit(spec(lambda _: 1, owner="b"))
    gate.open.set()


def test_a_click_is_served_between_two_steps(queue: JobQueue) -> None:
    job = queue.submit(spec(steps))
    wait_until(lambda: job.state == "running")
    threads = [queue.run_now(lambda: threading.current_thread().name) for _ in range(3)]
    assert threads == ["device"] * 3
    assert job.state == "running"
    queue.cancel("a")


def test_a_fault_in_a_click_reaches_the_one_who_asked(queue: JobQueue) -> None:
    with pytest.raises(ZeroDivisionError):
        queue.run_now(lambda: 1 // 0)
    assert queue.run_now(lambda: 5) == 5


def test_a_score_gives_way_to_a_render_and_is_taken_up_again(queue: JobQueue) -> None:
    ran: list[str] = []

    def score(job: Job) -> str:
        ran.append("score")
        for _ in range(2000):
            job.give_way()
            time.sleep(0.001)
            if "final" in ran:
                return "scored"
        return "never yielded"

    first = queue.submit(spec(score, kind="measure", priority=Priority.SCORE))
    wait_until(lambda: bool(ran))
    final = queue.submit(spec(lambda _: ran.append("final")))
    assert wait_for(final).state == "done"
    assert wait_for(first).result == "scored"
    assert ran == ["score", "final", "score"]


def test_a_barrier_waits_for_earlier_jobs_and_holds_later_ones(queue: JobQueue) -> None:
    gate = Gate(queue)
    ran: list[str] = []
    jobs = [
        queue.submit(spec(lambda _: ran.append("before"), owner="a", priority=Priority.SCORE)),
        queue.submit(spec(lambda _: ran.append("load"), owner="b", is_barrier=True)),
        queue.submit(spec(lambda _: ran.append("after"), owner="c", priority=Priority.LIVE)),
    ]
    gate.open.set()
    for job in jobs:
        wait_for(job)
    assert ran == ["before", "load", "after"]


def test_work_that_is_silent_for_long_is_suspicious_and_ends_as_done() -> None:
    told: list[str | None] = []
    queue = JobQueue(lambda job: told.append(job.suspicion), Patience(first=0.05, least=0.05))
    free = threading.Event()
    silent = queue.submit(spec(lambda _: free.wait(5)))
    after = queue.submit(spec(lambda _: "after", owner="b"))
    wait_until(lambda: silent.state == "running")
    assert silent.suspicion is None
    time.sleep(0.08)
    queue.report_silence()
    queue.report_silence()
    assert (silent.state, silent.error, after.state) == ("running", None, "waiting")
    assert [text for text in told if text] == [silent.suspicion]
    assert "No sign of life for 0 s" in (silent.suspicion or "")
    free.set()
    assert wait_for(silent).state == "done"
    assert silent.suspicion is None
    assert wait_for(after).result == "after"
    queue.close()


def test_a_silent_job_that_is_cancelled_ends_at_once_and_still_holds_the_device() -> None:
    queue = JobQueue(patience=Patience(first=0.05, least=0.05))
    free = threading.Event()
    silent = queue.submit(spec(lambda _: free.wait(5)))
    after = queue.submit(spec(lambda _: "after", owner="b"))
    wait_until(lambda: silent.silent_seconds is not None)
    queue.cancel("a")
    assert (silent.state, after.state) == ("cancelled", "waiting")
    assert silent.suspicion is None
    with pytest.raises(SessionError, match="no sign of life"):
        queue.run_now(lambda: 1)
    free.set()
    assert wait_for(after).result == "after"
    assert silent.state == "cancelled"
    queue.close()


def test_a_step_is_suspicious_after_ten_times_the_longest_one() -> None:
    patience = Patience(first=600, least=30)
    assert patience.seconds("load") == 600
    patience.remember("steps", 0.5)
    assert patience.seconds("steps") == 30
    patience.remember("steps", 45)
    patience.remember("steps", 2)
    assert patience.seconds("steps") == 450
    assert patience.seconds("load") == 600


def test_steps_of_another_pace_and_first_steps_have_their_own_patience() -> None:
    queue = JobQueue(patience=Patience(first=600, least=0.01))
    gate, slow = threading.Event(), threading.Event()

    def quick(job: Job) -> None:
        job.pace = "small"
        for step in (1, 2, 3):
            time.sleep(0.002)
            job.report("steps", step, 4)
        gate.wait(5)

    def other(job: Job) -> None:
        job.pace = "large"
        job.report("steps", 1, 4)
        slow.wait(5)

    small, large = queue.submit(spec(quick)), queue.submit(spec(other))
    wait_until(lambda: small.silent_seconds is not None)
    gate.set()
    wait_until(lambda: large.progress.step == 1)
    time.sleep(0.15)
    assert large.silent_seconds is None
    slow.set()
    wait_for(large)
    queue.close()


def test_what_raises_when_it_is_told_does_not_end_the_device() -> None:
    def broken(job: Job) -> None:
        raise RuntimeError(job.state)

    queue = JobQueue(broken)
    first = queue.submit(spec(lambda job: job.report("steps", 1, 1) or "first"))
    assert wait_for(first).result == "first"
    assert wait_for(queue.submit(spec(lambda _: "second"))).result == "second"
    assert queue.run_now(lambda: 3) == 3
    queue.close()


def test_work_that_asks_the_program_to_exit_does_not_end_the_device(queue: JobQueue) -> None:
    def leaving(_: Job) -> None:
        raise SystemExit

    assert wait_for(queue.submit(spec(leaving))).state == "failed"
    assert wait_for(queue.submit(spec(lambda _: 2))).result == 2


def test_a_fault_in_clearing_up_does_not_take_the_result_back() -> None:
    @contextmanager
    def around(_: Job) -> Generator[None]:
        yield
        raise OSError("the marker is gone")

    queue = JobQueue(around=around)
    job = wait_for(queue.submit(spec(lambda _: "picture")))
    assert (job.state, job.result) == ("done", "picture")
    queue.close()


def test_a_click_that_was_given_up_is_not_run(queue: JobQueue) -> None:
    gate = Gate(queue)
    ran: list[str] = []
    with pytest.raises(SessionError, match="busy with one step"):
        queue.run_now(lambda: ran.append("late"), timeout=0.01)
    gate.open.set()
    assert queue.run_now(lambda: "next") == "next"
    assert not ran


def test_a_click_waits_for_a_step_that_is_known_to_be_long(queue: JobQueue) -> None:
    step = threading.Event()

    def long_steps(job: Job) -> None:
        job.report("steps", 1, 3)
        time.sleep(0.4)
        job.report("steps", 2, 3)
        step.wait(5)
        job.report("steps", 3, 3)

    job = queue.submit(spec(long_steps))
    wait_until(lambda: job.progress.step == 2)
    threading.Timer(0.4, step.set).start()
    with pytest.raises(SessionError, match="busy with one step"):
        queue.run_now(lambda: "check", timeout=0.01, waits_for_step=False)
    assert queue.run_now(lambda: "click", timeout=0.01) == "click"
    wait_for(job)


def test_too_many_clicks_at_once_are_told_instead_of_waiting(queue: JobQueue) -> None:
    gate = Gate(queue)
    waiting = [
        threading.Thread(target=queue.run_now, args=(lambda: None,))
        for _ in range(MOST_QUICK_REQUESTS)
    ]
    for thread in waiting:
        thread.start()
    wait_until(lambda: len(queue._quick) == MOST_QUICK_REQUESTS)
    with pytest.raises(SessionError, match="wait for the device"):
        queue.run_now(lambda: None)
    gate.open.set()
    for thread in waiting:
        thread.join(5)


def test_measuring_is_taken_on_however_many_jobs_wait(queue: JobQueue) -> None:
    gate = Gate(queue)
    for _ in range(3):
        queue.submit(spec(lambda _: 1))
    score = queue.submit(spec(lambda _: "scored", kind="measure", priority=Priority.SCORE))
    gate.open.set()
    assert wait_for(score).result == "scored"


def test_a_job_that_is_refused_replaces_nothing(queue: JobQueue) -> None:
    gate = Gate(queue)
    kept = [queue.submit(spec(lambda _: 1, kind=kind)) for kind in ("final", "strip", "other")]
    peek = queue.submit(spec(lambda _: 1, kind="peek", priority=Priority.SCORE))
    with pytest.raises(SessionError, match="waiting already"):
        queue.submit(spec(lambda _: 1, replaces=("peek",)))
    assert peek.state == "waiting"
    replacing = queue.submit(spec(lambda _: "new", replaces=("strip",)))
    assert [job.state for job in kept] == ["waiting", "cancelled", "waiting"]
    gate.open.set()
    assert wait_for(replacing).result == "new"


def test_each_job_ends_once_whatever_happens() -> None:
    ends: dict[str, list[str]] = {}

    def note(job: Job) -> None:
        if job.state in ENDED:
            seen = ends.setdefault(job.identity, [])
            if not seen or seen[-1] != job.state:
                seen.append(job.state)

    queue = JobQueue(note)
    jobs = [queue.submit(spec(lambda j: steps(j, 0.01), owner=str(n % 5))) for n in range(10)]
    for number in range(0, 10, 3):
        queue.cancel(str(number % 5))
    for job in jobs:
        wait_for(job)
    queue.close()
    assert len(ends) == 10
    assert all(len(states) == 1 for states in ends.values())


def test_closing_stops_what_runs_and_refuses_what_comes() -> None:
    queue = JobQueue()
    job = queue.submit(spec(steps))
    waiting = queue.submit(spec(steps))
    wait_until(lambda: job.state == "running")
    assert queue.close()
    assert {job.state, waiting.state} == {"cancelled"}
    with pytest.raises(SessionError, match="shutting down"):
        queue.submit(spec(steps))
    with pytest.raises(SessionError, match="shutting down"):
        queue.run_now(lambda: 1)


def test_closing_does_not_wait_for_a_step_without_end() -> None:
    queue = JobQueue()
    free = threading.Event()
    job = queue.submit(spec(lambda _: free.wait(5)))
    wait_until(lambda: job.state == "running")
    assert not queue.close(timeout=0.01)
    free.set()
    assert queue.close()
