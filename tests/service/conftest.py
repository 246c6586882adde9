"""A studio on a scripted engine, and small scenes to edit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.config import Settings
from studio.jobs.jobs import Job
from studio.project.edits import add_region, set_caption
from studio.project.session import Session
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.service.studio import Builders, Studio
from tests.builders import box_mask
from tests.scripted_engine import FlatSegmenter, ScriptedEngine

Wait = Callable[[Job], Job]


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def studio(tmp_path: Path, engine: ScriptedEngine) -> Iterator[Studio]:
    studio = open_studio(tmp_path / "projects", engine)
    yield studio
    studio.close()


@pytest.fixture
def session(studio: Studio) -> Session:
    return drawn(studio.store.create("a" * 32))


def open_studio(
    projects: Path,
    engine: ScriptedEngine,
    build: Callable[[Settings], ScriptedEngine] | None = None,
) -> Studio:
    """`build` makes the engine for some settings; without it, it is always `engine`."""
    builders = Builders(build or (lambda _: engine), lambda _: FlatSegmenter())
    studio = Studio(Settings(projects=projects), builders)
    finished(studio.start())
    return studio


def drawn(session: Session) -> Session:
    """With a caption and a red ball in the middle."""
    width, height = session.document.scene.extent
    ball = Region(Mask(box_mask(width, height, 16, 12, 44, 36)), "a red ball", identity="ba11" * 3)
    session.edit(lambda document: add_region(document, ball), "draw")
    session.edit(lambda document: set_caption(document, "a lawn"), "caption")
    return session


def finished(job: Job, seconds: float = 5.0) -> Job:
    end = time.monotonic() + seconds
    while not job.has_ended:
        assert time.monotonic() < end, f"the job is still {job.state}"
        time.sleep(0.001)
    return job


def until(claim: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.001)
