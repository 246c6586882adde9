"""Who may talk to the studio: known hosts, its own pages, and bodies of a bounded size."""

from __future__ import annotations

import logging
from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from studio.scene.sentences import say
from studio.ui.web.addresses import as_address
from studio.ui.web.body_limits import LARGEST_BODY, Pace, Receive, Send, limit_body, refuse

log = logging.getLogger(__name__)

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
_FORWARDED = (b"x-forwarded-host", b"x-gradio-server")  # Gradio would believe anybody


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
        pace: Pace | None = None,
    ):
        self.app = app
        self.hosts = {*_LOOPBACK, *hosts}
        self.largest_body = largest_body
        self.takes_addresses = takes_addresses
        self.pace = pace or Pace()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        kept = [each for each in scope.get("headers", ()) if each[0] not in _FORWARDED]
        scope = {**scope, "headers": kept}
        headers = {name: value.decode("latin-1") for name, value in kept}
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            log.warning("refused %s %.200r: %s", scope.get("method"), scope.get("path"), refusal)
            await refuse(send, 403, refusal, _HEADERS)
            return

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            await send(_with_headers(message))

        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        await limit_body(self.app, scope, receive, with_headers, self.largest_body, self.pace)

    def _refusal(self, scope: MutableMapping[str, Any], headers: dict[bytes, str]) -> str | None:
        if not self._is_own(_host_name(headers.get(b"host", "")).lower()):
            return say("This address is not served here.")
        if not _is_own_page(scope.get("method", "GET"), headers):
            return say("Requests from other pages are refused.")
        return None

    def _is_own(self, host: str) -> bool:
        return host in self.hosts or (self.takes_addresses and as_address(host) is not None)


def _with_headers(message: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if message["type"] != "http.response.start":
        return message
    headers = [*message.get("headers", ())]
    known = {name.lower() for name, _ in headers}
    headers += [each for each in (*_HEADERS, _POLICY) if each[0] not in known]
    return {**message, "headers": headers}


def _is_own_page(method: str, headers: dict[bytes, str]) -> bool:
    """A browser names the page a request comes from; it must be ours. Links here are fine."""
    origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site", "none")
    if origin == "null":  # what a form of ours sends where no referrer is; others say cross-site
        return site == "same-origin"
    if origin is not None:
        return urlsplit(origin).netloc == headers.get(b"host")
    is_visit = method in ("GET", "HEAD") and headers.get(b"sec-fetch-mode") == "navigate"
    return site in ("none", "same-origin") or is_visit


def _host_name(host: str) -> str:
    if host.startswith("[") and "]" in host:
        return host[: host.index("]") + 1]
    return host.split(":")[0]
