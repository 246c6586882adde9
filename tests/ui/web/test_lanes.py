"""Whoever waits for the device or for news does not hold up whoever does not."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.config import Settings
from studio.segmentation.segmenter import ImageEmbedding
from studio.service.studio import Builders, Studio
from studio.ui.api.client import Client
from studio.ui.web.answers import in_time
from studio.ui.web.lanes import DEVICE_THREADS, NEWS_THREADS, Lanes
from tests.scripted_engine import FlatSegmenter, ScriptedEngine
from tests.service.conftest import finished


class SlowSegmenter(FlatSegmenter):
    """Reads a picture only once it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.reading = 0

    def embed(self, image: Any) -> ImageEmbedding:
        self.reading += 1
        assert self.go_on.wait(30)
        return super().embed(image)


@pytest.fixture
def segmenter() -> SlowSegmenter:
    return SlowSegmenter()


@pytest.fixture
def client(tmp_path: Path, segmenter: SlowSegmenter) -> Iterator[Client]:
    engine = cast("Any", ScriptedEngine())
    builders = Builders(lambda _: engine, lambda _: cast("Any", segmenter))
    studio = Studio(Settings(projects=tmp_path / "projects"), builders)
    finished(studio.start())
    yield Client(studio)
    segmenter.go_on.set()
    studio.close()


def with_photo(client: Client) -> str:
    session = client.call("open", {})["session"]
    photo = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 30)).save(photo, "PNG")
    answer = client.call(
        "set_photo", {"session": session, "file": photo.getvalue(), "name": "a.png"}
    )
    assert answer["ok"], answer
    return session


@pytest.mark.parametrize("needs_device", [True, False])
def test_light_actions_stay_quick_while_sixty_clicks_wait_for_a_slow_device(
    client: Client, segmenter: SlowSegmenter, needs_device: bool
) -> None:
    segmenter.needs_device = needs_device
    people = [with_photo(client) for _ in range(4)]
    other = client.call("open", {})["session"]
    lanes = Lanes(client)

    async def scene() -> tuple[list[float], list[dict[str, Any]]]:
        click = {"on": "photo", "points": [[10, 10, 1]], "sequence": 1}
        clicks = [
            asyncio.ensure_future(lanes.call("segment", {"session": people[i % 4], **click}))
            for i in range(60)
        ]
        while not segmenter.reading:
            await asyncio.sleep(0.01)
        seconds: list[float] = []
        for i in range(30):
            start = time.perf_counter()
            answer = await lanes.call("set_scene", {"session": other, "caption": f"lawn {i}"})
            assert answer["ok"], answer
            seconds.append(time.perf_counter() - start)
        assert not any(each.done() for each in clicks)
        segmenter.go_on.set()
        return seconds, list(await asyncio.gather(*clicks))

    seconds, clicks = asyncio.run(scene())
    assert sorted(seconds)[28] < 0.3
    assert all(click["ok"] for click in clicks)


def test_more_polls_than_there_are_threads_hold_up_nobody(client: Client) -> None:
    people = [client.call("open", {}) for _ in range(NEWS_THREADS // 3 + 10)]
    lanes = Lanes(client)

    async def scene() -> float:
        polls: list[asyncio.Future[Any]] = []
        for person in people:
            session = person["session"]
            seen = (await lanes.call("poll", {"session": session}))["seen"]
            polls += [
                asyncio.ensure_future(
                    lanes.call("poll", {"session": session, "seen": seen, "wait": 1.0})
                )
                for _ in range(3)
            ]
        await asyncio.sleep(0.1)
        start = time.perf_counter()
        answer = await lanes.call("status", {"session": people[0]["session"]})
        assert answer["ok"]
        seconds = time.perf_counter() - start
        assert sum(not poll.done() for poll in polls) >= NEWS_THREADS
        for answer in await asyncio.gather(*polls):
            assert answer["ok"]
        return seconds

    assert asyncio.run(scene()) < 0.3


def test_one_window_does_not_fill_the_lane_of_the_device(
    client: Client, segmenter: SlowSegmenter
) -> None:
    greedy, other = with_photo(client), with_photo(client)
    lanes = Lanes(client)
    assert DEVICE_THREADS > 3

    async def scene() -> None:
        on = {"on": "photo"}
        many = [
            asyncio.ensure_future(lanes.call("embed", {"session": greedy, **on}))
            for _ in range(130)
        ]
        while not segmenter.reading:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0)
        refused = [each.result() for each in many if each.done()]
        assert len(refused) == 30
        assert refused[0]["kind"] == "SessionError"
        segmenter.go_on.set()
        assert (await lanes.call("embed", {"session": other, **on}))["ok"]
        assert sum(answer["ok"] for answer in await asyncio.gather(*many)) == 100

    asyncio.run(scene())


def test_an_answer_that_takes_long_keeps_its_connection_alive_and_is_still_json(
    client: Client,
) -> None:
    lanes = Lanes(client)

    async def slow(request: Request) -> Response:
        async def work() -> dict[str, Any]:
            await asyncio.sleep(float(request.query_params["seconds"]))
            return {"ok": True, "caption": "红灯笼"}

        return await in_time(work(), lanes, beat=0.05)

    http = TestClient(Starlette(routes=[Route("/", slow)]))
    quick, late = http.get("/?seconds=0"), http.get("/?seconds=0.3")
    assert quick.content.startswith(b"{")
    assert late.content.startswith(b"   ")
    assert quick.json() == late.json() == {"ok": True, "caption": "红灯笼"}
    assert late.headers["content-type"] == "application/json"
