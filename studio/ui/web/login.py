"""The door of a studio that others can reach: one login in front of every route.

Gradio's own login leaves some of its routes open and knows nothing of ours, so this stands before
all of them. The cookie is signed with a key made from the password: it outlives a restart, and a
new password ends it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import html
import logging
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import cookie_parser

from studio.scene.errors import RequestError
from studio.scene.sentences import Sentence, filled, say
from studio.ui.web.guard import Receive, Send

log = logging.getLogger(__name__)

SHORTEST_PASSWORD = 8
MOST_TRIES = 5  # wrong ones from one address
TRY_SECONDS = 60.0
_COOKIE_SECONDS = 30 * 24 * 3600
_LARGEST_FORM = 4096


@dataclass(frozen=True)
class Credentials:
    """Who may enter. `is_made_up`: the password was made here and must be told once."""

    user: str
    password: str
    is_made_up: bool = False


def read_login(text: str | None) -> Credentials | None:
    """USER:PASSWORD, or USER alone for a password that is made up; "none" and None: no login."""
    if text is None or text == "none":
        return None
    user, colon, password = text.partition(":")
    if not user:
        raise RequestError("The login is USER:PASSWORD; the user is missing.")
    if not colon:
        return Credentials(user, secrets.token_urlsafe(12), is_made_up=True)
    if len(password) < SHORTEST_PASSWORD:
        raise RequestError(
            "The login's password is too short: {shortest} letters or more.",
            shortest=SHORTEST_PASSWORD,
        )
    return Credentials(user, password)


class Login:
    """ASGI middleware: without the cookie there is nothing but the login page."""

    def __init__(self, app: Any, credentials: Credentials) -> None:
        self.app = app
        self._user = credentials.user
        self._key = _stretched(credentials.password, credentials.user)
        self._cookie = f"studio-{hashlib.sha256(self._key).hexdigest()[:8]}"
        self._tries = _Tries()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope.get("headers", ())}
        is_login = scope["path"].rstrip("/").endswith("/login")
        if is_login and scope.get("method") == "POST":
            await self._log_in(scope, headers, receive, send)
        elif self._may_enter(headers.get(b"cookie", "")):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif "text/html" in headers.get(b"accept", ""):
            await _answer(send, 401, _page(headers), "text/html")
        else:
            await _answer(send, 401, say("Log in first."))

    def _may_enter(self, cookies: str) -> bool:
        found = cookie_parser(cookies).get(self._cookie, "")
        until, _, signature = found.partition(".")
        is_ours = hmac.compare_digest(self._signature(until).encode(), signature.encode())
        return is_ours and until.isdigit() and int(until) > time.time()

    def _signature(self, until: str) -> str:
        return hmac.new(self._key, until.encode(), hashlib.sha256).hexdigest()

    async def _log_in(
        self,
        scope: MutableMapping[str, Any],
        headers: dict[bytes, str],
        receive: Receive,
        send: Send,
    ) -> None:
        address = (scope.get("client") or ("",))[0]
        wants_page = "text/html" in headers.get(b"accept", "")
        wait = self._tries.seconds_to_wait(address)
        if wait > 0:
            text = say("Too many wrong logins; wait {seconds:.0f} seconds.", seconds=wait)
            shown = _page(headers, text) if wants_page else text
            await _answer(send, 429, shown, "text/html" if wants_page else "text/plain")
            return
        self._tries.add(address)  # before the slow part, so that many at once count
        form = parse_qs(await _body(receive), keep_blank_values=True)
        user, password = (form.get(name, [""])[0] for name in ("username", "password"))
        key = await asyncio.to_thread(_stretched, password, self._user)
        same_user = hmac.compare_digest(user.encode(), self._user.encode())
        if not (hmac.compare_digest(key, self._key) and same_user):
            log.warning("a wrong login from %s", address)
            text = say("That is not the user and password of this studio.")
            shown = _page(headers, text) if wants_page else text
            await _answer(send, 401, shown, "text/html" if wants_page else "text/plain")
            return
        self._tries.forget(address)
        until = str(int(time.time()) + _COOKIE_SECONDS)
        cookie = (
            f"{self._cookie}={until}.{self._signature(until)}; Path=/; HttpOnly; SameSite=Lax; "
            f"Max-Age={_COOKIE_SECONDS}"
        )
        more = [(b"set-cookie", cookie.encode())]
        if wants_page:
            await _answer(send, 303, "", more=[*more, (b"location", b"./")])
        else:
            await _answer(send, 200, '{"success": true}', "application/json", more)


class _Tries:
    """Recent wrong logins by address."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def seconds_to_wait(self, address: str) -> float:
        times = self._times.get(address, deque())
        while times and time.monotonic() - times[0] > TRY_SECONDS:
            times.popleft()
        return TRY_SECONDS - (time.monotonic() - times[0]) if len(times) >= MOST_TRIES else 0.0

    def add(self, address: str) -> None:
        self._times.setdefault(address, deque(maxlen=MOST_TRIES)).append(time.monotonic())
        self._times.move_to_end(address)
        while len(self._times) > 1000:
            self._times.popitem(last=False)

    def forget(self, address: str) -> None:
        self._times.pop(address, None)


def _stretched(password: str, salt: str) -> bytes:
    """Slow on purpose: about 50 ms a guess."""
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=2**14, r=8, p=1)


async def _body(receive: Receive) -> str:
    """The form, cut at a size no login has."""
    body = b""
    while len(body) <= _LARGEST_FORM:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    return body[:_LARGEST_FORM].decode("utf-8", "replace")


async def _answer(
    send: Send,
    status: int,
    text: str,
    kind: str = "text/plain",
    more: list[tuple[bytes, bytes]] | None = None,
) -> None:
    headers = [
        (b"content-type", f"{kind}; charset=utf-8".encode()),
        (b"cache-control", b"no-store"),
        *(more or ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


def _page(headers: dict[bytes, str], trouble: Sentence | None = None) -> str:
    is_chinese = headers.get(b"accept-language", "").lower().startswith("zh")
    words = _CHINESE if is_chinese else _ENGLISH
    told = trouble and filled(words.get(trouble.code, trouble.code), trouble.values)
    page = _PAGE.replace("{trouble}", html.escape(told or ""))
    for name in ("language", "user", "password", "enter"):
        page = page.replace("{" + name + "}", words[name])
    return page


_ENGLISH = {"language": "en", "user": "User", "password": "Password", "enter": "Enter"}
_CHINESE = {
    "language": "zh-CN",
    "user": "用户",
    "password": "密码",
    "enter": "进入",
    "That is not the user and password of this studio.": "用户名或密码不对。",
    "Too many wrong logins; wait {seconds} seconds.": "登录失败次数过多。请等待 {seconds} 秒。",
}
_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>Seg2Any Studio</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;display:grid;place-content:center;min-height:100vh;margin:0}
form{display:grid;gap:.75rem;width:18rem}
h1{font-size:1.25rem;margin:0}
label{display:grid;gap:.25rem;font-size:.875rem}
input,button{font:inherit;padding:.5rem .75rem;border-radius:8px;border:1px solid #8888}
button{background:#2f6feb;border-color:#2f6feb;color:#fff;cursor:pointer}
p{margin:0;color:#c62828}@media(prefers-color-scheme:dark){p{color:#ff8a80}}
</style></head><body><form method="post" action="login"><h1>Seg2Any Studio</h1>
<label>{user}<input name="username" autocomplete="username" required autofocus></label>
<label>{password}<input name="password" type="password" autocomplete="current-password" required>
</label><p role="alert">{trouble}</p><button>{enter}</button></form></body></html>
"""
