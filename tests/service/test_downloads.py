"""Downloads run beside the device: they wait for each other, are paused, and go on."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.inventory.getting.hub import Hub
from studio.service.downloads import Downloads
from tests.hub_server import TOKEN, LoopbackHub, running
from tests.service.conftest import until

TINY, SMALL = "sam2.1-hiera-tiny", "sam2.1-hiera-small"
WEIGHTS = random.Random(1).randbytes(400_000)


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    files = {"config.json": b"{}", "model.safetensors": WEIGHTS}
    with running(LoopbackHub({f"facebook/{name}": dict(files) for name in (TINY, SMALL)})) as hub:
        yield hub


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def downloads(hub: LoopbackHub, tmp_path: Path, told: list[str]) -> Iterator[Downloads]:
    made = Downloads(tmp_path, lambda: told.append("told"), Hub(hub.address))
    yield made
    made.close()


def test_a_download_ends_whole_and_tells_so(
    downloads: Downloads, tmp_path: Path, told: list[str]
) -> None:
    download = downloads.start(TINY)
    until(lambda: download.has_ended)

    assert (download.state, download.error) == ("done", None)
    assert (tmp_path / TINY / "model.safetensors").read_bytes() == WEIGHTS
    until(lambda: told == ["told"])
    assert not downloads.are_active


def test_a_paused_download_goes_on(hub: LoopbackHub, downloads: Downloads, tmp_path: Path) -> None:
    hub.piece, hub.pace = 10_000, 0.02
    first = downloads.start(TINY)
    until(lambda: any(part.stat().st_size for part in tmp_path.rglob("model*.incomplete")))
    downloads.pause(TINY)
    until(lambda: first.has_ended)
    assert first.state == "paused"
    hub.pace = 0

    second = downloads.start(TINY)
    until(lambda: second.has_ended)

    assert second.state == "done"
    assert (tmp_path / TINY / "model.safetensors").read_bytes() == WEIGHTS
    assert any(asked for _, asked, _ in hub.sent), "it began anew"


def test_a_second_press_finds_the_same_download(hub: LoopbackHub, downloads: Downloads) -> None:
    hub.piece, hub.pace = 10_000, 0.02

    assert downloads.start(TINY) is downloads.start(TINY.upper())


def test_one_runs_and_the_other_waits_for_it(hub: LoopbackHub, downloads: Downloads) -> None:
    hub.piece, hub.pace = 10_000, 0.02
    first = downloads.start(TINY)
    until(lambda: first.state == "running")
    second = downloads.start(SMALL)

    assert second.state == "waiting"
    downloads.pause(SMALL)
    until(lambda: second.has_ended)
    assert (second.state, first.state) == ("paused", "running")
    third = downloads.start(SMALL)
    hub.pace = 0
    until(lambda: third.has_ended)
    assert (first.state, third.state) == ("done", "done")


def test_what_is_refused_is_said_and_the_next_goes_on(
    hub: LoopbackHub, downloads: Downloads
) -> None:
    hub.wrong = {"model.safetensors"}
    failed = downloads.start(TINY)
    until(lambda: failed.has_ended)
    assert failed.state == "failed"
    assert "another digest" in str(failed.error)
    assert not failed.wants_token
    hub.wrong = set()

    done = downloads.start(TINY)
    until(lambda: done.has_ended)
    assert done.state == "done"


def test_gated_weights_ask_for_a_token(hub: LoopbackHub, downloads: Downloads) -> None:
    hub.gated = {f"facebook/{TINY}": {TOKEN}}
    refused = downloads.start(TINY)
    until(lambda: refused.has_ended)

    assert refused.wants_token
    assert "is gated" in str(refused.error)


def test_closing_pauses_what_runs_and_leaves_no_thread(
    hub: LoopbackHub, downloads: Downloads
) -> None:
    hub.piece, hub.pace = 10_000, 0.02
    download = downloads.start(TINY)
    waiting = downloads.start(SMALL)
    until(lambda: download.progress.done > 0)

    downloads.close()

    assert (download.state, waiting.state) == ("paused", "paused")
    assert not [each for each in threading.enumerate() if each.name.startswith("get ")]
