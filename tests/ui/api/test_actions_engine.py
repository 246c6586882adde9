"""The same actions on a real engine: random weights at tiny size, and the embedded model."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.config import HOME, Settings
from studio.engine.engine import Engine
from studio.files.limits import Limits
from studio.files.picture_decoder import decode_picture
from studio.service.studio import Builders, Studio
from studio.ui.api.client import Client
from studio.wiring import load_engine
from tests.scripted_engine import FlatSegmenter
from tests.service.conftest import finished
from tests.ui.conftest import Page

MINI = HOME / "weights" / "mini"


@pytest.fixture
def page(tmp_path: Path, tiny: Engine) -> Iterator[Page]:
    yield from page_on(tmp_path, tiny)


def page_on(folder: Path, engine: Engine) -> Iterator[Page]:
    builders = Builders(lambda _: engine, lambda _: FlatSegmenter())
    studio = Studio(Settings(projects=folder / "projects"), builders)
    job = finished(studio.start())
    assert job.state == "done", job.error
    try:
        yield Page(Client(studio))
    finally:
        studio.close()


def picture(page: Page, node: str) -> Image.Image:
    nodes = page.ask("history")["history"]["nodes"]
    reference = next(each for each in nodes if each["id"] == node)["images"][0]
    content = base64.b64decode(page.ask("file", ref=reference)["data"])
    return decode_picture(content, Limits(smallest_side=1))


def two_regions(page: Page) -> tuple[str, str]:
    page.ask("set_scene", caption="a b c")
    return page.draw(0, 32, 64, 64, "a b"), page.draw(16, 16, 48, 48, "c")


def test_an_edit_costs_what_it_must_and_no_more(page: Page) -> None:
    _, ball = two_regions(page)
    first = page.finish(page.ask("render"))
    assert first["summary"].startswith("0 of 3 captions cached, contour ")
    page.ask("set_sampling", gamma=0.3, seed=3)
    assert "3 of 3 captions cached, contour cached" in page.finish(page.ask("render"))["summary"]
    page.ask("set_region", region=ball, caption="b")
    assert "2 of 3 captions cached, contour cached" in page.finish(page.ask("render"))["summary"]
    page.ask("change_mask", region=ball, op="grow", pixels=2)
    summary = page.finish(page.ask("render"))["summary"]
    assert "3 of 3 captions cached, contour " in summary
    assert "contour cached" not in summary


def test_the_page_and_the_engine_make_the_same_picture(page: Page, tiny: Engine) -> None:
    two_regions(page)
    node = page.render()
    session = page.client.studio.store.enter(page.session)[1]
    alone = tiny.render(session.document.request).images[0]
    assert np.array_equal(np.asarray(picture(page, node)), np.asarray(alone))


def test_the_model_view_counts_the_tokens_that_are_rendered(page: Page, tiny: Engine) -> None:
    two_regions(page)
    view = page.ask("model_view")
    session = page.client.studio.store.enter(page.session)[1]
    layout = tiny.prepare(session.document.request).positive.layout
    assert view["columns"] * view["rows"] == layout.image
    assert len(view["contour"]) == layout.contour


def test_previews_drafts_and_strips_come_from_the_real_steps(page: Page) -> None:
    two_regions(page)
    page.ask("set_sampling", steps=4)
    started = page.ask("render")
    job = page.finish(started)
    assert (job["step"], job["steps"]) == (4, 4)
    assert picture(page, page.render("draft")).size == (32, 32)
    done = page.finish(page.ask("strip", gammas=[0.1, 1.0]))
    assert done["state"] == "done", done["error"]


def test_a_render_is_stopped_between_steps(page: Page) -> None:
    two_regions(page)
    page.ask("set_sampling", steps=400)
    started = page.ask("render")
    seen = 0
    while True:
        news = page.ask("poll", seen=seen, wait=5)
        seen = news["seen"]
        if news["jobs"][0]["step"] >= 1:
            break
    page.ask("cancel")
    job = page.finish(started)
    assert job["state"] == "cancelled"
    assert 1 <= job["step"] < 400


@pytest.fixture
def mini_page(tmp_path: Path) -> Iterator[Page]:
    yield from page_on(tmp_path, load_engine(device="cpu", dtype="float32"))


@pytest.mark.slow
@pytest.mark.skipif(
    not (MINI / "model_index.json").is_file(), reason="the embedded model is not in weights/mini"
)
def test_the_embedded_model_draws_the_scene_in_its_colours(mini_page: Page) -> None:
    page = mini_page
    width, height = page.document["width"], page.document["height"]
    page.ask("set_scene", caption="a red ball on green grass")
    page.draw(0, 0, width, height, "green grass")
    page.draw(width // 4, height // 4, 3 * width // 4, 3 * height // 4, "a red ball")
    image = picture(page, page.render("draft", seconds=300))
    pixels = np.asarray(image, np.float32)
    rows, columns = pixels.shape[0] // 3, pixels.shape[1] // 3
    middle = pixels[rows : 2 * rows, columns : 2 * columns].mean(axis=(0, 1))
    corner = pixels[: rows // 2, : columns // 2].mean(axis=(0, 1))
    assert middle[0] > middle[1], f"the ball is not red: {middle}"
    assert corner[1] > corner[0], f"the grass is not green: {corner}"


def test_the_examples_come_with_the_strips_that_the_embedded_model_makes(mini_page: Page) -> None:
    page = mini_page
    sketches = [one["id"] for one in page.ask("examples")["examples"] if one["kind"] == "sketch"]
    assert len(sketches) >= 6
    for example in sketches:
        strips = page.ask("open_example", id=example)["strips"]
        assert strips, f"{example} lacks its strip: python -m scripts.example_pictures {example}"
        assert strips[0]["done"]
        gammas = [item["gamma"] for item in strips[0]["items"]]
        assert gammas == sorted(gammas)
        assert len(gammas) >= 5
        width, height = page.document["width"], page.document["height"]
        for item in strips[0]["items"]:
            served = page.client.read_file(page.session, item["image"])
            assert Image.open(io.BytesIO(served.content)).size == (width, height)


def test_another_model_does_not_show_the_strips_of_the_embedded_one(page: Page) -> None:
    assert page.ask("open_example", id="gamma")["strips"] == []
