"""The job that looks for the loosest gamma, on a scripted engine."""

from __future__ import annotations

import pytest

from studio.project.edits import set_region
from studio.project.session import Session
from studio.project.strips import strip_from_json, strip_to_json
from studio.scene.errors import RequestError
from studio.scene.sentences import Sentence
from studio.service.auto_gamma import submit_auto_gamma
from studio.service.studio import Studio
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import finished, until

BALL = "ba11" * 3


def test_the_search_ends_in_a_strip_and_sets_gamma_in_one_step_of_undo(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    job, begun = submit_auto_gamma(studio, session, 0.8)
    assert finished(job).state == "done", job.error
    assert job.result == begun.identity
    strip = session.strip(begun.identity)
    assert [item.gamma for item in strip.items] == [0.07, 0.11, 0.22, 1.0]
    assert [item.overlaps for item in strip.items] == [{BALL: 1.0}] * 4
    assert (strip.wish, strip.found, strip.is_done) == (0.8, 0.07, True)
    assert "Gamma 0.07 is the loosest of 4 drafts" in strip.note
    assert engine.renders == 4
    assert session.document.sampling.gamma == 0.07
    assert session.timeline.undo_label == "gamma"
    session.step(-1)
    assert session.document.sampling.gamma == 1.0


def test_what_was_found_is_kept_with_the_project(studio: Studio, session: Session) -> None:
    job, begun = submit_auto_gamma(studio, session, 0.8)
    finished(job)
    strip = session.strip(begun.identity)
    again = strip_from_json(strip_to_json(strip))
    assert again == strip
    assert isinstance(again.note, Sentence)
    assert again.note.code.startswith("Gamma {gamma} is the loosest")


def test_a_search_that_is_stopped_keeps_its_drafts_and_leaves_gamma(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    engine.script.delay = 0.02
    job, begun = submit_auto_gamma(studio, session, 0.8)
    until(lambda: begun.identity in session.strips and bool(session.strip(begun.identity).items))
    studio.queue.cancel(session.identity)
    assert finished(job).state == "cancelled"
    strip = session.strip(begun.identity)
    assert strip.is_done
    assert strip.found is None
    assert 1 <= len(strip.items) < 4
    assert session.document.sampling.gamma == 1.0


def test_where_no_region_follows_the_scenes_gamma_nothing_is_started(
    studio: Studio, session: Session
) -> None:
    session.edit(lambda document: set_region(document, BALL, gamma=0.4), "own gamma")
    with pytest.raises(RequestError, match="gamma of its own"):
        submit_auto_gamma(studio, session, 0.8)
    assert not session.strips
