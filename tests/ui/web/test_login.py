"""A studio that others can reach: nothing is open without the login. Over real HTTP."""

from __future__ import annotations

import argparse
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.commands import serve as serve_command
from studio.scene.errors import RequestError
from studio.ui.web import entries as entries_module
from studio.ui.web import login as login_module
from studio.ui.web.addresses import host_names, is_loopback, shown_address
from studio.ui.web.app import server_config
from studio.ui.web.door import Door
from studio.ui.web.entries import Entries
from studio.ui.web.guard import Guard
from studio.ui.web.login import MOST_TRIES, Credentials, Password, read_login
from tests.ui.web.conftest import ANNA, FORM, Served


def test_no_route_answers_without_the_login(served: Served) -> None:
    found = served.routes
    assert len(found) > 40
    names = {path for _, path in found}
    assert any("studio/file" in name for name in names)
    for open_in_gradio in ("component_server", "cancel", "reset", "heartbeat", "upload"):
        assert any(open_in_gradio in name for name in names), open_in_gradio
    with httpx.Client(base_url=served.address, timeout=10) as client:
        for method, path in found:
            if (method, path.rstrip("/")[-6:]) == ("POST", "/login"):
                continue
            answer = client.request(method, path)
            assert answer.status_code == 401, (method, path, answer.status_code)
            assert answer.text in ("", "Log in first.")


def test_a_browser_is_shown_where_to_log_in(served: Served) -> None:
    answer = httpx.get(served.address, headers={"accept": "text/html,*/*"})
    assert answer.status_code == 401
    assert 'action="/login"' in answer.text
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    chinese = httpx.get(served.address, headers={"accept": "text/html", "accept-language": "zh-CN"})
    assert "密码" in chinese.text
    entered = httpx.post(f"{served.address}/login", data=FORM, headers={"accept": "text/html"})
    assert (entered.status_code, entered.headers["location"]) == (303, "./")


def test_with_the_login_everything_works(served: Served, inside: httpx.Client) -> None:
    assert "Seg2Any Studio" in inside.get("/").text
    config = inside.get("/config").json()
    assert config["components"]
    assert inside.get(f"/studio/static/{served.version}/main.mjs").status_code == 200
    manifest = inside.get("/studio/manifest.webmanifest", headers={"sec-fetch-site": "same-origin"})
    assert manifest.json()["display"] == "standalone"
    assert 'rel="manifest"' in inside.get("/").text
    form = {"payload": '{"session": "none"}'}
    sent = inside.post("/studio/send/open_files", data=form, files=[("files", ("a", b"x"))])
    assert sent.json()["kind"] == "expired"


def test_scripts_log_in_with_gradio_client(served: Served) -> None:
    from gradio_client import Client
    from gradio_client.exceptions import AuthenticationError

    with pytest.raises(AuthenticationError):
        Client(served.address, verbose=False)
    client = Client(served.address, auth=(ANNA.user, ANNA.password), verbose=False)
    assert client.predict({}, api_name="/open")["ok"]


def test_the_machines_names_and_addresses_are_served_and_others_are_not(served: Served) -> None:
    def status(host: str) -> int:
        return httpx.get(served.address, headers={"host": host}).status_code

    assert {status("192.168.7.7:7860"), status("studio.lan"), status("[fe80::7]:1")} == {401}
    assert status("evil.example") == 403


def small(credentials: Credentials = ANNA, entries: Entries | None = None) -> TestClient:
    """A door with one route behind it; entries: of an earlier start."""
    entries = entries or Entries()
    app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("in"))])
    door = Door(app, Password(credentials, entries.lock), entries)
    return TestClient(Guard(door), base_url="http://127.0.0.1", follow_redirects=False)


def test_the_login_page_tells_of_trouble_in_the_readers_language() -> None:
    client = small()
    page = {"accept": "text/html"}
    chinese = {**page, "accept-language": "zh-CN"}
    wrong = {**FORM, "password": "no"}
    assert "用户名或密码不对。" in client.post("/login", data=wrong, headers=chinese).text
    for _ in range(MOST_TRIES - 1):
        text = client.post("/login", data=wrong, headers=page).text
        assert "That is not the user and password of this studio." in text
    assert re.search(r"请等待 \d+ 秒。", client.post("/login", data=wrong, headers=chinese).text)
    late = client.post("/login", data=wrong, headers=page).text
    assert re.search(r"Too many wrong logins; wait \d+ seconds\.", late)


def test_wrong_logins_are_refused_and_after_some_the_right_one_has_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = small()
    for wrong in ({}, {"username": "anna"}, {**FORM, "password": "no"}, {**FORM, "username": "x"}):
        assert client.post("/login", data=wrong).status_code == 401
    assert client.post("/login", data={**FORM, "password": "é" * 9000}).status_code == 401
    assert client.post("/login", data=FORM).status_code == 429
    monkeypatch.setattr(login_module, "TRY_SECONDS", 0.0)
    time.sleep(0.01)
    assert client.post("/login", data=FORM).status_code == 200
    assert client.get("/").text == "in"
    assert MOST_TRIES == 5


