"""Connections that say nothing, trickle, or do not read what they asked for, are ended.

uvicorn counts only the time between two requests. Each connection here has a time for the head of
a request, one for what is left unread of a body, and one for taking an answer; and there are never
so many that the studio could not open its files any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
import sys
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger(__name__)

HEAD_SECONDS = 20.0  # for the head of a request, from the first byte or the connection on
LEAVE_SECONDS = 10.0  # for what nobody waits for any more, before the line is cut
TAKE_SECONDS = 60.0  # that an answer may wait for its reader without a byte taken
MOST_CONNECTIONS = 1000
MOST_AT_ONCE = 8  # accepted before those that are too many are seen; Python takes all it gets
_MOST_WAITING = 1024  # for being accepted
_OWN_FILES = 64  # descriptors that the studio needs for itself


class BoundedProtocol(H11Protocol):
    """uvicorn's own protocol with time limits for whoever is at the other end."""

    _timer: asyncio.TimerHandle | None = None  # for head or rest of a request
    _taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            log.warning("more than %s connections; one was refused", most_connections())
            transport.abort()
            return
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._taken()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._stop_waiting()
        elif self._timer is None and self._is_between_requests():
            self._wait(HEAD_SECONDS)

    def on_response_complete(self) -> None:
        before = self.cycle
        super().on_response_complete()  # may begin with the next request that has arrived
        if self.cycle is before and not self.transport.is_closing() and before.more_body:
            self._wait(LEAVE_SECONDS)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._wait(LEAVE_SECONDS)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._taking is None:
            self._watch_taking()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._taken()

    def _watch_taking(self, before: int | None = None) -> None:
        """A reader may be as slow as it likes, but takes something each time we look."""
        left = self.transport.get_write_buffer_size()
        if before is not None and left >= before:
            self._cut()
        else:
            self._taking = self.loop.call_later(TAKE_SECONDS, self._watch_taking, left)

    def _cut(self) -> None:
        """At once: what the system still holds for the other end is dropped too."""
        own = self.transport.get_extra_info("socket")
        if own is not None and sys.platform != "win32":
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _is_between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _taken(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None


class PatientServer(uvicorn.Server):
    """Accepts a few connections at a time, and lets many wait for that."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for each in sockets or ():
            each.listen(_MOST_WAITING)


def most_connections() -> int:
    """As many as leave the studio its own files."""
    limit = _descriptors()
    return MOST_CONNECTIONS if limit is None else max(8, min(MOST_CONNECTIONS, limit - _OWN_FILES))


def raise_descriptors() -> None:
    """Ask for as many open files as this user may have; macOS begins with 256."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * MOST_CONNECTIONS if hard == resource.RLIM_INFINITY else hard
    wanted = min(wanted, 4 * MOST_CONNECTIONS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _descriptors() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft
