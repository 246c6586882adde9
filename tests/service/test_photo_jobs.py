"""A thing taken out, a subject kept in rounds, and a good one found, on a real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from studio.engine.engine import Engine
from studio.jobs.jobs import Job
from studio.project import edits
from studio.project.document import Document
from studio.project.photo_changes import set_work
from studio.project.removal import as_removed
from studio.project.session import Session
from studio.scene.photo_layer import outside
from studio.service.find_good import submit_find_good
from studio.service.photo_edits import submit_edit
from studio.service.photo_plan import plan_edit
from studio.service.studio import Studio
from tests.service.conftest import drawn, finished
from tests.service.test_photo_edits import composite, draw, edit, editing, opened, original


@pytest.fixture
def studio(tmp_path: Path, tiny: Engine) -> Iterator[Studio]:
    studio = opened(tmp_path / "projects", tiny)
    yield studio
    studio.close()


def with_caption(document: Document) -> Document:
    return edits.set_caption(document, "a b")


def test_a_thing_is_filled_and_all_around_it_stays(studio: Studio) -> None:
    session = editing(studio)
    region = draw(session, 40, 30, 80, 70, "a")
    session.edit(lambda document: as_removed(document, region), "remove")
    mask = session.document.scene.region(region).mask.pixels
    assert mask.sum() > 40 * 40, "the shape grows over the thing's soft edge"
    edit(studio, session, [region])
    before, after = original(session), composite(studio, session)
    assert outside(before, after, mask) == (0, 0)
    assert (before != after).any(axis=2)[mask].mean() > 0.9, "nothing shines through"
    assert session.document.scene.region(region).caption == ""


def test_a_filled_layer_is_never_less_like_its_surroundings_than_the_filling(
    studio: Studio,
) -> None:
    """A model with random weights paints noise; then the filling alone stays."""
    from studio.files.photo_file import open_photo
    from studio.project.removal import removal

    session = editing(studio)
    region = draw(session, 40, 30, 80, 70, "a")
    session.edit(lambda document: as_removed(document, region), "remove")
    request = plan_edit(session.document, "final", [region]).full_request(studio, session)
    assert request.edit is not None
    filled = removal(request, open_photo(request.edit).photo, studio.facts.vocabulary).filled
    edit(studio, session, [region])
    assert np.array_equal(composite(studio, session), filled.pixels)


def test_a_world_is_drawn_in_rounds_and_its_notice_tells_how_the_subject_grew(
    studio: Studio,
) -> None:
    session = editing(studio)
    subject = draw(session, 40, 30, 80, 70, "a")
    session.edit(lambda document: set_work(with_caption(document), subject=subject), "subject")
    node = edit(studio, session)
    kept = session.document.scene.region(subject).mask.pixels
    before, after = original(session), composite(studio, session)
    assert np.array_equal(before[kept], after[kept])
    assert (before != after).any(axis=2)[~kept].mean() > 0.5
    (notice,) = [text for text in node.notices if "grew" in text]
    first = session.document.sampling.seed
    assert node.seed in (first, first + 1, first + 2)
    assert f"seed {node.seed}" in notice


def test_a_draft_of_a_world_is_one_round(studio: Studio) -> None:
    session = editing(studio)
    subject = draw(session, 40, 30, 80, 70, "a")
    session.edit(lambda document: set_work(with_caption(document), subject=subject), "subject")
    started = submit_edit(studio, session, plan_edit(session.document, "draft"))
    assert isinstance(started, Job)
    assert finished(started, 120).state == "done", started.error
    node = session.history.node(started.result.node)
    assert not any("grew" in text for text in node.notices)


@pytest.mark.parametrize("kind", ["sketch", "photo"])
def test_the_best_two_of_the_drafts_are_rendered_fully_and_all_are_kept(
    studio: Studio, kind: str
) -> None:
    if kind == "photo":
        session = editing(studio)
        draw(session, 40, 30, 80, 70, "a red ball")
    else:
        session = drawn(studio.store.create("b" * 32))
        session.edit(lambda document: edits.set_sampling(document, steps=2), "settings")
    before = session.document
    job = finished(submit_find_good(studio, session, 3), 240)
    assert job.state == "done", job.error
    kinds = [node.kind for node in session.history]
    assert (kinds.count("draft"), kinds.count("final")) == (3, 2)
    totals = {node.identity: node.scores["total"] for node in session.history}
    finals = {node.identity for node in session.history if node.kind == "final"}
    assert totals[job.result.node] == max(totals[each] for each in finals)
    assert len({node.seed for node in session.history}) == 3
    if kind == "photo":
        work = session.document.edit
        assert work is not None
        assert work.to_do(session.document.scene) == ()
        session.step(-1)
        assert session.document.is_same_as(before), "one step takes it back"


def test_scores_are_kept_with_the_project(studio: Studio) -> None:
    session: Session = editing(studio)
    draw(session, 40, 30, 80, 70, "a red ball")
    finished(submit_find_good(studio, session, 2), 240)
    from studio.project.history import RenderHistory

    again = RenderHistory.from_json(session.history.to_json())
    assert {node.identity: node.scores for node in again} == {
        node.identity: node.scores for node in session.history
    }
