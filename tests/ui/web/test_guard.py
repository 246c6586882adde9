"""Requests from other hosts and other pages, and bodies that are too large, never arrive."""

from __future__ import annotations

import json

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.ui.web.guard import Guard


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def client() -> TestClient:
    app = Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])
    return TestClient(Guard(app, largest_body=100), base_url="http://127.0.0.1:7860")


def test_our_own_page_and_plain_programs_pass(client: TestClient) -> None:
    own = {"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"}
    assert client.post("/", content=b"abc", headers=own).text == "3"
    assert client.post("/", content=b"abc").text == "3"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "10.0.0.7:7860"])
def test_another_host_name_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:7860", "[::1]:7860", "127.0.0.1"])
def test_this_machine_is_served_by_all_its_names(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


def test_a_host_that_was_allowed_is_served() -> None:
    app = Guard(Starlette(routes=[Route("/", echo)]), hosts=["studio.lan"])
    assert TestClient(app, base_url="http://studio.lan").get("/").status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999"])
def test_another_page_is_refused(client: TestClient, origin: str) -> None:
    assert client.post("/", content=b"a", headers={"origin": origin}).status_code == 403


def test_a_form_of_another_site_without_an_origin_is_refused_but_a_link_here_works(
    client: TestClient,
) -> None:
    foreign = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.post("/", content=b"a", headers=foreign).status_code == 403
    assert client.get("/", headers=foreign).status_code == 200
    picture = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert client.get("/", headers=picture).status_code == 403


def test_a_form_of_our_own_page_passes_though_its_browser_hides_where_it_comes_from(
    client: TestClient,
) -> None:
    hidden = {"origin": "null", "sec-fetch-mode": "navigate"}
    own = client.post("/", content=b"a", headers={**hidden, "sec-fetch-site": "same-origin"})
    assert own.status_code == 200
    for site in ("cross-site", "same-site", "none"):
        foreign = {**hidden, "sec-fetch-site": site}
        assert client.post("/", content=b"a", headers=foreign).status_code == 403


def test_a_large_body_is_refused_by_its_length_and_while_it_arrives(client: TestClient) -> None:
    assert client.post("/", content=b"x" * 100).text == "100"
    assert client.post("/", content=b"x" * 101).status_code == 413
    chunks = (b"x" * 40 for _ in range(3))
    assert client.post("/", content=chunks).status_code == 413


def test_a_refusal_tells_how_its_sentence_was_made() -> None:
    app = Guard(Starlette(routes=[Route("/", echo, methods=["POST"])]), largest_body=3 * 2**20)
    refused = TestClient(app, base_url="http://127.0.0.1").post("/", content=b"x" * 4 * 2**20)
    said = json.loads(refused.headers["x-studio-said"])
    assert said == {refused.text: ["At most {megabytes} MB are taken at once.", {"megabytes": 3}]}


def test_answers_may_not_load_anything_from_outside(client: TestClient) -> None:
    headers = client.get("/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
