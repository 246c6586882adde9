"""Fixtures: servers that all workers share, a browser, and a new person for each test."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from tests.browser.hands import Hands, Open, Server
from tests.tiny_models import tiny_base

SMALL = {"width": 1440, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A random model of the embedded one's layout: for whatever does not look at the picture."""
    folder = tiny_base(tmp_path_factory.mktemp("base"))
    advice = {"name": "tiny", "width": 256, "height": 256, "steps": 4, "draft_steps": 2}
    (folder / "recommended.json").write_text(json.dumps(advice))
    return str(folder)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, base: str) -> Iterator[Server]:
    """A studio on the random model. STUDIO_TEST_ADDRESS names one that runs already."""
    with shared_server(tmp_path_factory, "tiny", base) as running:
        yield running


@pytest.fixture(scope="session")
def painter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A studio on the embedded model: for what is seen in the picture."""
    with shared_server(tmp_path_factory, "mini", None) as running:
        yield running


@contextmanager
def shared_server(factory: pytest.TempPathFactory, name: str, base: str | None) -> Iterator[Server]:
    """The first worker that needs it starts it, and ends it when the last one has gone."""
    given = os.environ.get("STUDIO_TEST_ADDRESS")
    if given:
        yield Server(factory.mktemp(name), base, given)
        return
    is_alone = "PYTEST_XDIST_WORKER" not in os.environ
    folder = factory.getbasetemp() if is_alone else factory.getbasetemp().parent
    folder = folder / f"server-{name}"
    folder.mkdir(exist_ok=True)
    note, lock = folder / "running.json", FileLock(folder / "lock")
    running = Server(folder, base)
    with lock:
        if not note.exists():
            note.write_text(json.dumps({"address": running.start().address, "users": 0}))
        running.address = json.loads(note.read_text())["address"]
        _count(note, 1)
    yield running
    with lock:
        _count(note, -1)
    deadline = time.monotonic() + 600
    while running.process and time.monotonic() < deadline:
        with lock:
            if not _count(note, 0):
                note.unlink()  # whoever comes now starts another
                break
        time.sleep(0.2)
    running.stop()


def _count(note: Path, change: int) -> int:
    """How many workers use the server; the lock is held."""
    known = json.loads(note.read_text())
    known["users"] += change
    note.write_text(json.dumps(known))
    return known["users"]


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    found = os.environ.get("STUDIO_TEST_BROWSER")
    if found is None:
        import launch

        found = launch.find_browser()
    opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
    yield opened
    opened.close()


class Tabs:
    """Tabs of browsers that remember nobody.

    A fresh browser reads and compiles all of Gradio's scripts, so one that a test has left is
    given to the next person who wants the same, without its cookies, storage, routes and pointer.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._left: list[tuple[dict[str, Any], Page]] = []

    def take(self, options: dict[str, Any], *, is_fresh: bool = False) -> Page:
        for known in self._left:
            if known[0] == options and not is_fresh:
                self._left.remove(known)
                return known[1]
        return self._browser.new_context(**options).new_page()

    def leave(self, options: dict[str, Any], page: Page) -> None:
        """Forget who was here; a browser that is not well is closed."""
        try:
            page.unroute_all(behavior="wait")
            page.mouse.move(0, 0)
            page.evaluate("localStorage.clear(), sessionStorage.clear()")
            page.goto("about:blank")
            page.context.clear_cookies()
        except Error:
            page.context.close()
            return
        self._left.append((options, page))


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Tabs:
    return Tabs(browser)


@pytest.fixture
def visit(request: pytest.FixtureRequest, tabs: Tabs) -> Iterator[Open]:
    """Open the studio as a new person; at the end nobody may have complained.

    Tests marked `painted` meet the embedded model, all others the random one.
    """
    is_painted = request.node.get_closest_marker("painted") is not None
    server: Server = request.getfixturevalue("painter" if is_painted else "server")
    everyone: list[tuple[dict[str, Any], Hands]] = []

    def open_page(
        address: str | None = None, fragment: str = "", *, is_fresh: bool = False, **options: Any
    ) -> Hands:
        settings: dict[str, Any] = {"viewport": SMALL, "locale": "en-US", **options}
        hands = Hands(tabs.take(settings, is_fresh=is_fresh), address or server.address)
        everyone.append((settings, hands))
        return hands.open(fragment)

    yield open_page
    complaints = [text for _, hands in everyone for text in hands.complaints]
    for settings, hands in everyone:
        hands.let_go()
        tabs.leave(settings, hands.page)
    assert complaints == []


@pytest.fixture
def person(visit: Open) -> Hands:
    return visit()
