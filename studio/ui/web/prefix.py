"""The studio beneath a path of its own, for proxies that serve other programs beside it."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

from studio.scene.errors import RequestError
from studio.ui.web.body_limits import Receive, Send

_FORM = re.compile(r"(/[A-Za-z0-9._~-]+)+")


def read_prefix(text: str | None) -> str:
    """ "/studio" as it is; "" for none. A slash at the end makes no difference."""
    prefix = (text or "").rstrip("/")
    if prefix and not _FORM.fullmatch(prefix):
        raise RequestError(
            "--path-prefix is {prefix!r}; it is a path such as /studio, of letters, digits and "
            ". _ ~ -.",
            prefix=prefix,
        )
    return prefix


def route_of(scope: MutableMapping[str, Any]) -> str:
    """The path within the studio, whatever it lies beneath."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and path.startswith(root + "/") else path


class Prefix:
    """ASGI middleware: what lies beneath the prefix is served, and nothing else."""

    def __init__(self, app: Any, prefix: str) -> None:
        self.app = app
        self._prefix = prefix

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif scope["path"].startswith(self._prefix + "/"):
            await self.app({**scope, "root_path": self._prefix}, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self._point(scope, send)

    async def _point(self, scope: MutableMapping[str, Any], send: Send) -> None:
        """Who asks for the prefix without its slash, or for the root, is sent to the page."""
        query = scope.get("query_string", b"")
        place = f"{self._prefix}/".encode() + (b"?" + query if query else b"")
        is_visit = scope["method"] in ("GET", "HEAD") and scope["path"] in ("/", self._prefix)
        status, headers = (307, [(b"location", place)]) if is_visit else (404, [])
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
