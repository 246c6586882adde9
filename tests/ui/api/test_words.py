"""Find, similar, captions, worlds and layouts, as the page asks for them."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from studio.scene.geometry import Extent
from studio.scene.run_lengths import pixels_of
from studio.ui.api.client import Client
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import open_studio
from tests.ui.conftest import Page

BALLS = ((6, 6), (36, 6), (6, 28))  # left, top of the red ones; 14 pixels wide
EXTENT = Extent(64, 48)


def photo() -> bytes:
    """Three red boxes and a blue one on grey."""
    pixels = np.full((48, 64, 3), 150, np.uint8)
    for left, top in BALLS:
        pixels[top : top + 14, left : left + 14] = (200, 30, 30)
    pixels[28:42, 42:56] = (30, 60, 200)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One photo for all tests, so that it is looked at once."""
    studio = open_studio(tmp_path_factory.mktemp("words"), ScriptedEngine())
    page = Page(Client(studio))
    page.ask("set_photo", file=photo())
    yield page
    studio.close()


@pytest.fixture
def page(shared: Page) -> Page:
    shared.ask("clear_regions")
    return shared


def test_a_word_finds_shapes_and_changes_nothing(page: Page) -> None:
    revision = page.document["revision"]

    job = page.finish(page.ask("find", on="photo", words="red"))

    assert job["by"] == "measured"
    assert len(job["found"]) == 3
    assert all(each["caption"] == "red" and 0.5 < each["score"] <= 1 for each in job["found"])
    assert page.ask("document")["document"]["revision"] == revision


def test_what_is_a_region_already_is_left_out(page: Page) -> None:
    page.draw(*BALLS[0], BALLS[0][0] + 14, BALLS[0][1] + 14)

    assert len(page.finish(page.ask("find", on="photo", words="red"))["found"]) == 2
    page.ask("clear_regions")
    page.draw(42, 28, 56, 42)
    job = page.finish(page.ask("find", on="photo", words="blue"))
    assert (job["state"], job["error"]) == ("failed", "All that was found is a region already.")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("yellow", "Nothing that looks like 'yellow' was found in the picture."),
        ("yelow", "Did you mean 'yellow'?"),
        ("teaspoon", "knows colours and materials, not 'teaspoon'"),
    ],
)
def test_words_that_find_nothing_are_told(page: Page, words: str, told: str) -> None:
    job = page.finish(page.ask("find", on="photo", words=words))

    assert job["state"] == "failed"
    assert told in job["error"]


def test_no_words_and_no_photo_are_refused(page: Page) -> None:
    assert "Say what to find" in page.refused("find", on="photo", words=" ")["error"]
    page.ask("remove_photo")
    assert "no photo" in page.refused("find", on="photo", words="red")["error"]
    page.ask("undo")


def test_a_region_finds_the_others_like_it_with_its_caption(page: Page) -> None:
    region = page.draw(6, 6, 20, 20, "a red brick")

    found = page.finish(page.ask("similar", on="photo", region=region))["found"]

    corners = sorted(tuple(each["shape"]["box"][:2]) for each in found)
    assert corners == [(6, 28), (36, 6)]
    assert {each["caption"] for each in found} == {"a red brick"}


def test_all_that_was_found_becomes_regions_in_one_step(page: Page) -> None:
    found = page.finish(page.ask("find", on="photo", words="red"))["found"]

    regions = [{"shape": each["shape"], "caption": each["caption"]} for each in found]
    page.ask("add_regions", regions=regions)

    assert [each["caption"] for each in page.document["regions"]] == ["red"] * 3
    page.ask("undo")
    assert page.document["regions"] == []


def test_regions_come_below_or_instead_of_those_that_are_there(page: Page) -> None:
    page.draw(0, 0, 8, 8, "old")
    new = [{"shape": {"box": [8, 8, 16, 16], "counts": [0, 64]}, "caption": name} for name in "ab"]

    page.ask("add_regions", regions=new, place="below")
    assert [each["caption"] for each in page.document["regions"]] == ["a", "b", "old"]
    page.ask("add_regions", regions=new, place="instead", caption="a scene")
    assert [each["caption"] for each in page.document["regions"]] == ["a", "b"]
    assert page.document["caption"] == "a scene"
    empty = [{"shape": {"box": None, "counts": []}}]
    assert "shape is empty" in page.refused("add_regions", regions=empty)["error"]


def test_captions_are_suggested_for_regions_without_one_and_not_applied(page: Page) -> None:
    red = page.draw(6, 6, 20, 20)
    named = page.draw(42, 28, 56, 42, "my own words")

    told = page.finish(page.ask("suggest_captions", on="photo"))["captions"]

    assert list(told["regions"]) == [red]
    assert "red" in told["regions"][red]
    assert told["picture"]
    assert page.ask("document")["document"]["regions"][0]["caption"] == ""
    told = page.finish(page.ask("suggest_captions", on="photo", regions=[named]))["captions"]
    assert "blue" in told["regions"][named]


def test_three_worlds_are_suggested_for_a_subject(page: Page) -> None:
    region = page.draw(6, 6, 20, 20, "a small boat")

    worlds = page.finish(page.ask("suggest_worlds", on="photo", region=region))["worlds"]

    assert len(worlds) == 3
    assert worlds[0] == "sea with waves at sunset"


def test_a_sentence_becomes_a_layout_of_the_scenes_size(page: Page) -> None:
    answer = page.ask("suggest_layout", sentence="two cats on green grass")
    layout = page.finish(answer)["layout"]

    assert [each["caption"] for each in layout["regions"]] == ["green grass", "cat", "cat"]
    grass = pixels_of(layout["regions"][0]["shape"], EXTENT)
    assert grass[-1].all()
    assert layout["caption"] == "two cats on green grass"
    page.ask("add_regions", regions=layout["regions"], place="instead", caption=layout["caption"])
    assert page.document["caption"] == "two cats on green grass"
    assert "Say in a sentence" in page.refused("suggest_layout", sentence="")["error"]
