"""Which routes there are, and how much each takes. Gradio has many more than the page uses.

Its uploads, streams, proxy, monitoring and the rest stay closed: they have no bounds of
their own, and whatever is not needed cannot be misused.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any, NamedTuple

from studio.scene.sentences import say
from studio.ui.web.body_limits import LARGEST_BODY, Receive, Send, limit_body, refuse
from studio.ui.web.prefix import route_of

LARGEST_CALL = 32 * 2**20  # bytes of JSON; photos as text fit, larger ones are sent as forms
_SMALL = 64 * 2**10


class _Route(NamedTuple):
    methods: str
    path: re.Pattern[str]
    largest_body: int


def _route(methods: str, path: str, largest_body: int = _SMALL) -> _Route:
    return _Route(methods, re.compile(path), largest_body)


_ROUTES = (
    # the page
    _route("GET HEAD", r"/"),
    _route("GET HEAD", r"/(theme\.css|favicon\.ico|robots\.txt|manifest\.json)"),
    _route("GET HEAD", r"/(assets|static)/.+"),
    _route("GET HEAD", r"/studio/(static|file)/.+|/studio/manifest\.webmanifest"),
    _route("POST", r"/gradio_api/component_server/?", LARGEST_CALL),
    _route("POST", r"/studio/send/[^/]+", LARGEST_BODY),
    _route("GET POST", r"/studio/door(/[a-z]+)?"),
    # scripts
    _route("GET", r"/config/?|/gradio_api/(info|startup-events|heartbeat/[^/]+)/?"),
    _route("POST", r"/gradio_api/(run|api|call)/[^/]+/?|/gradio_api/queue/join", LARGEST_CALL),
    _route("GET", r"/gradio_api/call/[^/]+/[^/]+|/gradio_api/queue/data"),
)


class Gate:
    """ASGI middleware: 404 for what is not used here, 413 beyond a route's own size."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
        else:
            route = _find(scope["method"], route_of(scope))
            if route is None:
                await refuse(send, 404, say("There is nothing at this address."))
            else:
                await limit_body(self.app, scope, receive, send, route.largest_body)


def _find(method: str, path: str) -> _Route | None:
    for route in _ROUTES:
        if method in route.methods.split() and route.path.fullmatch(path):
            return route
    return None
