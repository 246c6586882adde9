"""Renders: what an edit costs, previews, cancel, faults, and what the history keeps."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from studio.files.picture_file import read_recipe
from studio.jobs.jobs import Job, JobSpec, Priority
from studio.project.edits import edit_mask, set_region, set_sampling
from studio.project.history import Node
from studio.project.session import Session
from studio.scene.errors import RequestError
from studio.scene.mask_edits import moved
from studio.service.renders import submit_render, submit_strip
from studio.service.studio import Studio
from tests.scripted_engine import Recommended, ScriptedEngine
from tests.service.conftest import drawn, finished, open_studio, until

BALL = "ba11" * 3


def render(studio: Studio, session: Session, quality: str = "final") -> Node:
    job = submit_render(studio, session, quality)  # type: ignore[arg-type]
    assert isinstance(job, Job)
    assert finished(job).state == "done", job.error
    return session.history.node(job.result.node)


def test_a_render_becomes_a_node_with_its_recipe(studio: Studio, session: Session) -> None:
    node = render(studio, session)
    recipe = read_recipe(session.folder.get(node.images[0]))
    assert recipe["sampling"]["steps"] == 6
    assert recipe["scene"]["caption"] == "a lawn"
    assert node.changes == "first picture"
    assert session.document_of(node) == session.document


def test_the_picture_that_is_there_costs_nothing(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    node = render(studio, session)
    again = submit_render(studio, session, "final")
    assert isinstance(again, Node)
    assert again.identity == node.identity
    assert engine.renders == 1


def test_gamma_and_seed_cost_no_encoding(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    render(studio, session)
    before = dict(engine.encodings)
    session.edit(lambda document: set_sampling(document, gamma=0.4, seed=7), "gamma")
    node = render(studio, session)
    assert dict(engine.encodings) == before
    assert node.changes == "gamma 1 -> 0.4; seed 0 -> 7"
    assert node.summary.startswith("2 of 2 captions cached, contour cached")


def test_one_caption_costs_that_caption(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    render(studio, session)
    before = engine.encodings.copy()
    session.edit(lambda document: set_region(document, BALL, caption="a blue ball"), "caption")
    assert render(studio, session).changes == "caption 1"
    assert engine.encodings - before == {"caption": 1}


def test_one_mask_costs_one_contour(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    render(studio, session)
    before = engine.encodings.copy()
    session.edit(lambda d: edit_mask(d, BALL, lambda mask: moved(mask, 4, 0)), "move")
    assert render(studio, session).changes == "shape 1"
    assert engine.encodings - before == {"contour": 1}


def test_a_render_reports_steps_frames_and_time_left(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    engine.script.gate = threading.Event()
    job = submit_render(studio, session, "final")
    assert isinstance(job, Job)
    seen = session.seen
    engine.script.gate.set()
    finished(job)
    assert session.seen > seen
    assert (job.progress.step, job.progress.steps) == (6, 6)
    assert job.progress.frame is not None
    assert job.progress.frame.startswith(b"\xff\xd8")


@pytest.mark.slow
def test_a_live_picture_that_comes_soon_has_no_previews(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    render(studio, session)  # so that the pace is known

    def live(gamma: float) -> Job:
        session.edit(lambda document: set_sampling(document, gamma=gamma), "gamma")
        job = submit_render(studio, session, "live")
        assert isinstance(job, Job)
        return finished(job, 20)

    assert live(0.5).progress.frame is None
    for slow in (0.6, 0.7):  # the first of them is a surprise
        engine.script.delay = 1.0
        job = live(slow)
    assert job.progress.frame is not None


def test_quick_steps_are_not_all_told(session: Session) -> None:
    told: list[int] = []
    spec = JobSpec(session.identity, "final", Priority.FINAL, lambda job: None)
    job = Job(spec, lambda job: told.append(job.progress.step))
    for step in range(1, 101):
        job.report("steps", step, 100)
    assert told[0] == 1
    assert told[-1] == 100
    assert len(told) < 50


def test_cancel_stops_the_render_and_leaves_no_picture(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    engine.script.delay = 0.02
    job = submit_render(studio, session, "final")
    assert isinstance(job, Job)
    until(lambda: job.progress.step >= 1)
    studio.queue.cancel(session.identity)
    assert finished(job).state == "cancelled"
    assert job.progress.step < 6
    assert len(session.history) == 0


def test_an_engine_that_ignores_cancel_still_leaves_no_picture(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    engine.script.ignores_cancel, engine.script.delay = True, 0.01
    job = submit_render(studio, session, "final")
    assert isinstance(job, Job)
    until(lambda: job.state == "running")
    studio.queue.cancel(session.identity)
    assert finished(job).state == "cancelled"
    assert len(session.history) == 0


def test_out_of_memory_is_tried_once_more_with_empty_caches(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    other = drawn(studio.store.create("b" * 32))
    render(studio, other)
    engine.script.out_of_memory = 1
    render(studio, session)
    assert studio.conditions.counts.entries == 3


def test_out_of_memory_twice_is_told(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    engine.script.out_of_memory = 2
    job = submit_render(studio, session, "final")
    assert isinstance(job, Job)
    assert finished(job).state == "failed"
    assert "memory" in (job.error or "")
    render(studio, session)


@pytest.mark.parametrize("fault", ["is_nan", "is_broken"])
def test_a_render_that_fails_leaves_the_studio_usable(
    studio: Studio, session: Session, engine: ScriptedEngine, fault: str
) -> None:
    setattr(engine.script, fault, True)
    job = submit_render(studio, session, "final")
    assert isinstance(job, Job)
    assert finished(job).state == "failed"
    assert len(session.history) == 0
    assert "to_q" not in (job.error or "")
    if fault == "is_nan":
        assert studio.conditions.counts.entries == 0
    setattr(engine.script, fault, False)
    render(studio, session)


def test_a_live_render_is_resolved_once(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    before = engine.resolutions
    render(studio, session, "live")
    assert engine.resolutions - before == 1


def test_what_waited_for_another_model_is_rendered_as_that_one_recommends(
    tmp_path: Path,
) -> None:
    first = ScriptedEngine()
    second = ScriptedEngine(digest="scripted-2", recommended=Recommended(steps=4))
    studio = open_studio(
        tmp_path, first, lambda settings: first if settings.base is None else second
    )
    session = drawn(studio.store.create("a" * 32))
    first.script.gate = threading.Event()
    running = submit_render(studio, session, "final")
    assert isinstance(running, Job)
    until(lambda: running.state == "running")
    studio.use("b" * 32, base="other")
    session.edit(lambda document: set_sampling(document, seed=5), "seed")
    waiting = submit_render(studio, session, "final")
    assert isinstance(waiting, Job)
    first.script.gate.set()
    steps = [
        read_recipe(session.folder.get(session.history.node(job.result.node).images[0]))
        for job in (finished(running), finished(waiting))
    ]
    assert [recipe["sampling"]["steps"] for recipe in steps] == [6, 4]
    studio.close()


def test_an_impossible_scene_is_refused_before_any_job(studio: Studio) -> None:
    empty = studio.store.create("c" * 32)
    with pytest.raises(RequestError, match="neither"):
        submit_render(studio, empty, "final")
    assert not empty.jobs


def test_only_the_newest_live_render_is_kept(studio: Studio, session: Session) -> None:
    for seed in range(4):
        session.edit(lambda d, seed=seed: set_sampling(d, seed=seed), "seed")
        render(studio, session, "live")
    assert [node.seed for node in session.history] == [3]
    assert session.history.base is None


def test_a_live_render_replaces_the_running_one(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    engine.script.delay = 0.05
    first = submit_render(studio, session, "live")
    assert isinstance(first, Job)
    until(lambda: first.state == "running")
    session.edit(lambda document: set_sampling(document, seed=9), "seed")
    second = submit_render(studio, session, "live")
    assert isinstance(second, Job)
    assert finished(second).state == "done"
    assert first.state == "cancelled"
    assert [node.seed for node in session.history] == [9]


def test_each_region_gets_a_measured_iou(studio: Studio, session: Session) -> None:
    node = render(studio, session)
    until(lambda: session.history.node(node.identity).measured is not None)
    measured = session.history.node(node.identity)
    assert measured.fidelity[BALL].iou == 1.0
    assert measured.score == 1.0


def test_a_final_is_done_and_measured_although_three_others_wait(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    engine.script.gate = threading.Event()
    jobs: list[Job] = []
    for seed in range(4):
        session.edit(lambda document, seed=seed: set_sampling(document, seed=seed), "seed")
        job = submit_render(studio, session, "final")
        assert isinstance(job, Job)
        jobs.append(job)
        until(lambda: jobs[0].state == "running")
    engine.script.gate.set()
    assert [(finished(job).state, job.error) for job in jobs] == [("done", None)] * 4
    until(lambda: all(node.measured for node in session.history))
    assert len(session.history) == 4


def test_a_picture_that_is_kept_while_the_studio_closes_is_no_failure(
    studio: Studio, session: Session
) -> None:
    keep = session.add_node

    def keep_and_close(node: Node) -> None:
        keep(node)
        studio.queue.close()  # measuring is refused from here on

    session.add_node = keep_and_close
    job = submit_render(studio, session, "final")
    assert isinstance(job, Job)
    assert finished(job).state == "done"
    assert job.result.node in [node.identity for node in session.history]


def test_restoring_a_picture_brings_its_document_back_and_branches(
    studio: Studio, session: Session
) -> None:
    first = render(studio, session)
    document = session.document
    session.edit(lambda d: set_sampling(d, seed=2), "seed")
    second = render(studio, session)
    session.edit(lambda _: session.document_of(first), "restore")
    session.branch_from(first)
    assert session.document.is_same_as(document)
    session.edit(lambda d: set_sampling(d, seed=3), "seed")
    third = render(studio, session)
    assert (second.parent, third.parent) == (first.identity, first.identity)


def test_a_strip_keeps_the_noise_and_moves_gamma_alone(studio: Studio, session: Session) -> None:
    job, strip = submit_strip(studio, session, (1.0, 0.2, 0.5))
    assert finished(job).state == "done", job.error
    made = session.strip(strip.identity)
    assert [item.gamma for item in made.items] == [0.2, 0.5, 1.0]
    assert made.is_done
    for item in made.items:
        recipe = read_recipe(session.folder.get(item.image or ""))
        assert recipe["sampling"]["gamma"] == item.gamma
        assert recipe["sampling"]["seed"] == session.document.sampling.seed
        assert item.iou == 1.0


def test_a_cancelled_strip_keeps_what_is_done(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    engine.script.delay = 0.02
    job, strip = submit_strip(studio, session, (0.1, 0.5, 1.0))
    until(
        lambda: (
            strip.identity in session.strips and bool(session.strip(strip.identity).items[0].image)
        )
    )
    studio.queue.cancel(session.identity)
    assert finished(job).state == "cancelled"
    made = session.strip(strip.identity)
    assert made.is_done
    assert made.items[2].image is None


def test_switching_the_model_keeps_the_scene_and_starts_fresh(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    render(studio, session)
    document = session.document
    engine.digest = "scripted-2"
    assert finished(studio.use(session.identity, base="other")).state == "done"
    assert session.document is document
    render(studio, session)
    assert len(session.history) == 2


def test_several_pictures_are_one_node(studio: Studio, session: Session) -> None:
    document = session.document
    many = replace(document, sampling=replace(document.sampling, count=3))
    job = submit_render(studio, session, "final", many)
    assert isinstance(job, Job)
    node = session.history.node(finished(job).result.node)
    assert len(set(node.images)) == 3
