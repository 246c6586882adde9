"""Fixtures: a server for all browser tests, a browser, and a new person for each test."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.browser.hands import HOME, Hands, Open, Server

SMALL = {"width": 1440, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> str | None:
    """The embedded model; a random model of its layout where it is not built yet."""
    if (HOME / "weights" / "mini" / "model_index.json").exists():
        return None
    from tests.tiny_models import tiny_base

    folder = tiny_base(tmp_path_factory.mktemp("base"))
    advice = {"name": "tiny", "width": 256, "height": 256, "steps": 8, "draft_steps": 4}
    (folder / "recommended.json").write_text(json.dumps(advice))
    return str(folder)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, base: str | None) -> Iterator[Server]:
    """STUDIO_TEST_ADDRESS names one that runs already."""
    running = Server(tmp_path_factory.mktemp("studio"), base)
    given = os.environ.get("STUDIO_TEST_ADDRESS")
    if given:
        running.address = given
    else:
        running.start()
    yield running
    running.stop()


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


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Open]:
    """Open the studio as a new person; at the end nobody may have complained."""
    contexts: list[BrowserContext] = []
    everyone: list[Hands] = []

    def open_page(address: str | None = None, fragment: str = "", **options: Any) -> Hands:
        settings: dict[str, Any] = {"viewport": SMALL, "locale": "en-US", **options}
        context = browser.new_context(**settings)
        contexts.append(context)
        hands = Hands(context.new_page(), address or server.address)
        everyone.append(hands)
        return hands.open(fragment)

    yield open_page
    complaints = [text for hands in everyone for text in hands.complaints]
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def person(visit: Open) -> Hands:
    return visit()
