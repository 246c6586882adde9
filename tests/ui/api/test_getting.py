"""Getting models as the page asks for it."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.config import Settings
from studio.inventory.getting.hub import Hub
from studio.inventory.getting.model import PUBLISHED
from studio.service.studio import Builders, Studio
from studio.ui.api.client import Client
from tests.hub_server import TOKEN, LoopbackHub, running
from tests.scripted_engine import FlatSegmenter, ScriptedEngine
from tests.service.conftest import finished, until
from tests.ui.conftest import Page

NAME = "sam2.1-hiera-tiny"
WEIGHTS = random.Random(1).randbytes(300_000)


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    files = {"config.json": b"{}", "model.safetensors": WEIGHTS}
    with running(LoopbackHub({f"facebook/{NAME}": files})) as hub:
        yield hub


@pytest.fixture
def page(hub: LoopbackHub, tmp_path: Path) -> Iterator[Page]:
    settings = Settings(projects=tmp_path / "projects", weights=tmp_path / "weights")
    studio = Studio(settings, Builders(lambda _: ScriptedEngine(), lambda _: FlatSegmenter()))
    studio.downloads.hub = Hub(hub.address)
    finished(studio.start())
    yield Page(Client(studio))
    studio.close()


def view(page: Page, name: str = NAME) -> dict[str, Any]:
    (found,) = [each for each in page.ask("models")["models"] if each["name"] == name]
    return found


def test_all_that_is_published_is_listed_with_size_and_licence(
    page: Page, hub: LoopbackHub
) -> None:
    answer = page.ask("models")

    assert [each["name"] for each in answer["models"]] == [known.name for known in PUBLISHED]
    assert view(page) == {
        "name": NAME,
        "kind": "segmenter",
        "gigabytes": 0.16,
        "licence": "Apache-2.0",
        "gated": False,
        "page": f"{hub.address}/facebook/{NAME}",
        "folder": NAME,
        "ready": False,
        "state": None,
        "phase": None,
        "done": 0,
        "total": 160_000_000,
        "seconds_left": None,
        "error": None,
        "wants_token": False,
    }
    assert answer["free"] > 0
    assert answer["active"] is False


def test_a_model_is_fetched_paused_and_found(page: Page, hub: LoopbackHub, tmp_path: Path) -> None:
    hub.piece, hub.pace = 10_000, 0.02
    assert page.ask("get_model", name=NAME)["active"] is True
    until(lambda: view(page)["done"] > 10)
    page.ask("pause_model", name=NAME)
    until(lambda: view(page)["state"] == "paused")
    assert not view(page)["ready"]
    hub.pace = 0

    page.ask("get_model", name=NAME)
    until(lambda: view(page)["ready"])

    assert view(page)["done"] == view(page)["total"] == len(WEIGHTS) + 2
    assert (tmp_path / "weights" / NAME / "model.safetensors").read_bytes() == WEIGHTS
    assert page.ask("settings")["found"]["segmenters"][1]["ready"]


def test_what_an_earlier_studio_left_is_shown_as_paused(page: Page, tmp_path: Path) -> None:
    kept = tmp_path / "weights" / NAME / ".cache" / "get" / NAME
    kept.mkdir(parents=True)
    (kept / "model.safetensors.0123.incomplete").write_bytes(bytes(1000))

    assert (view(page)["state"], view(page)["done"]) == ("paused", 1000)


def test_a_refusal_is_a_sentence_that_can_be_said_in_another_language(
    page: Page, hub: LoopbackHub
) -> None:
    hub.gated = {f"facebook/{NAME}": {TOKEN}}
    page.ask("get_model", name=NAME)
    until(lambda: view(page)["state"] == "failed")

    answer = page.client.call("models", {"session": page.session})
    error = next(each for each in answer["models"] if each["name"] == NAME)["error"]
    assert view(page)["wants_token"]
    assert answer["said"][error][0].startswith("{name} is gated: open {page}")


def test_a_token_that_the_hub_does_not_know_is_refused_and_nowhere_repeated(
    page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    refusal = page.refused("give_token", token="hf_secret_of_anna")

    assert refusal["kind"] == "HubError"
    assert "The hub does not know this token" in refusal["error"]
    assert "hf_secret_of_anna" not in caplog.text + str(refusal)


def test_an_unknown_model_is_refused(page: Page) -> None:
    assert page.refused("get_model", name="sam9")["kind"] == "BadInput"


def test_a_download_does_not_hold_up_the_device(page: Page, hub: LoopbackHub) -> None:
    hub.piece, hub.pace = 1_000, 0.05
    page.ask("get_model", name=NAME)
    until(lambda: view(page)["state"] == "running")
    page.draw(16, 12, 44, 36, "a red ball")

    assert page.render()
    assert view(page)["state"] == "running"
