"""The cache: least recently used goes first, pinned entries stay, sessions never mix."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.sampling.prepare import EncodedContour
from studio.engine.tokens.contour_tokens import contour_tokens
from studio.jobs.cache import MAIN, Budget, BudgetCache, bytes_of
from studio.scene.geometry import Extent
from studio.segmentation.segmenter import ImageEmbedding


def cache_of(total: int, session: int) -> BudgetCache:
    return BudgetCache(Budget(total, session), Budget(0, 0))


def on_device(size: int = 100) -> torch.Tensor:
    """A tensor outside main memory, on any machine; it takes none."""
    return torch.zeros(size, dtype=torch.uint8, device="meta")


def block(size: int = 100) -> np.ndarray:
    return np.zeros(size, np.uint8)


def test_a_value_is_computed_once() -> None:
    cache = cache_of(1000, 1000)
    made: list[int] = []
    for _ in range(3):
        with cache.memo("a") as memo:
            memo.fetch("caption:1", lambda: made.append(1) or block())
    assert len(made) == 1
    assert (cache.counts.hits, cache.counts.misses) == (2, 1)
    assert memo.hits["caption"] == 1


def test_sessions_do_not_share() -> None:
    cache = cache_of(1000, 1000)
    with cache.memo("a") as memo:
        memo.fetch("k", lambda: block())
    with cache.memo("b") as memo:
        memo.fetch("k", lambda: block())
        assert memo.misses["k"] == 1


def test_the_least_recently_used_goes_first() -> None:
    cache = cache_of(300, 300)
    for key in ("one", "two", "three", "one", "four"):
        with cache.memo("a") as memo:
            memo.fetch(key, block)
    assert cache.holds("a", "one")
    assert not cache.holds("a", "two")
    assert cache.counts.bytes_used == 300


def test_what_a_running_job_uses_stays() -> None:
    cache = cache_of(200, 200)
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
    cache = cache_of(150, 150)
    with cache.memo("a") as memo:
        memo.fetch("first", block)
        assert memo.fetch("second", block).nbytes == 100
    assert cache.counts.bytes_used == 100


def test_a_session_has_its_own_budget() -> None:
    cache = cache_of(1000, 200)
    for key in "abcdef":
        with cache.memo("greedy") as memo:
            memo.fetch(key, block)
    with cache.memo("modest") as memo:
        memo.fetch("a", block)
    assert cache.counts.bytes_used == 300
    assert cache.holds("modest", "a")


def test_a_failure_is_not_kept() -> None:
    cache = cache_of(1000, 1000)
    with pytest.raises(ZeroDivisionError), cache.memo("a") as memo:
        memo.fetch("k", lambda: 1 // 0)
    assert not cache.holds("a", "k")


def test_what_led_to_no_numbers_is_dropped() -> None:
    cache = cache_of(1000, 1000)
    memo = cache.memo("a")
    memo.fetch("k", block)
    memo.release(is_bad=True)
    assert not cache.holds("a", "k")


def test_the_job_is_asked_before_anything_is_computed() -> None:
    def stop() -> None:
        raise InterruptedError

    cache = cache_of(1000, 1000)
    with pytest.raises(InterruptedError), cache.memo("a", stop) as memo:
        memo.fetch("k", block)


def test_sizes_are_counted_through_containers() -> None:
    assert bytes_of([block(10), (block(5), {"x": block(1)})]) == {MAIN: 16}


def test_a_contour_on_a_device_counts_there_and_its_map_in_main_memory() -> None:
    lines = contour_tokens([np.eye(32, dtype=bool)], Extent(32, 32), 16, 1, keep_all=True)
    contour = EncodedContour(lines, torch.zeros(4, 8, dtype=torch.float16, device="meta"))
    sizes = bytes_of(contour)
    assert sizes["meta"] == 4 * 8 * 2
    assert sizes[MAIN] == 32 * 32 * 3 + 4 * 3 * 4


def test_an_embedding_on_a_device_takes_no_main_memory() -> None:
    features = (on_device(300), on_device(50))
    embedding = ImageEmbedding("digest", Extent(8, 8), "sam2", 350, features)
    assert bytes_of(embedding) == {"meta": 350}


def test_what_lies_on_a_device_counts_against_its_budget_alone() -> None:
    cache = BudgetCache(Budget(200, 200), Budget(300, 300))
    with cache.memo("a") as memo:
        for key in ("one", "two", "three", "four"):
            memo.fetch(key, on_device)
        memo.fetch("main", lambda: block(200))
    assert cache.counts.on_devices == {"meta": 300}
    assert (cache.counts.bytes_used, cache.counts.budget, cache.counts.device_budget) == (
        200,
        200,
        300,
    )


def test_room_on_a_device_is_made_on_that_device() -> None:
    cache = BudgetCache(Budget(200, 200), Budget(300, 300))
    for key, make in (("main", block), ("one", on_device), ("two", on_device), ("more", on_device)):
        with cache.memo("a") as memo:
            memo.fetch(key, make)
    with cache.memo("a") as memo:
        memo.fetch("large", lambda: on_device(200))
    kept = [key for key in ("main", "one", "two", "more", "large") if cache.holds("a", key)]
    assert kept == ["main", "more", "large"]


def test_each_session_has_its_share_of_a_device() -> None:
    cache = BudgetCache(Budget(0, 0), Budget(1000, 200))
    for key in "abcdef":
        with cache.memo("greedy") as memo:
            memo.fetch(key, on_device)
    with cache.memo("modest") as memo:
        memo.fetch("a", on_device)
    assert cache.counts.on_devices == {"meta": 300}
    assert cache.holds("modest", "a")


def test_megabytes_become_a_budget_with_a_quarter_for_each_session() -> None:
    assert Budget.of_megabytes(1024) == Budget(2**30, 2**28)
    assert Budget.of_megabytes(1024, share=2) == Budget(2**29, 2**27)
    assert Budget.of_megabytes(2) == Budget(2**21, 2**20)
    assert Budget.of_megabytes(0) == Budget(0, 0)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.integers(1, 300))))
def test_the_budget_holds_whatever_is_fetched(calls: list[tuple[str, int, int]]) -> None:
    cache = cache_of(500, 300)
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
