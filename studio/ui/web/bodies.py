"""What arrives as JSON: one object, well formed, or one sentence says what is wrong."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from typing import Any, NoReturn, cast

from fastapi.responses import JSONResponse

from studio.scene.errors import BadInput
from studio.scene.sentences import sentences_in
from studio.ui.api.refusals import shown
from studio.ui.web.answers import in_time
from studio.ui.web.body_limits import Receive, Send
from studio.ui.web.lanes import Lanes
from studio.ui.web.prefix import route_of

_PATH = "/gradio_api/component_server"
_FUNCTION = "call"  # the component's only one


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


class ComponentCalls:
    """ASGI middleware: answers what the page's component asks, at Gradio's own address for that.

    Gradio's answer would keep a state for every session that anybody names, and trips over calls
    that are none. component: the id of the one component there is; function: what it may call.
    """

    def __init__(self, app: Any, component: int, lanes: Lanes) -> None:
        self.app = app
        self.component = component
        self._lanes = lanes

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or route_of(scope).rstrip("/") != _PATH:
            await self.app(scope, receive, send)
            return
        try:
            request = self._request(read_object(await _whole(receive)))
        except BadInput as fault:
            await refusal(fault)(scope, receive, cast("Any", send))
            return
        answering = self._lanes.call(request.pop("action"), request)
        response = await in_time(answering, self._lanes)
        await response(scope, receive, cast("Any", send))

    def _request(self, call: dict[str, Any]) -> dict[str, Any]:
        """The action and its fields."""
        for name in ("session_hash", "fn_name"):
            value = call.get(name)
            if not isinstance(value, str):
                told = shown(value)
                raise BadInput("{name} is text, not {told}.", name=name, told=told)
        component, data = call.get("component_id"), call.get("data")
        if type(component) is not int or component != self.component:
            told = shown(component)
            raise BadInput("There is no component {told}.", told=told)
        if call["fn_name"] != _FUNCTION:
            told = shown(call["fn_name"])
            raise BadInput("The component has no function {told}.", told=told)
        if not isinstance(data, dict):
            told = shown(data)
            raise BadInput("A request is a JSON object, not {told}.", told=told)
        fields = cast("dict[str, Any]", data)
        if not isinstance(fields.get("action"), str):
            raise BadInput("The request names no action.")
        return fields


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
