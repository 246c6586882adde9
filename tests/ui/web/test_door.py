"""A studio on this machine alone: the address of this start opens it, and nothing else does."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.ui.web import entries as entries_module
from studio.ui.web.door import Door, entry_of
from studio.ui.web.entries import MOST_ENTRIES, Entries, entries_file
from studio.ui.web.guard import Guard
from studio.ui.web.login import StartToken
from studio.ui.web.opened import noted, read_note
from studio.ui.web.prefix import Prefix
from studio.ui.web.way import Way

PAGE = {"accept": "text/html,*/*"}


def who(request: Request) -> PlainTextResponse:
    entry = entry_of(request.scope)
    return PlainTextResponse(f"in as {entry.identity if entry else 'a script'}")


def opened(lock: StartToken, entries: Entries | None = None, prefix: str = "") -> TestClient:
    """A door with a page behind it."""
    app = Door(Starlette(routes=[Route("/{rest:path}", who)]), lock, entries or Entries())
    app = Prefix(app, prefix) if prefix else app
    return TestClient(Guard(app), base_url="http://127.0.0.1:7860", follow_redirects=False)


def test_the_address_of_this_start_lets_a_browser_in_and_the_token_leaves_the_address() -> None:
    lock = StartToken()
    client = opened(lock)
    assert client.get("/").status_code == 401
    taken = client.get(f"/?token={lock.token}&a=b", headers=PAGE)
    assert (taken.status_code, taken.headers["location"]) == (303, "./?a=b")
    cookie = taken.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie  # it came over plain http
    assert lock.token not in cookie
    assert client.get("/").text.startswith("in as ")
    assert client.get("/studio/file/a/b").status_code == 200


def test_each_start_has_a_token_of_its_own() -> None:
    tokens = {StartToken().token for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 32


@pytest.mark.parametrize("token", ["", "x", "None", "%00", "%ff%fe", "é" * 5000, "a&token=b"])
def test_another_token_opens_nothing(token: str) -> None:
    client = opened(StartToken())
    answer = client.get(f"/?token={token}", headers=PAGE)
    assert answer.status_code == 401
    assert "This address is of an earlier start of the studio." in answer.text
    assert "set-cookie" not in answer.headers
    for header in (f"token {token}", token, "Bearer", "Basic x"):
        bytes_ = {"authorization": header.encode()}
        assert client.get("/config", headers=bytes_).status_code == 401  # type: ignore[arg-type]


def test_a_stranger_is_told_where_the_address_is_and_may_paste_it() -> None:
    lock = StartToken()
    client = opened(lock)
    page = client.get("/", headers=PAGE)
    assert page.status_code == 401
    assert "in its terminal" in page.text
    assert "http://127.0.0.1:7860/?token=…" in page.text
    assert lock.token not in page.text
    chinese = client.get("/", headers={**PAGE, "accept-language": "zh-CN"}).text
    assert "令牌" in chinese
    pasted = {"token": f" http://127.0.0.1:7860/?token={lock.token}#example "}
    entered = client.post("/login", data=pasted, headers=PAGE)
    assert (entered.status_code, entered.headers["location"]) == (303, "./")
    assert client.get("/").text.startswith("in as ")


def test_programs_get_a_sentence_and_send_the_token_with_each_request() -> None:
    lock = StartToken()
    client = opened(lock)
    refused = client.post("/gradio_api/run/open", json={})
    assert refused.status_code == 401
    assert refused.text == "Send the token that the studio showed when it started."
    headers = {"authorization": f"token {lock.token}"}
    assert client.get("/", headers=headers).text == "in as a script"
    assert client.get("/").status_code == 401  # it left nothing behind


def test_an_open_tab_survives_a_restart_whose_token_is_another(tmp_path: Path) -> None:
    file = entries_file(tmp_path)
    first = StartToken()
    client = opened(first, Entries(file))
    cookie = client.get(f"/?token={first.token}").headers["set-cookie"].partition(";")[0]
    again = opened(StartToken(), Entries(file))
    assert again.get("/", headers={"cookie": cookie}).status_code == 200
    stale = again.get(f"/?token={first.token}", headers={"cookie": cookie})
    assert stale.status_code == 303  # from a bookmark; the cookie is good
    assert "set-cookie" not in stale.headers


def test_what_is_kept_opens_nothing_and_is_for_this_user_alone(tmp_path: Path) -> None:
    lock = StartToken()
    client = opened(lock, Entries(entries_file(tmp_path)))
    cookie = client.get(f"/?token={lock.token}").headers["set-cookie"].partition(";")[0]
    kept = entries_file(tmp_path).read_text()
    assert cookie.partition("=")[2] not in kept
    assert lock.token not in kept
    if os.name == "posix":
        assert entries_file(tmp_path).stat().st_mode & 0o777 == 0o600
    for digest in re.findall(r'"digest": "(\w+)"', kept):
        name = cookie.partition("=")[0]
        headers = {"cookie": f"{name}={digest}"}
        assert opened(lock, Entries(entries_file(tmp_path))).get("/", headers=headers).is_error


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "null", "\0" * 100),
        '{"name": "../x", "lock": {}, "entries": []}',
        '{"entries": [1]}',
        '{"name": "a", "lock": {}, "entries": [{"digest": 1}]}',
    ],
)
def test_a_damaged_file_lets_nobody_in_and_is_written_anew(tmp_path: Path, content: str) -> None:
    file = entries_file(tmp_path)
    file.write_text(content)
    lock = StartToken()
    client = opened(lock, Entries(file))
    assert client.get("/").status_code == 401
    assert client.get(f"/?token={lock.token}").status_code == 303
    assert len(json.loads(file.read_text())["entries"]) == 1


def test_at_most_so_many_are_in_and_whoever_was_away_longest_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = Entries()
    clock = [1000.0]
    monkeypatch.setattr(entries_module.time, "time", lambda: clock[0])
    secrets = []
    for _ in range(MOST_ENTRIES):
        secrets.append(entries.add("127.0.0.1", "a browser"))
        clock[0] += 1
    assert entries.find(secrets[0]) is not None  # has just been seen
    clock[0] += 1
    secrets.append(entries.add("127.0.0.1", "one more"))
    assert len(entries.all()) == MOST_ENTRIES
    assert entries.find(secrets[0]) is not None
    assert entries.find(secrets[1]) is None


def test_what_a_browser_says_of_itself_is_one_short_line() -> None:
    entries = Entries()
    entries.add("127.0.0.1", "Fire\nfox\x1b[31m" + "x" * 5000)
    assert len(entries.all()[0].browser) == 120
    assert entries.all()[0].browser.isprintable()


def test_the_cookie_lasts_anew_each_time_the_page_is_opened() -> None:
    lock = StartToken()
    client = opened(lock)
    client.get(f"/?token={lock.token}")
    again = client.get("/").headers["set-cookie"]
    assert f"Max-Age={entries_module.ENTRY_SECONDS}" in again
    assert "set-cookie" not in client.get("/config").headers


def test_a_link_of_another_page_asks_once_more_so_that_the_browser_sends_its_cookie() -> None:
    client = opened(StartToken())
    foreign = {**PAGE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    answer = client.get("/", headers=foreign)
    assert answer.status_code == 401
    assert "location.replace" in answer.text
    own = client.get("/", headers={**PAGE, "sec-fetch-site": "same-origin"})
    assert 'name="token"' in own.text


def test_beneath_a_path_of_its_own_the_token_the_cookie_and_the_form_know_it() -> None:
    lock = StartToken()
    client = opened(lock, prefix="/studio")
    assert 'action="/studio/login"' in client.get("/studio/", headers=PAGE).text
    sent_on = client.get(f"/studio?token={lock.token}")
    assert sent_on.headers["location"] == f"/studio/?token={lock.token}"
    taken = client.get(f"/studio/?token={lock.token}")
    assert taken.headers["location"] == "./"
    assert "; Path=/studio;" in taken.headers["set-cookie"]
    assert client.get("/studio/config").status_code == 200
    assert client.get("/config").status_code == 404
    assert client.get("/studioconfig").status_code == 404


def test_the_printed_address_opens_the_page() -> None:
    lock = StartToken("t")
    here = "http://127.0.0.1:7860"
    assert Way(lock=lock).entrance(here, "#example") == f"{here}/?token=t#example"
    assert Way(lock=lock, prefix="/studio").entrance(here) == f"{here}/studio/?token=t"
    assert Way().entrance(here) == here
    assert Way().entrance(here, "#example") == f"{here}/#example"
    assert Way(prefix="/studio").entrance(here) == f"{here}/studio/"


def test_a_second_start_finds_the_address_while_the_first_runs(tmp_path: Path) -> None:
    with noted(tmp_path, "http://127.0.0.1:7860/?token=t"):
        assert read_note(tmp_path) == "http://127.0.0.1:7860/?token=t"
        if os.name == "posix":
            assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]
    assert read_note(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_an_entry_that_nobody_used_for_a_month_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = Entries()
    secret = entries.add("127.0.0.1", "")
    later = time.time() + 31 * 24 * 3600
    monkeypatch.setattr(entries_module.time, "time", lambda: later)
    assert entries.all() == []
    assert entries.find(secret) is None
