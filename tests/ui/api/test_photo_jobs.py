"""Taking a thing out, keeping a subject and finding a good one, as the page asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.engine.engine import Engine
from tests.ui.api.test_actions_engine import page_on
from tests.ui.api.test_photo_state import jpeg
from tests.ui.conftest import Page

SECONDS = 120.0


@pytest.fixture
def page(tmp_path: Path, tiny: Engine) -> Iterator[Page]:
    for page in page_on(tmp_path, tiny):
        page.ask("edit_photo", file=jpeg(160, 120), name="boat.jpg")
        page.ask("set_sampling", steps=1)
        yield page


def finished(page: Page, answer: dict) -> dict:
    job = page.finish(answer, SECONDS)
    assert job["state"] == "done", job["error"]
    page.ask("document")
    return job


def test_a_thing_is_taken_out_in_one_step_of_undo(page: Page) -> None:
    region = page.draw(40, 30, 90, 80, "a boat")
    before = page.document["regions"]
    answer = page.ask("remove_thing", region=region)
    assert answer["document"]["regions"][0]["caption"] == ""
    finished(page, answer)
    edit = page.document["edit"]
    assert edit["fill"]
    assert edit["to_do"] == []
    assert edit["layers"][region]["ref"] is not None
    assert edit["outside"]["largest"] == 0
    page.ask("undo")
    assert page.document["regions"] == before
    assert page.document["edit"]["layers"][region]["ref"] is None


def test_a_pinned_or_unknown_region_is_not_taken_out(page: Page) -> None:
    region = page.draw(40, 30, 90, 80, "a boat")
    page.ask("set_region", region=region, pinned=True)
    assert "pinned" in page.refused("remove_thing", region=region)["error"]
    assert page.document["regions"][0]["caption"] == "a boat", "nothing is lost"
    page.refused("remove_thing", region="f" * 12)


def test_a_subject_is_marked_and_given_up_again(page: Page) -> None:
    page.draw(0, 0, 30, 30, "a bird")
    subject = page.draw(40, 30, 90, 80, "a boat")
    page.ask("keep_subject", region=subject)
    assert page.document["edit"]["subject"] == subject
    assert page.document["regions"][0]["id"] == subject, "it lies lowest"
    page.ask("keep_subject")
    assert page.document["edit"]["subject"] is None


def test_a_good_one_is_found_and_every_try_tells_its_scores(page: Page) -> None:
    region = page.draw(40, 30, 90, 80, "a red boat")
    finished(page, page.ask("find_good", count=2))
    nodes = page.ask("history")["history"]["nodes"]
    assert sorted(node["kind"] for node in nodes) == ["draft", "draft", "final", "final"]
    assert all(0 <= node["scores"]["total"] <= 1 for node in nodes)
    assert all("colours" in node["scores"] for node in nodes)
    assert page.document["edit"]["to_do"] == []
    assert page.document["edit"]["layers"][region]["ref"] is not None


def test_too_many_or_too_few_tries_are_refused(page: Page) -> None:
    for count in (0, 1, 13):
        page.refused("find_good", count=count)
