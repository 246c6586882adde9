"""Threads for actions: who waits never takes the place of who does not.

Clicks and checks wait for the device, sometimes for the whole step of a render; a poll waits for
news. Both have threads of their own, a few for each session; beyond those they wait without any.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from studio.scene.errors import SessionError
from studio.scene.sentences import sentences_in
from studio.ui.api.client import Client
from studio.ui.api.registry import Answer

T = TypeVar("T")

DEVICE_ACTIONS = frozenset({"embed", "segment", "preflight"})  # that wait for the device
DEVICE_THREADS = 12  # fewer than the clicks that the job queue lets wait
NEWS_THREADS = 64
THREADS = 40  # for all that waits for nothing
_EACH = 3  # threads of one session in a lane where one waits
_MOST_WAITING_EACH = 100


class Lanes:
    """Calls actions off the event loop."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._threads = anyio.CapacityLimiter(THREADS)
        self._device = _Lane(DEVICE_THREADS)
        self._news = _Lane(NEWS_THREADS)

    async def call(self, action: str, payload: dict[str, Any]) -> Answer:
        """What the client answers; it never raises."""
        work = partial(self.client.call, action, payload)
        lane = self._lane(action, payload)
        if lane is None:
            return await self.run(work)
        try:
            async with lane.turn(str(payload.get("session"))):
                return await anyio.to_thread.run_sync(work, limiter=lane.threads)
        except SessionError as fault:
            error, kind = str(fault), type(fault).__name__
            return {"ok": False, "kind": kind, "error": error, "said": sentences_in(error)}

    async def run(self, work: Callable[[], T]) -> T:
        """Anything that waits for nothing."""
        return await anyio.to_thread.run_sync(work, limiter=self._threads)

    def _lane(self, action: str, payload: dict[str, Any]) -> _Lane | None:
        if action in DEVICE_ACTIONS:
            return self._device
        return self._news if action == "poll" and payload.get("wait") else None


@dataclass
class _Turns:
    """Of one session in a lane."""

    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_EACH))
    count: int = 0


class _Lane:
    """Threads for one kind of waiting, which sessions take in turns."""

    def __init__(self, threads: int) -> None:
        self.threads = anyio.CapacityLimiter(threads)
        self._turns: dict[str, _Turns] = {}

    @asynccontextmanager
    async def turn(self, session: str) -> AsyncIterator[None]:
        """A session is forgotten when nobody waits in its name."""
        turns = self._turns.setdefault(session, _Turns())
        if turns.count >= _MOST_WAITING_EACH:
            raise SessionError(
                "{count} requests of this window are waiting already; try again in a moment.",
                count=turns.count,
            )
        turns.count += 1
        try:
            async with turns.free:
                yield
        finally:
            turns.count -= 1
            if not turns.count:
                self._turns.pop(session, None)
