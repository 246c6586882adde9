"""The door: in front of every route, and nothing is behind it for who was not let in.

Gradio's own login leaves some of its routes open and knows nothing of ours. Who shows what the lock
wants (the token of this start, or the login) gets an entry and a cookie for it; scripts may send
the token with each request instead.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import cookie_parser

from studio.scene.sentences import Sentence, say
from studio.ui.web.body_limits import Receive, Send
from studio.ui.web.door_page import enter_page, passage_page, wants_page
from studio.ui.web.entries import ENTRY_SECONDS, Entries, Entry
from studio.ui.web.login import Lock, StartToken, Tries
from studio.ui.web.prefix import route_of

log = logging.getLogger(__name__)

ENTRY = "studio.entry"  # where the scope of a request has whose it is
_LARGEST_FORM = 4096
_MOST_STRETCHING = 2  # logins that are looked at together; each takes 16 MB

Headers = dict[bytes, str]


class Door:
    """ASGI middleware. Who has no entry sees the page that asks for what opens, or a refusal."""

    def __init__(self, app: Any, lock: Lock, entries: Entries) -> None:
        self.app = app
        self._lock = lock
        self._entries = entries
        self._tries = Tries()
        self._stretching = asyncio.Semaphore(_MOST_STRETCHING)
        entries.use_lock(lock.kept)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope.get("headers", ())}
        entry = self._entries.find(cookie_parser(headers.get(b"cookie", "")).get(self._name, ""))
        scope[ENTRY] = entry
        path, method = route_of(scope), scope.get("method", "GET")
        shown = _shown_token(scope) if isinstance(self._lock, StartToken) else None
        if method == "POST" and path.rstrip("/") == "/login":
            await self._log_in(scope, headers, receive, send)
        elif shown is not None and method == "GET" and path == "/":
            await self._take_token(scope, headers, shown, send)
        elif entry is not None:
            await self.app(scope, receive, self._reminding(scope, headers, send))
        elif self._is_script(headers):
            await self.app(scope, receive, send)
        else:
            await self._refuse(scope, headers, send)

    @property
    def _name(self) -> str:
        return self._entries.cookie

    def _is_script(self, headers: Headers) -> bool:
        scheme, _, token = headers.get(b"authorization", "").partition(" ")
        is_token = isinstance(self._lock, StartToken) and scheme.lower() in ("token", "bearer")
        return is_token and self._lock.opens({"token": token.strip()})

    async def _take_token(
        self, scope: MutableMapping[str, Any], headers: Headers, token: str, send: Send
    ) -> None:
        """Out of the address, where it would be seen and sent on, and into a cookie."""
        is_known = scope[ENTRY] is not None
        if not is_known and not self._lock.opens({"token": token}):
            trouble = say("This address is of an earlier start of the studio.")
            await self._ask(scope, headers, send, 401, trouble)
            return
        more = [] if is_known else [self._let_in(scope, headers)]
        query = {
            name: values
            for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()
            if name != "token"
        }
        place = "./" + (f"?{urlencode(query, doseq=True)}" if query else "")
        await answer(send, 303, "", more=[*more, (b"location", place.encode())])

    async def _log_in(
        self,
        scope: MutableMapping[str, Any],
        headers: Headers,
        receive: Receive,
        send: Send,
    ) -> None:
        address = _asker(scope)
        wait = self._tries.seconds_to_wait(address)
        if wait > 0:
            text = say("Too many wrong logins; wait {seconds:.0f} seconds.", seconds=wait)
            await self._ask(scope, headers, send, 429, text)
            return
        self._tries.add(address)  # before the slow part, so that many at once count
        form = _form(await _body(receive))
        async with self._stretching:
            opens = await asyncio.to_thread(self._lock.opens, form)
        if not opens:
            log.warning("a wrong login from %s", address)
            is_token = isinstance(self._lock, StartToken)
            wrong_token = say("That is not the token of this start.")
            wrong_login = say("That is not the user and password of this studio.")
            await self._ask(scope, headers, send, 401, wrong_token if is_token else wrong_login)
            return
        self._tries.forget(address)
        cookie = self._let_in(scope, headers)
        if wants_page(headers):
            await answer(send, 303, "", more=[cookie, (b"location", b"./")])
        else:
            await answer(send, 200, '{"success": true}', "application/json", [cookie])

    def _let_in(self, scope: MutableMapping[str, Any], headers: Headers) -> tuple[bytes, bytes]:
        """The header that gives the cookie of a new entry."""
        secret = self._entries.add(_asker(scope), headers.get(b"user-agent", ""))
        return cookie_header(scope, self._name, secret, ENTRY_SECONDS)

    def _reminding(self, scope: MutableMapping[str, Any], headers: Headers, send: Send) -> Send:
        """Each time the page is opened its cookie lasts anew, as its entry does."""
        if route_of(scope) != "/" or scope.get("method") != "GET":
            return send
        secret = cookie_parser(headers.get(b"cookie", ""))[self._name]
        again = cookie_header(scope, self._name, secret, ENTRY_SECONDS)

        async def remind(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), again]}
            await send(message)

        return remind

    async def _refuse(self, scope: MutableMapping[str, Any], headers: Headers, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif wants_page(headers) and headers.get(b"sec-fetch-site") == "cross-site":
            # A link elsewhere: browsers send our cookie only where we ask for the page ourselves.
            await answer(send, 401, passage_page(), "text/html")
        else:
            await self._ask(scope, headers, send, 401)

    async def _ask(
        self,
        scope: MutableMapping[str, Any],
        headers: Headers,
        send: Send,
        status: int,
        trouble: Sentence | None = None,
    ) -> None:
        """For what opens: with a page for people, with a sentence for programs."""
        is_token = isinstance(self._lock, StartToken)
        if wants_page(headers):
            page = enter_page(scope, headers, trouble, asks_token=is_token)
            await answer(send, status, page, "text/html")
            return
        by_token = say("Send the token that the studio showed when it started.")
        by_login = say("Log in first.")
        await answer(send, status, trouble or (by_token if is_token else by_login))


def cookie_header(
    scope: MutableMapping[str, Any], name: str, value: str, seconds: int
) -> tuple[bytes, bytes]:
    """`seconds` 0 takes the cookie away."""
    place = scope.get("root_path", "") or "/"
    secure = "; Secure" if scope.get("scheme") in ("https", "wss") else ""
    text = f"{name}={value}; Path={place}; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"
    return b"set-cookie", text.encode("latin-1")


def entry_of(scope: MutableMapping[str, Any]) -> Entry | None:
    """Whose request it is; None for scripts, and where everybody may enter."""
    return scope.get(ENTRY)


async def answer(
    send: Send,
    status: int,
    text: str,
    kind: str = "text/plain",
    more: list[tuple[bytes, bytes]] | None = None,
) -> None:
    headers = [
        (b"content-type", f"{kind}; charset=utf-8".encode()),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"same-origin"),  # else a browser hides where its form comes from
        *(more or ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


def _asker(scope: MutableMapping[str, Any]) -> str:
    return str((scope.get("client") or ("",))[0])


def _shown_token(scope: MutableMapping[str, Any]) -> str | None:
    query = scope.get("query_string", b"").decode("latin-1")
    return parse_qs(query, keep_blank_values=True).get("token", [None])[0]


def _form(text: str) -> dict[str, str]:
    """Of a token that is pasted with its whole address only the token."""
    form = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
    if "token" in form:
        form["token"] = form["token"].rpartition("token=")[2].partition("#")[0].strip()
    return form


async def _body(receive: Receive) -> str:
    """The form, cut at a size no login has."""
    body = b""
    while len(body) <= _LARGEST_FORM:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    return body[:_LARGEST_FORM].decode("utf-8", "replace")
