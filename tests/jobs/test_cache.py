"""The cache: least recently used goes first, pinned entries stay, sessions never mix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.jobs.cache import BudgetCache, size_of


def block(size: int = 100) -> np.ndarray:
    return np.zeros(size, np.uint8)


def test_a_value_is_computed_once() -> None:
    cache = BudgetCache(1000, 1000)
    made: list[int] = []
    for _ in range(3):
        with cache.memo("a") as memo:
            memo.fetch("caption:1", lambda: made.append(1) or block())
    assert len(made) == 1
    assert (cache.counts.hits, cache.counts.misses) == (2, 1)
    assert memo.hits["caption"] == 1


def test_sessions_do_not_share() -> None:
    cache = BudgetCache(1000, 1000)
    with cache.memo("a") as memo:
        memo.fetch("k", lambda: block())
    with cache.memo("b") as memo:
        memo.fetch("k", lambda: block())
        assert memo.misses["k"] == 1


def test_the_least_recently_used_goes_first() -> None:
    cache = BudgetCache(300, 300)
    for key in ("one", "two", "three", "one", "four"):
        with cache.memo("a") as memo:
            memo.fetch(key, block)
    assert cache.holds("a", "one")
    assert not cache.holds("a", "two")
    assert cache.counts.bytes_used == 300


def test_what_a_running_job_uses_stays() -> None:
    cache = BudgetCache(200, 200)
    job = cache.memo("a")
    job.fetch("used", block)
    for key in ("x", "y", "z"):
        with cache.memo("b") as memo:
            memo.fetch(key, block)
    assert cache.holds("a", "used")
    cache.forget("a")
    assert cache.holds("a", "used")
    job.release()
    cache.forget("a")
    assert not cache.holds("a", "used")


def test_what_finds_no_room_is_returned_all_the_same() -> None:
    cache = BudgetCache(150, 150)
    with cache.memo("a") as memo:
        memo.fetch("first", block)
        assert memo.fetch("second", block).nbytes == 100
    assert cache.counts.bytes_used == 100


def test_a_session_has_its_own_budget() -> None:
    cache = BudgetCache(1000, 200)
    for key in "abcdef":
        with cache.memo("greedy") as memo:
            memo.fetch(key, block)
    with cache.memo("modest") as memo:
        memo.fetch("a", block)
    assert cache.counts.bytes_used == 300
    assert cache.holds("modest", "a")


def test_a_failure_is_not_kept() -> None:
    cache = BudgetCache(1000, 1000)
    with pytest.raises(ZeroDivisionError), cache.memo("a") as memo:
        memo.fetch("k", lambda: 1 // 0)
    assert not cache.holds("a", "k")


def test_what_led_to_no_numbers_is_dropped() -> None:
    cache = BudgetCache(1000, 1000)
    memo = cache.memo("a")
    memo.fetch("k", block)
    memo.release(is_bad=True)
    assert not cache.holds("a", "k")


def test_the_job_is_asked_before_anything_is_computed() -> None:
    def stop() -> None:
        raise InterruptedError

    cache = BudgetCache(1000, 1000)
    with pytest.raises(InterruptedError), cache.memo("a", stop) as memo:
        memo.fetch("k", block)


def test_sizes_are_counted_through_containers() -> None:
    assert size_of([block(10), (block(5), {"x": block(1)})]) == 16


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.integers(1, 300))))
def test_the_budget_holds_whatever_is_fetched(calls: list[tuple[str, int, int]]) -> None:
    cache = BudgetCache(500, 300)
    held = cache.memo("a")
    for number, (session, key, size) in enumerate(calls):
        memo = held if number % 5 == 0 and session == "a" else cache.memo(session)
        value = memo.fetch(f"{key}-{size}", lambda size=size: block(size))
        assert value.nbytes == size
        assert cache.counts.bytes_used <= 500
        if memo is not held:
            memo.release()
    held.release()
    cache.forget()
    assert cache.counts.bytes_used == 0
