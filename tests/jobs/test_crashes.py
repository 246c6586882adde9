"""Work that brings the studio down is told, and not started a third time by itself."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.config import HOME
from studio.jobs.crashes import CrashLog
from studio.jobs.jobs import Job
from studio.project.edits import set_sampling
from studio.project.store.store import SessionStore
from studio.scene.errors import SessionError
from studio.service.renders import submit_render
from studio.service.studio import STUDIO_OWNER, Studio
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import drawn, finished, open_studio, until

ANNA = "a" * 32

DEADLY = """
import os, signal, sys
from pathlib import Path
from studio.service.renders import submit_render
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import drawn, finished, open_studio

class Deadly(ScriptedEngine):
    def _render(self, request, on_step, cancel):
        on_step_and_die = lambda step: (on_step(step), os.kill(os.getpid(), signal.SIGKILL))
        return super()._render(request, on_step_and_die, cancel)

studio = open_studio(Path(sys.argv[1]), Deadly())
if len(sys.argv) > 2:
    session = studio.store.open_project(sys.argv[2])[0]
else:
    session = drawn(studio.store.create("a" * 32))
    studio.store.save_all()
    print(session.identity, flush=True)
finished(submit_render(studio, session, "final"), 20)
print("alive", flush=True)
"""


def killed_in_mid_render(folder: Path, *project: str) -> str:
    """A studio in a process of its own, killed as the system kills what takes too much memory."""
    done = subprocess.run(
        [sys.executable, "-c", DEADLY, str(folder), *project],
        cwd=HOME,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert "alive" not in done.stdout
    return project[0] if project else done.stdout.strip()


posix = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")


@posix
@pytest.mark.slow
def test_a_render_that_kills_the_studio_twice_is_not_started_again(tmp_path: Path) -> None:
    key = killed_in_mid_render(tmp_path)

    studio = open_studio(tmp_path, ScriptedEngine())
    session, notices = studio.store.open_project(key)
    assert notices == ("A render was running when the studio stopped; start it again.",)
    assert [job.state for job in session.jobs.values()] == ["failed"]
    studio.close()

    killed_in_mid_render(tmp_path, key)

    engine = ScriptedEngine()
    studio = open_studio(tmp_path, engine)
    session, notices = studio.store.open_project(key)
    job = next(iter(session.jobs.values()))
    assert (job.state, notices) == ("failed", (job.error,))
    assert "twice" in (job.error or "")
    assert "smaller size" in (job.error or "")
    assert session.document.scene.caption == "a lawn"
    assert [region.caption for region in session.document.scene.regions] == ["a red ball"]
    again = submit_render(studio, session, "final")
    assert isinstance(again, Job)
    assert finished(again).state == "failed"
    assert again.error == job.error
    assert engine.renders == 0
    studio.close()


@posix
@pytest.mark.slow
def test_the_same_render_runs_if_it_is_asked_for_anyway_and_is_then_forgiven(
    tmp_path: Path,
) -> None:
    key = killed_in_mid_render(tmp_path)
    killed_in_mid_render(tmp_path, key)
    studio = open_studio(tmp_path, ScriptedEngine())
    session, _ = studio.store.open_project(key)
    forced = submit_render(studio, session, "final", is_forced=True)
    assert isinstance(forced, Job)
    assert finished(forced).state == "done"
    until(lambda: not studio.store.crashes.of(key))
    studio.close()
    assert SessionStore(tmp_path, lambda: session.document).open_project(key)[1] == ()


def died_during(studio: Studio, tmp_path: Path, start: Callable[[], object]) -> Studio:
    """A studio that finds what a killed one leaves: the marker of its running job."""
    marker = tmp_path / ".running.json"
    studio.queue._on_change = lambda job: None
    start()
    until(marker.exists)
    left = marker.read_bytes()
    studio.close()
    time.sleep(0.01)
    marker.write_bytes(left)
    return open_studio(tmp_path, ScriptedEngine())


@pytest.mark.slow
def test_a_scene_that_was_changed_is_rendered(tmp_path: Path) -> None:
    studio = open_studio(tmp_path, ScriptedEngine())
    session = drawn(studio.store.create(ANNA))
    for _ in range(2):
        engine = studio.engine
        assert isinstance(engine, ScriptedEngine)
        engine.script.delay = 0.05
        studio = died_during(
            studio,
            tmp_path,
            lambda live=studio, shown=session: submit_render(live, shown, "final"),
        )
        session = studio.store.open_project(session.identity)[0]
    refused = submit_render(studio, session, "final")
    assert isinstance(refused, Job)
    assert finished(refused).state == "failed"
    session.edit(lambda document: set_sampling(document, steps=2), "steps")
    job = submit_render(studio, session, "final")
    assert isinstance(job, Job)
    assert finished(job).state == "done"
    studio.close()


def test_a_model_that_kills_the_studio_twice_is_loaded_only_when_chosen(tmp_path: Path) -> None:
    studio = open_studio(tmp_path, ScriptedEngine())
    risk = studio.risk_of("load")
    studio.close()
    for _ in range(2):
        (tmp_path / ".running.json").write_text(
            json.dumps([{"risk": risk, "owner": STUDIO_OWNER, "kind": "load", "times": 1, "at": 0}])
        )
        CrashLog(tmp_path)
    studio = open_studio(tmp_path, ScriptedEngine())
    assert studio.loaded is None
    until(lambda: "twice" in (studio.load_error or ""))
    with pytest.raises(SessionError, match="settings"):
        _ = studio.engine
    assert finished(studio.use(STUDIO_OWNER)).state == "done"
    assert studio.loaded is not None
    until(lambda: studio.load_error is None)
    studio.close()


@pytest.mark.parametrize("how", ["done", "cancelled", "failed", "closed"])
def test_a_job_that_ends_in_good_order_is_no_crash(tmp_path: Path, how: str) -> None:
    engine = ScriptedEngine()
    studio = open_studio(tmp_path, engine)
    session = drawn(studio.store.create(ANNA))
    engine.script.delay, engine.script.is_broken = 0.01, how == "failed"
    job = submit_render(studio, session, "final")
    assert isinstance(job, Job)
    if how == "cancelled":
        studio.queue.cancel(session.identity)
    if how != "closed":
        assert finished(job).state == how
    studio.close()
    assert open_and_close(tmp_path, session.identity) == ()


def open_and_close(folder: Path, key: str) -> tuple[str, ...]:
    studio = open_studio(folder, ScriptedEngine())
    notices = studio.store.open_project(key)[1]
    studio.close()
    return notices