@pytest.mark.parametrize("cookie", ["{}", "{}=", "{}=9999999999.0", "{}=x.y", "{}=é.ü", ";;="])
def test_a_forged_cookie_opens_nothing(cookie: str) -> None:
    client = small()
    name = client.post("/login", data=FORM).headers["set-cookie"].partition("=")[0]
    client.cookies.clear()
    headers = {"cookie": cookie.format(name).encode()}
    assert client.get("/", headers=headers).status_code == 401  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "others",
    [
        "{ours}; theme=dark",
        "theme=dark; {ours}",
        'session={{"user": "ben", "tabs": [1, 2]}}; {ours}',
        "a=b c; x[0]=1; {ours}",
        '"=; =; ;; @!=1; {ours}',
        "café=crème; {ours}",
        '{ours}; last="unfinished',
        "flag; {ours}",
    ],
)
def test_cookies_of_other_programs_on_this_host_do_no_harm(others: str) -> None:
    client = small()
    cookie = client.post("/login", data=FORM).headers["set-cookie"].partition(";")[0]
    client.cookies.clear()
    headers = {"cookie": others.format(ours=cookie).encode()}
    assert client.get("/", headers=headers).text == "in"  # type: ignore[arg-type]


@contextmanager
def listening(trusted_proxy: str | None) -> Iterator[str]:
    """A login behind the server as the studio runs it; gives its address."""
    app = Door(Starlette(), Password(ANNA), Entries())
    server = uvicorn.Server(server_config(app, trusted_proxy))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def wrong_logins(address: str, forwarded: Iterable[str]) -> list[int]:
    form = {**FORM, "password": "no"}
    with httpx.Client() as http:
        return [
            http.post(f"{address}/login", data=form, headers={"x-forwarded-for": each}).status_code
            for each in forwarded
        ]


def test_nobody_escapes_the_wait_by_saying_that_they_are_someone_else() -> None:
    with listening(None) as address:
        found = wrong_logins(address, [f"10.0.0.{number}" for number in range(MOST_TRIES + 1)])
    assert found == [401] * MOST_TRIES + [429]


def test_a_trusted_proxy_says_who_asks() -> None:
    with listening("127.0.0.1") as address:
        assert wrong_logins(address, ["10.0.0.1"] * MOST_TRIES) == [401] * MOST_TRIES
        assert wrong_logins(address, ["10.0.0.1", "10.0.0.2"]) == [429, 401]
    with listening("10.9.9.9,192.168.7.0/24") as address:
        found = wrong_logins(address, [f"10.0.0.{number}" for number in range(MOST_TRIES + 1)])
    assert found[-1] == 429


@pytest.mark.parametrize("text", ["*", "proxy.lan", "10.0.0.1,", "10.0.0.0/99"])
def test_a_trusted_proxy_is_named_by_its_address(text: str) -> None:
    with pytest.raises(RequestError, match="--trusted-proxy"):
        server_config(Starlette(), text)


def test_the_cookie_outlives_a_restart_and_not_a_new_password(tmp_path: Path) -> None:
    kept = tmp_path / "door.json"
    cookie = small(entries=Entries(kept)).post("/login", data=FORM).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    headers = {"cookie": cookie.partition(";")[0]}
    assert small(entries=Entries(kept)).get("/", headers=headers).text == "in"
    changed = small(Credentials("anna", "another password"), Entries(kept))
    assert changed.get("/", headers=headers).status_code == 401
    assert small(entries=Entries(kept)).get("/", headers=headers).status_code == 401


def test_an_old_cookie_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    client = small()
    cookie = client.post("/login", data=FORM).headers["set-cookie"].partition(";")[0]
    assert client.get("/", headers={"cookie": cookie}).text == "in"
    later = time.time() + 31 * 24 * 3600
    monkeypatch.setattr(entries_module.time, "time", lambda: later)
    assert client.get("/", headers={"cookie": cookie}).status_code == 401


def test_a_login_is_a_user_and_a_password() -> None:
    assert read_login(None) is None
    assert read_login("none") is None
    assert read_login("anna:a:long:password") == Credentials("anna", "a:long:password")
    made = read_login("anna")
    assert made is not None
    assert made.is_made_up
    assert len(made.password) >= 16
    for wrong in ("anna:short", ":password123", ""):
        with pytest.raises(RequestError):
            read_login(wrong)


def serve_arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    serve_command.add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "studio.lan"])
def test_a_studio_for_others_does_not_start_without_saying_who_may_enter(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STUDIO_LOGIN", raising=False)
    with pytest.raises(RequestError, match="--login USER:PASSWORD"):
        serve_command.run(serve_arguments("--host", host, "--projects", str(tmp_path)))
    assert not list(tmp_path.iterdir())


def test_addresses() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "127.8.8.8")] == [
        True
    ] * 4
    assert not is_loopback("10.0.0.1")
    assert host_names("::1", "Studio.Lan, b") == ["studio.lan", "b", "[::1]"]
    assert shown_address("127.0.0.1", 7860) == "http://127.0.0.1:7860"
    assert shown_address("0.0.0.0", 1).count("0.0.0.0") == 0
