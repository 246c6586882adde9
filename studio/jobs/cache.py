"""What was computed for sessions and is worth keeping, within a byte budget of each memory."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import TracebackType
from typing import Any, TypeVar, cast

from studio.scene.errors import NotFinite

T = TypeVar("T")
MAIN = "main"  # the computer's own memory; others are called as their device is, "cuda:0"
Bytes = Counter[str]  # by memory


@dataclass(frozen=True)
class Budget:
    """The most bytes in one memory: of all sessions together, and of each."""

    total: int
    session: int

    @classmethod
    def of_megabytes(cls, megabytes: int, *, share: int = 1) -> Budget:
        """1 / `share` of so many megabytes, a quarter of that for a session but at least 1 MB."""
        total = megabytes * 2**20 // share
        return cls(total, min(total, max(total // 4, 2**20)))


@dataclass(frozen=True)
class CacheCounts:
    """How the cache has served so far. `on_devices` are bytes by device, outside main memory."""

    bytes_used: int  # of main memory
    budget: int
    on_devices: Mapping[str, int]
    device_budget: int  # of each device
    entries: int
    hits: int
    misses: int
    seconds_saved: float


@dataclass
class _Entry:
    value: Any
    size: Bytes
    seconds: float  # what it took to compute
    pins: int = 0


class BudgetCache:
    """Least recently used goes first; entries of a running job stay; sessions never mix.

    Keys must name everything that decides the value (content digests, model digest). What lies on
    a device counts against `device`, the budget of every device; the rest against `main`.
    """

    def __init__(self, main: Budget, device: Budget) -> None:
        self._main, self._device = main, device
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._used: dict[str, Bytes] = {}  # by session
        self._lock = threading.Lock()
        self._hits = self._misses = 0
        self._seconds_saved = 0.0

    def memo(self, session: str, check: Callable[[], None] | None = None) -> SessionMemo:
        """What one job uses; `check` is called before anything is computed and may raise."""
        return SessionMemo(self, session, check)

    @property
    def counts(self) -> CacheCounts:
        with self._lock:
            used = sum(self._used.values(), Counter[str]())
            return CacheCounts(
                bytes_used=used.pop(MAIN, 0),
                budget=self._main.total,
                on_devices=dict(used),
                device_budget=self._device.total,
                entries=len(self._entries),
                hits=self._hits,
                misses=self._misses,
                seconds_saved=self._seconds_saved,
            )

    def holds(self, session: str, key: str) -> bool:
        with self._lock:
            return (session, key) in self._entries

    def forget(self, session: str | None = None, *, but: str | None = None) -> None:
        """Drop what nobody uses: of one session, of all, or of all `but` one."""
        with self._lock:
            for place in list(self._entries):
                is_meant = place[0] == session if session is not None else place[0] != but
                if is_meant and not self._entries[place].pins:
                    self._drop(place)

    def find(self, place: tuple[str, str]) -> _Entry | None:
        with self._lock:
            entry = self._entries.get(place)
            if entry is None:
                self._misses += 1
                return None
            self._hits += 1
            self._seconds_saved += entry.seconds
            self._entries.move_to_end(place)
            entry.pins += 1
            return entry

    def keep(self, place: tuple[str, str], value: Any, seconds: float) -> bool:
        """Whether there was room; the entry is pinned then."""
        size = bytes_of(value)
        with self._lock:
            if place in self._entries:
                self._entries[place].pins += 1
                return True
            if not self._make_room(place[0], size):
                return False
            self._entries[place] = _Entry(value, size, seconds, pins=1)
            self._used[place[0]] = self._used.get(place[0], Counter()) + size
            return True

    def release(self, places: list[tuple[str, str]], *, is_bad: bool) -> None:
        with self._lock:
            for place in places:
                entry = self._entries.get(place)
                if entry is None:
                    continue
                entry.pins -= 1
                if is_bad and not entry.pins:
                    self._drop(place)

    def _make_room(self, session: str, size: Bytes) -> bool:
        """Drop the least recently used where room is short; nothing where that is in vain."""
        own, free = self._room_of(session, size)
        leaving: list[tuple[str, str]] = []
        for place, entry in self._entries.items():
            tight = {memory for memory in size if size[memory] > min(own[memory], free[memory])}
            if not tight:
                break
            is_own = place[0] == session
            short_of_own = {memory for memory in tight if size[memory] > own[memory]}
            wanted = tight if is_own else tight - short_of_own
            if entry.pins or not wanted & entry.size.keys():
                continue
            leaving.append(place)
            free.update(entry.size)
            if is_own:
                own.update(entry.size)
        if any(size[memory] > min(own[memory], free[memory]) for memory in size):
            return False
        for place in leaving:
            self._drop(place)
        return True

    def _room_of(self, session: str, size: Bytes) -> tuple[Bytes, Bytes]:
        """What is left of the session's budget and of everybody's, in the memories of `size`."""
        used = sum(self._used.values(), Counter[str]())
        mine = self._used.get(session, Counter[str]())
        budgets = {memory: self._main if memory == MAIN else self._device for memory in size}
        own = {memory: budget.session - mine[memory] for memory, budget in budgets.items()}
        free = {memory: budget.total - used[memory] for memory, budget in budgets.items()}
        return Counter(own), Counter(free)

    def _drop(self, place: tuple[str, str]) -> None:
        entry = self._entries.pop(place)
        left = self._used[place[0]] - entry.size
        if left:
            self._used[place[0]] = left
        else:
            del self._used[place[0]]


class SessionMemo:
    """The cache as one job sees it; what it used is pinned until the `with` block ends."""

    def __init__(
        self, cache: BudgetCache, session: str, check: Callable[[], None] | None = None
    ) -> None:
        self._cache = cache
        self._session = session
        self._check = check
        self._pinned: list[tuple[str, str]] = []
        self.hits: Counter[str] = Counter()
        self.misses: Counter[str] = Counter()
        self.seconds_saved = 0.0

    def fetch(self, key: str, make: Callable[[], T]) -> T:
        """The value of `key`, computed by `make` if it is not here. Failures are not kept."""
        place, kind = (self._session, key), key.partition(":")[0]
        entry = self._cache.find(place)
        if entry is not None:
            self._pinned.append(place)
            self.hits[kind] += 1
            self.seconds_saved += entry.seconds
            return cast("T", entry.value)
        if self._check is not None:
            self._check()
        start = time.perf_counter()
        value = make()
        self.misses[kind] += 1
        if self._cache.keep(place, value, time.perf_counter() - start):
            self._pinned.append(place)
        return value

    def __enter__(self) -> SessionMemo:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release(is_bad=kind is not None and issubclass(kind, NotFinite))

    def release(self, *, is_bad: bool = False) -> None:
        """Unpin; `is_bad` also drops what was used, because it led to NaN."""
        self._cache.release(self._pinned, is_bad=is_bad)
        self._pinned = []


def bytes_of(value: Any) -> Bytes:
    """By memory: of a tensor, an array, or containers and dataclasses of such.

    A value that knows its `nbytes` is believed; what its parts have on devices is no main memory.
    """
    parts = _parts(value)
    size = getattr(value, "nbytes", None)
    if parts is None:
        return Counter({_memory(value): size if isinstance(size, int) else 64})
    found = sum((bytes_of(part) for part in parts), Counter[str]())
    if isinstance(size, int):
        elsewhere = sum(count for memory, count in found.items() if memory != MAIN)
        found[MAIN] = max(0, size - elsewhere)
    return +found


def _parts(value: Any) -> list[Any] | None:
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(cast("list[Any]", value))
    if isinstance(value, Mapping):
        return list(cast("Mapping[Any, Any]", value).values())
    if is_dataclass(value):
        return [getattr(value, field.name) for field in fields(value)]
    return None


def _memory(value: Any) -> str:
    """Where a tensor or an array lies; numpy's arrays say "cpu", too."""
    device = str(getattr(value, "device", "cpu"))
    return MAIN if device.partition(":")[0] == "cpu" else device
