"""Who may talk to the studio: known hosts, its own pages, and bodies of a bounded size."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from studio.scene.sentences import say, sentences_in
from studio.ui.web.addresses import as_address

log = logging.getLogger(__name__)

LARGEST_BODY = 64 * 2**20  # bytes; a photo of 50 MB with room for its form
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"SAMEORIGIN"),
)
# The page needs nothing from outside; Gradio builds functions from text, hence unsafe-eval.
_POLICY = (
    b"content-security-policy",
    b"default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; frame-ancestors 'self'",
)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class BodyTooLarge(Exception):
    """More bytes arrived than the studio takes; raised into the application to stop reading."""


class Guard:
    """ASGI middleware: refuses foreign hosts (DNS rebinding), foreign pages, huge bodies.

    `takes_addresses`: any IP address is a host too, as rebinding needs a name.
    """

    def __init__(
        self,
        app: Any,
        hosts: Iterable[str] = (),
        largest_body: int = LARGEST_BODY,
        *,
        takes_addresses: bool = False,
    ):
        self.app = app
        self.hosts = {*_LOOPBACK, *hosts}
        self.largest_body = largest_body
        self.takes_addresses = takes_addresses

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope.get("headers", ())}
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            log.warning("refused %s %s: %s", scope.get("method"), scope.get("path"), refusal[1])
            await _answer(send, *refusal)
            return
        await self._pass_on(scope, receive, send)

    def _refusal(
        self, scope: MutableMapping[str, Any], headers: dict[bytes, str]
    ) -> tuple[int, str] | None:
        if not self._is_own(_host_name(headers.get(b"host", "")).lower()):
            return 403, say("This address is not served here.")
        if not _is_own_page(scope.get("method", "GET"), headers):
            return 403, say("Requests from other pages are refused.")
        length = headers.get(b"content-length", "0")
        if not length.isdigit() or int(length) > self.largest_body:
            return 413, self._too_large()
        return None

    def _too_large(self) -> str:
        return say(
            "At most {megabytes} MB are taken at once.", megabytes=self.largest_body // 2**20
        )

    def _is_own(self, host: str) -> bool:
        return host in self.hosts or (self.takes_addresses and as_address(host) is not None)

    async def _pass_on(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        received = 0
        is_answered = False

        async def counted() -> MutableMapping[str, Any]:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.largest_body:
                raise BodyTooLarge
            return message

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            nonlocal is_answered
            if message["type"] == "http.response.start" and received > self.largest_body:
                is_answered = True  # the application turned the interruption into some error
                await _answer(send, 413, self._too_large())
            elif not is_answered:
                await send(_with_headers(message))

        try:
            await self.app(scope, counted, with_headers)
        except BodyTooLarge:
            if not is_answered:
                await _answer(send, 413, self._too_large())


def _with_headers(message: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if message["type"] != "http.response.start":
        return message
    headers = [*message.get("headers", ()), *_HEADERS]
    if all(name.lower() != _POLICY[0] for name, _ in headers):
        headers.append(_POLICY)
    return {**message, "headers": headers}


def _is_own_page(method: str, headers: dict[bytes, str]) -> bool:
    """A browser names the page a request comes from; it must be ours. Links here are fine."""
    origin = headers.get(b"origin")
    if origin is not None:
        return origin != "null" and urlsplit(origin).netloc == headers.get(b"host")
    site = headers.get(b"sec-fetch-site", "none")
    is_visit = method in ("GET", "HEAD") and headers.get(b"sec-fetch-mode") == "navigate"
    return site in ("none", "same-origin") or is_visit


def _host_name(host: str) -> str:
    if host.startswith("[") and "]" in host:
        return host[: host.index("]") + 1]
    return host.split(":")[0]


async def _answer(send: Send, status: int, text: str) -> None:
    body = text.encode()
    said = json.dumps(sentences_in(text))  # ASCII; the page says it in its own language
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-studio-said", said.encode()),
        *_HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
