"""Whatever arrives is answered or refused: never a 500, never a traceback in the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_from_bytes

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.scene.errors import BadInput
from studio.ui.web.bodies import read_object
from studio.ui.web.door import Door
from studio.ui.web.entries import Entries
from studio.ui.web.login import Password
from tests.ui.web.conftest import ANNA, Served

# what no route can make sense of
ODD = {
    "a list": b"[]",
    "a full list": b"[1]",
    "null": b"null",
    "a number": b"5",
    "a text": b'"a"',
    "half a pair in a name": b'{"\\ud800": 1}',
    "half a pair in a value": b'{"action": "\\ud800"}',
    "deep lists": b"[" * 10_000 + b"]" * 10_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "NaN": b'{"action": "document", "a": NaN}',
    "Infinity": b'{"action": "document", "a": -Infinity}',
    "1e400": b'{"action": "document", "a": 1e400}',
    "5000 digits": b'{"action": "document", "a": ' + b"1" * 5000 + b"}",
    "a field twice": b'{"action": "document", "action": "status"}',
    "an action that is none": b'{"action": ["document"]}',
    "nothing": b"",
    "no UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "cut short": b'{"a":',
    "a zero byte": b"\0",
}
TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded", None)
BROKEN_FORMS = ("multipart/form-data", "multipart/form-data; boundary=x", "multipart/mixed")


@pytest.fixture(autouse=True)
def quiet(served: Served) -> Iterator[None]:
    """No request of this file may leave a traceback."""
    before = len(served.log.read_text())
    yield
    assert "Traceback" not in served.log.read_text()[before:]


def is_refused(answer: httpx.Response) -> bool:
    if answer.status_code == 200:
        return answer.json()["ok"] is False
    return 400 <= answer.status_code < 500 and answer.status_code != 401


def post(http: httpx.Client, path: str, body: bytes, kind: str | None) -> httpx.Response:
    return http.post(path, content=body, headers={} if kind is None else {"content-type": kind})


def component_call(served: Served, data: bytes) -> bytes:
    """A call of the page's component, as the browser sends it."""
    head = b'{"session_hash": "x", "component_id": %d, "fn_name": "call", "data": '
    return head % served.component + data + b"}"


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_an_odd_call_of_the_component_is_refused(
    served: Served, inside: httpx.Client, body: bytes
) -> None:
    for path in ("/gradio_api/component_server", "/gradio_api/component_server/"):
        assert is_refused(post(inside, path, component_call(served, body), "application/json"))
    for kind in (*TYPES, *BROKEN_FORMS):
        assert is_refused(post(inside, path, body, kind)), kind


def test_the_component_answers_what_it_is_asked(served: Served, inside: httpx.Client) -> None:
    def ask(**fields: Any) -> dict[str, Any]:
        body = component_call(served, json.dumps(fields).encode())
        return post(inside, "/gradio_api/component_server/", body, "application/json").json()

    session = ask(action="open")["session"]
    answer = ask(action="set_scene", session=session, caption="红灯笼 \ud800")
    assert answer["document"]["caption"] == "红灯笼 ?"


@pytest.mark.parametrize(
    "envelope",
    [
        {"session_hash": 5},
        {"session_hash": None},
        {"session_hash": "\ud800"},
        {"component_id": 10**9},
        {"component_id": True},
        {"component_id": "1"},
        {"fn_name": "no_such_function"},
        {"fn_name": "__init__"},
        {"fn_name": ["call"]},
        {"data": "x"},
    ],
    ids=ascii,
)
def test_a_call_of_something_else_is_refused(
    served: Served, inside: httpx.Client, envelope: dict[str, object]
) -> None:
    whole = json.loads(component_call(served, b'{"action": "document"}')) | envelope
    body = json.dumps(whole).encode()
    assert is_refused(post(inside, "/gradio_api/component_server", body, "application/json"))


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_an_odd_upload_is_refused(inside: httpx.Client, body: bytes) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="payload"\r\n\r\n'
    part = head + body + b"\r\n--x--\r\n"
    as_file = part.replace(b'"payload"', b'"payload"; filename="a"')
    field = b"payload=" + quote_from_bytes(body).encode()
    for action in ("open_files", "set_photo", "document", "%ED%A0%80"):
        path = f"/studio/send/{action}"
        for kind in (*TYPES, *BROKEN_FORMS):
            assert is_refused(post(inside, path, body, kind)), kind
        assert is_refused(post(inside, path, field, "application/x-www-form-urlencoded"))
        for form in (part, as_file):
            assert is_refused(post(inside, path, form, "multipart/form-data; boundary=x"))


def test_an_odd_field_of_an_upload_is_refused(inside: httpx.Client) -> None:
    opened = inside.post("/gradio_api/run/open", json={"data": [{}]}).json()["data"][0]
    for each in ('"\\ud800": 1', '"files": 5', '"name": 1e400', '"into": null', '"session": [1]'):
        payload = '{"session": "%s", %s}' % (opened["session"], each)  # noqa: UP031 - braces
        for action in ("open_files", "set_photo"):
            files = [("files", ("a.png", b"no picture"))]
            answer = inside.post(f"/studio/send/{action}", data={"payload": payload}, files=files)
            assert is_refused(answer), (action, each)


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_an_odd_request_of_a_script_is_refused(inside: httpx.Client, body: bytes) -> None:
    for path in ("/gradio_api/run/document", "/gradio_api/call/document"):
        for kind in TYPES:
            assert is_refused(post(inside, path, body, kind)), (path, kind)


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_an_odd_login_is_refused(body: bytes) -> None:
    http = TestClient(Door(Starlette(), Password(ANNA), Entries()), base_url="http://127.0.0.1")
    for kind in TYPES:
        headers = {} if kind is None else {"content-type": kind}
        assert http.post("/login", content=body, headers=headers).status_code == 401


@pytest.mark.parametrize("text", ['{"a": 1', "[1]", '{"a": NaN}', '{"a": 1, "a": 2}', ""])
def test_only_a_well_formed_object_is_read(text: str) -> None:
    with pytest.raises(BadInput):
        read_object(text)
    assert read_object('{"a": [1.5, null, {"b": "c"}]}') == {"a": [1.5, None, {"b": "c"}]}
