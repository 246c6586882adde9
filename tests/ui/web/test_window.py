"""The page in a window of its own, where a browser can show one."""

from __future__ import annotations

import http.server
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.ui.web.window import NO_BROWSER, find_window_browser, is_open, open_window

ADDRESS = "http://127.0.0.1:7860/#example"
scripts = pytest.mark.skipif(os.name == "nt", reason="the stand-in for a browser is a script")


def browser(tmp_path: Path, then: str) -> Path:
    """Notes what it is asked for, then does as told."""
    program = tmp_path / "chrome"
    program.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/asked"\n{then}\n')
    program.chmod(0o755)
    return program


@scripts
@pytest.mark.parametrize("then", ["exec sleep 5", "exit 0"], ids=["new", "open already"])
def test_a_browser_of_the_chrome_family_shows_the_page_as_an_app(tmp_path: Path, then: str) -> None:
    said: list[str] = []
    pages: list[str] = []
    open_window(ADDRESS, str(browser(tmp_path, then)), said.append, pages.append)
    end = time.monotonic() + 10
    while not (tmp_path / "asked").exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert (tmp_path / "asked").read_text() == f"--app={ADDRESS}\n"
    assert (said, pages) == ([], [])


@scripts
def test_a_browser_that_refuses_is_replaced_by_the_usual_one(tmp_path: Path) -> None:
    said: list[str] = []
    pages: list[str] = []
    open_window(ADDRESS, str(browser(tmp_path, "exit 1")), said.append, pages.append)
    assert pages == [ADDRESS]
    assert "opened no window" in said[0]


def test_without_such_a_browser_the_usual_one_opens_and_the_user_is_told_why() -> None:
    said: list[str] = []
    pages: list[str] = []
    open_window(ADDRESS, None, said.append, pages.append)
    assert (said, pages) == ([NO_BROWSER], [ADDRESS])


@scripts
def test_edge_and_brave_serve_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("brave-browser", "microsoft-edge"):
        program = tmp_path / name
        program.touch(mode=0o755)
        assert find_window_browser({}) == str(program)


def test_a_chrome_of_one_windows_user_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert find_window_browser({"LOCALAPPDATA": str(tmp_path)}) is None
    chrome = tmp_path / "Google" / "Chrome" / "Application" / "chrome.exe"
    chrome.parent.mkdir(parents=True)
    chrome.touch()
    found = find_window_browser({"LOCALAPPDATA": str(tmp_path)})
    assert found is not None
    assert Path(found) == chrome


@pytest.fixture
def site() -> Iterator[http.server.HTTPServer]:
    """A web server that gives one page to everybody."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server = self.server
            self.send_response(server.status)  # pyright: ignore[reportAttributeAccessIssue]
            self.end_headers()
            self.wfile.write(server.page)  # pyright: ignore[reportAttributeAccessIssue]

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "page", "is_ours"),
    [
        (200, b"<title>Seg2Any Studio</title>", True),
        (401, b"<title>Seg2Any Studio</title>", True),
        (200, b"<title>Another program</title>", False),
    ],
)
def test_a_studio_that_is_open_already_is_known(
    site: http.server.HTTPServer, status: int, page: bytes, is_ours: bool
) -> None:
    site.status, site.page = status, page  # type: ignore[attr-defined]
    assert is_open(f"http://127.0.0.1:{site.server_port}/") is is_ours


def test_nothing_is_open_where_nobody_listens() -> None:
    assert not is_open("http://127.0.0.1:9/")
