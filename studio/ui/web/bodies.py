"""What arrives as JSON: one object, well formed, or one sentence says what is wrong."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from typing import Any, NoReturn, cast

from fastapi.responses import JSONResponse

from studio.scene.errors import BadInput
from studio.scene.sentences import sentences_in
from studio.ui.api.refusals import shown
from studio.ui.web.guard import Receive, Send

_PATH = "/component_server"  # where the page's component asks, beneath Gradio's own prefix


def read_object(text: str | bytes) -> dict[str, Any]:
    """A JSON object; BadInput also for what Python would read though JSON has no such thing."""
    try:
        found = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except RecursionError:
        raise BadInput("The request is nested too deeply.") from None
    except ValueError:
        raise BadInput("The request is not JSON.") from None
    if not isinstance(found, dict):
        told = shown(found)
        raise BadInput("A request is a JSON object, not {told}.", told=told)
    return cast("dict[str, Any]", found)


def refusal(fault: BadInput, status: int = 400) -> JSONResponse:
    error = str(fault)
    answer = {"ok": False, "kind": "BadInput", "error": error, "said": sentences_in(error)}
    return JSONResponse(answer, status)


class StrictBodies:
    """ASGI middleware before Gradio, which trips over calls of its component that are no such.

    component: the id of the one component there is.
    """

    def __init__(self, app: Any, component: int) -> None:
        self.app = app
        self.component = component

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        is_call = scope["type"] == "http" and scope["method"] == "POST"
        if not is_call or not scope["path"].rstrip("/").endswith(_PATH):
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        try:
            self._check(read_object(body))
        except BadInput as fault:
            await refusal(fault)(scope, receive, cast("Any", send))
            return
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> MutableMapping[str, Any]:
            return waiting.pop() if waiting else await receive()

        await self.app(scope, again, send)

    def _check(self, call: dict[str, Any]) -> None:
        for name in ("session_hash", "fn_name"):
            value = call.get(name)
            if not isinstance(value, str):
                told = shown(value)
                raise BadInput("{name} is text, not {told}.", name=name, told=told)
        component, data = call.get("component_id"), call.get("data")
        if type(component) is not int or component != self.component:
            told = shown(component)
            raise BadInput("There is no component {told}.", told=told)
        if not isinstance(data, dict):
            told = shown(data)
            raise BadInput("A request is a JSON object, not {told}.", told=told)


async def _whole(receive: Receive) -> bytes:
    """The guard before this counts the bytes."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            return bytes(body)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadInput("The request names a field twice.")
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise BadInput("The request holds {text}, which is no number.", text=text)
