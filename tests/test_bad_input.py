"""Every bad input of the list B1 to B66: refused with one sentence and nothing changed, or taken.

Each case is a function of bad_pictures.py or bad_requests.py, under the number it has in the list.
What a refused one must leave as it was (the document, the jobs, the log) is looked at round all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from studio.ui.api.client import Client
from tests import bad_pictures, bad_requests
from tests.bad_input import CASES, REFUSED, SLOW, Case, Room
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import open_studio
from tests.ui.conftest import Page, content


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("bad")
    studio = open_studio(folder / "projects", ScriptedEngine())
    yield Room(Page(Client(studio)), folder)
    studio.close()


def test_every_case_of_the_list_is_here() -> None:
    homes = {work.__module__ for known in CASES.values() for _, work in known}
    assert homes == {bad_pictures.__name__, bad_requests.__name__}
    assert sorted(CASES) == list(range(1, 67))


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(work, marks=[pytest.mark.slow] * (number in SLOW))
        for number in sorted(CASES)
        for _, work in CASES[number]
    ],
    ids=[name for number in sorted(CASES) for name, _ in CASES[number]],
)
def test_bad_input(room: Room, work: Case, caplog: pytest.LogCaptureFixture) -> None:
    page = room.page
    page.ask("clear_regions")
    before, jobs = content(page.ask("document")), len(page.ask("poll")["jobs"])
    with caplog.at_level(logging.ERROR):
        work(room)
    assert caplog.records == []
    if work in REFUSED:
        assert content(page.ask("document")) == before
        assert len(page.ask("poll")["jobs"]) == jobs
