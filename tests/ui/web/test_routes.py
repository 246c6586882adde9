"""The routes beside Gradio's: page files, a session's pictures, uploads."""

from __future__ import annotations

import io
import json
import re
from typing import Any, NamedTuple, cast
from urllib.parse import urljoin

import pytest
from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

from studio.scene.errors import SessionError
from studio.ui.api.client import Client
from studio.ui.web.lanes import Lanes
from studio.ui.web.pages import read_page_files
from studio.ui.web.routes import add_routes


class File(NamedTuple):
    content: bytes
    mime: str
    name: str


class NotingClient:
    """Answers with what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((action, payload))
        return {"ok": True}

    def read_file(self, session: str, reference: str) -> File:
        if (session, reference) == ("s1", "result/a b.png"):
            return File(b"png", "image/png", "été.png")
        if (session, reference) == ("s1", "export/x.html"):
            return File(b"<script>", "text/html", "x.html")
        raise SessionError("There is no such file in this session.")


@pytest.fixture
def studio() -> NotingClient:
    return NotingClient()


@pytest.fixture
def client(studio: NotingClient) -> TestClient:
    app = FastAPI()
    add_routes(app, Lanes(cast("Client", studio)), read_page_files())
    return TestClient(app)


def test_every_script_of_the_page_is_served_under_its_version(client: TestClient) -> None:
    pages = read_page_files()
    answer = client.get(f"/studio/static/{pages.version}/main.mjs")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert client.get(f"/studio/static/{pages.version}/words/words.mjs").status_code == 200
    assert client.get("/studio/static/older/main.mjs").status_code == 404


def test_a_browser_can_install_the_studio_as_a_program(client: TestClient) -> None:
    answer = client.get("/studio/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["name"], manifest["display"]) == ("Seg2Any Studio", "standalone")
    address = str(answer.url)
    assert urljoin(address, manifest["start_url"]) == urljoin(address, "/")
    assert urljoin(address, manifest["scope"]) == urljoin(address, "/")
    for icon in manifest["icons"]:
        found = client.get(urljoin(address, icon["src"]))
        assert found.headers["content-type"] == icon["type"]
        if icon["type"] == "image/png":
            width, height = Image.open(io.BytesIO(found.content)).size
            assert icon["sizes"] == f"{width}x{height}"
    assert [icon["sizes"] for icon in manifest["icons"]] == ["192x192", "512x512", "any"]


def test_the_head_names_the_manifest_and_colours_for_light_and_dark() -> None:
    head = read_page_files().head
    # without credentials the manifest would be refused where there is a login
    assert '<link rel="manifest" href="studio/manifest.webmanifest" crossorigin="use-cred' in head
    for scheme in ("light", "dark"):
        assert re.search(rf'name="theme-color" content="#\w{{6}}" media="[^"]*: {scheme}\)"', head)


@pytest.mark.parametrize(
    "name", ["../canvas.py", "canvas.py", "..%2f..%2fapp.py", "%2fetc%2fhostname"]
)
def test_nothing_else_is_served_as_a_page_file(client: TestClient, name: str) -> None:
    assert client.get(f"/studio/static/{read_page_files().version}/{name}").status_code == 404


def test_a_picture_comes_with_its_name_and_only_to_its_session(client: TestClient) -> None:
    answer = client.get("/studio/file/s1/result/a%20b.png")
    assert answer.content == b"png"
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''%C3%A9t%C3%A9.png"
    assert client.get("/studio/file/s2/result/a%20b.png").status_code == 404


def test_a_web_page_that_was_exported_is_saved_not_opened(client: TestClient) -> None:
    answer = client.get("/studio/file/s1/export/x.html")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"] == "sandbox"


def test_uploads_arrive_as_bytes_with_their_names(client: TestClient, studio: NotingClient) -> None:
    form = {"payload": json.dumps({"session": "s1"})}
    files = [("files", ("a.png", b"1")), ("files", ("a.json", b"2"))]
    assert client.post("/studio/send/open_files", data=form, files=files).json() == {"ok": True}
    for action in ("set_photo", "edit_photo"):
        client.post(f"/studio/send/{action}", data=form, files=files[:1])
    assert studio.asked == [
        (
            "open_files",
            {
                "session": "s1",
                "files": [{"name": "a.png", "data": b"1"}, {"name": "a.json", "data": b"2"}],
            },
        ),
        ("set_photo", {"session": "s1", "file": b"1", "name": "a.png"}),
        ("edit_photo", {"session": "s1", "file": b"1", "name": "a.png"}),
    ]


def test_an_upload_that_is_no_upload_is_refused(client: TestClient, studio: NotingClient) -> None:
    assert client.post("/studio/send/delete_project", data={"payload": "{}"}).status_code == 404
    assert client.post("/studio/send/open_files", data={"payload": "{"}).status_code == 400
    assert studio.asked == []
