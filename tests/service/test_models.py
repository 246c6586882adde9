"""Choosing models: in a row, by two people, cancelled, failing, slow, and never two in memory."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.config import Settings
from studio.jobs.patience import Patience
from studio.scene.errors import MissingWeights
from studio.service.studio import Builders, Studio
from tests.scripted_engine import FlatSegmenter, ScriptedEngine
from tests.service.conftest import finished, until

ANNA, BERT = "a" * 32, "b" * 32


class Shelf:
    """Builds engines by name, but for `gone`; `gate`, if set, must open before one is built."""

    def __init__(self) -> None:
        self.built: list[str | None] = []
        self.gate: threading.Event | None = None
        self.gone: tuple[str | None, ...] = ("gone",)
        self.alive_at_building: list[int] = []
        self._engines: list[weakref.ref[ScriptedEngine]] = []

    def build(self, settings: Settings) -> ScriptedEngine:
        self.alive_at_building.append(sum(each() is not None for each in self._engines))
        self.built.append(settings.base)
        if self.gate is not None:
            self.gate.wait(5)
        if settings.base in self.gone:
            raise MissingWeights("The base is not in weights/.")
        engine = ScriptedEngine(name=settings.base or "mini", digest=f"digest-{settings.base}")
        self._engines.append(weakref.ref(engine))
        return engine


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def studio(tmp_path: Path, shelf: Shelf) -> Iterator[Studio]:
    builders = Builders(shelf.build, lambda _: FlatSegmenter())
    studio = Studio(Settings(projects=tmp_path), builders, Patience(first=0.05, least=0.05))
    finished(studio.start())
    yield studio
    studio.close()


def test_a_second_choice_while_the_first_loads_is_a_job_of_its_own(
    studio: Studio, shelf: Shelf
) -> None:
    shelf.gate = threading.Event()
    first = studio.use(ANNA, base="one")
    until(lambda: shelf.built[-1] == "one")
    second = studio.use(ANNA, base="two", offload="model")
    assert second is not first
    assert studio.use(ANNA, base="two") is second
    third = studio.use(ANNA, quantize="int8")
    assert second.state == "cancelled"
    shelf.gate.set()
    assert [finished(job).state for job in (first, third)] == ["done", "done"]
    now = studio.settings
    assert (now.base, now.offload, now.quantize) == ("two", "model", "int8")
    assert shelf.built == [None, "one", "two"]


def test_the_choices_of_two_people_are_not_mixed(studio: Studio, shelf: Shelf) -> None:
    shelf.gate = threading.Event()
    annas = studio.use(ANNA, base="one", quantize="int8")
    berts = studio.use(BERT, base="two")
    shelf.gate.set()
    assert [finished(job).state for job in (annas, berts)] == ["done", "done"]
    assert (studio.settings.base, studio.settings.quantize) == ("two", "none")


def test_a_cancelled_load_ends_as_cancelled_and_the_old_model_is_back(
    studio: Studio, shelf: Shelf
) -> None:
    shelf.gate = threading.Event()
    job = studio.use(ANNA, base="one")
    until(lambda: shelf.built[-1] == "one")
    job.ask_to_stop()
    shelf.gate.set()
    assert finished(job).state == "cancelled"
    assert studio.engine.name == "mini"
    assert studio.settings.base is None
    assert studio.load_error is None


def test_after_a_model_that_does_not_load_the_old_one_is_back(studio: Studio, shelf: Shelf) -> None:
    job = finished(studio.use(ANNA, base="gone"))
    assert job.error == "The base is not in weights/. The model before is loaded again."
    assert (studio.engine.name, studio.settings.base) == ("mini", None)
    assert studio.load_error is None
    assert shelf.built == [None, "gone", None]


def test_if_the_old_one_cannot_be_loaded_again_that_is_told_in_the_terminal_too(
    studio: Studio, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.gone = ("gone", None)
    job = finished(studio.use(ANNA, base="gone"))
    assert "Choose a model in the settings." in (job.error or "")
    assert studio.loaded is None
    until(lambda: studio.load_error == job.error)
    until(lambda: f"No model is loaded: {job.error}" in caplog.messages)
    assert finished(studio.use(ANNA, base="one")).state == "done"
    assert studio.engine.name == "one"
    until(lambda: studio.load_error is None)


def test_the_old_model_has_gone_before_the_new_one_is_loaded(studio: Studio, shelf: Shelf) -> None:
    for base in ("one", "gone", "two"):
        finished(studio.use(ANNA, base=base))
    assert shelf.built == [None, "one", "gone", "one", "two"]
    assert shelf.alive_at_building == [0, 0, 0, 0, 0]


def test_a_load_over_patience_is_suspicious_and_ends_as_done(studio: Studio, shelf: Shelf) -> None:
    shelf.gate = threading.Event()
    job = studio.use(ANNA, base="one")
    until(lambda: job.suspicion is not None)
    studio.queue.report_silence()
    assert (job.state, job.error) == ("running", None)
    shelf.gate.set()
    assert finished(job).state == "done"
    assert studio.engine.name == "one"
    assert studio.load_error is None
