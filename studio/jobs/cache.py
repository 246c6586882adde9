"""What was computed for sessions and is worth keeping, within a byte budget."""

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


@dataclass(frozen=True)
class CacheCounts:
    """How the cache has served so far."""

    bytes_used: int
    budget: int
    entries: int
    hits: int
    misses: int
    seconds_saved: float


@dataclass
class _Entry:
    value: Any
    size: int
    seconds: float  # what it took to compute
    pins: int = 0


class BudgetCache:
    """Least recently used goes first; entries of a running job stay; sessions never mix.

    Keys must name everything that decides the value (content digests, model digest).
    """

    def __init__(self, total_bytes: int, session_bytes: int) -> None:
        self._total = total_bytes
        self._each = min(session_bytes, total_bytes)
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._used: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._hits = self._misses = 0
        self._seconds_saved = 0.0

    def memo(self, session: str, check: Callable[[], None] | None = None) -> SessionMemo:
        """What one job uses; `check` is called before anything is computed and may raise."""
        return SessionMemo(self, session, check)

    @property
    def counts(self) -> CacheCounts:
        with self._lock:
            return CacheCounts(
                bytes_used=sum(self._used.values()),
                budget=self._total,
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
        size = size_of(value)
        with self._lock:
            if place in self._entries:
                self._entries[place].pins += 1
                return True
            if not self._make_room(place[0], size):
                return False
            self._entries[place] = _Entry(value, size, seconds, pins=1)
            self._used[place[0]] += size
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

    def _make_room(self, session: str, size: int) -> bool:
        own = self._each - self._used[session]
        free = self._total - sum(self._used.values())
        leaving: list[tuple[str, str]] = []
        for place, entry in self._entries.items():
            if size <= own and size <= free:
                break
            is_own = place[0] == session
            if entry.pins or (size > own and not is_own):
                continue
            leaving.append(place)
            free += entry.size
            own += entry.size if is_own else 0
        if size > own or size > free:
            return False
        for place in leaving:
            self._drop(place)
        return True

    def _drop(self, place: tuple[str, str]) -> None:
        entry = self._entries.pop(place)
        self._used[place[0]] -= entry.size
        if self._used[place[0]] <= 0:
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


def size_of(value: Any) -> int:
    """Bytes of a tensor, an array, or containers and dataclasses of such."""
    size = getattr(value, "nbytes", None)
    if isinstance(size, int):
        return size
    if isinstance(value, (list, tuple, set, frozenset)):
        return sum(size_of(item) for item in cast("list[Any]", value))
    if isinstance(value, Mapping):
        return sum(size_of(item) for item in cast("Mapping[Any, Any]", value).values())
    if is_dataclass(value):
        return sum(size_of(getattr(value, field.name)) for field in fields(value))
    return 64
