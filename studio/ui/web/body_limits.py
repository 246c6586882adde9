"""Bodies of a bounded size that arrive in a bounded time."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from studio.scene.sentences import Sentence, say, sentences_in

LARGEST_BODY = 64 * 2**20  # bytes; a photo of 50 MB with room for its form

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Pace:
    """How slowly a body may arrive."""

    silence: float = 30.0  # seconds without a byte
    start: float = 60.0  # seconds in which any pace is fine
    bytes_per_second: int = 4096  # on the average after that
    most: float = 900.0  # seconds in all

    def seconds_left(self, started: float, received: int) -> float:
        whole = min(self.most, self.start + received / self.bytes_per_second)
        return min(self.silence, started + whole - time.monotonic())


class BodyTooLarge(Exception):
    """More bytes arrived than the studio takes; raised into the application to stop reading."""


class BodyTooSlow(Exception):
    """Fewer arrived than it waits for; raised likewise."""


async def limit_body(
    app: Any,
    scope: MutableMapping[str, Any],
    receive: Receive,
    send: Send,
    largest: int,
    pace: Pace | None = None,
) -> None:
    """Pass a request on; 413 as soon as its body is known to be too large, 408 if it trickles."""
    length = _header(scope, b"content-length") or "0"
    if not length.isdigit() or int(length) > largest:
        await refuse(send, 413, _too_large(largest))
        return
    body = _Body(receive, largest, pace)
    is_answered = has_refused = False

    async def watched(message: MutableMapping[str, Any]) -> None:
        nonlocal is_answered, has_refused
        if body.trouble is None or is_answered:
            is_answered = True
            await send(message)
        elif not has_refused:  # the application turned the interruption into some error
            has_refused = True
            await refuse(send, *body.trouble)

    try:
        await app(scope, body.receive, watched)
    except (BodyTooLarge, BodyTooSlow):
        if body.trouble is not None and not (is_answered or has_refused):
            await refuse(send, *body.trouble)


class _Body:
    """Counts what arrives. `trouble`: how its request is refused, once it is."""

    def __init__(self, receive: Receive, largest: int, pace: Pace | None) -> None:
        self.trouble: tuple[int, Sentence] | None = None
        self._receive = receive
        self._largest = largest
        self._pace = pace
        self._started = time.monotonic()
        self._received = 0
        self._is_whole = False

    async def receive(self) -> MutableMapping[str, Any]:
        message = await self._next()
        self._received += len(message.get("body", b""))
        self._is_whole = message["type"] != "http.request" or not message.get("more_body")
        if self._received > self._largest:
            self.trouble = 413, _too_large(self._largest)
            raise BodyTooLarge
        return message

    async def _next(self) -> MutableMapping[str, Any]:
        """After the whole body an application waits, as long as it likes, for the reader to go."""
        if self._pace is None or self._is_whole:
            return await self._receive()
        left = max(0.0, self._pace.seconds_left(self._started, self._received))
        try:
            return await asyncio.wait_for(self._receive(), left)
        except asyncio.TimeoutError:
            self.trouble = 408, say("The request arrived too slowly.")
            raise BodyTooSlow from None


async def refuse(
    send: Send, status: int, text: str, more: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    """One sentence; the page says it in its own language."""
    said = json.dumps(sentences_in(text))  # ASCII
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-studio-said", said.encode()),
        *more,
    ]
    if status == 408:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


def _too_large(largest: int) -> Sentence:
    if largest < 2**20:
        return say("At most {kilobytes} kB are taken at this address.", kilobytes=largest // 2**10)
    return say("At most {megabytes} MB are taken at once.", megabytes=largest // 2**20)


def _header(scope: MutableMapping[str, Any], name: bytes) -> str | None:
    return next((v.decode("latin-1") for n, v in scope.get("headers", ()) if n == name), None)
