"""The disk: a limit, what fills it, what happens when it is full; nothing is deleted unasked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.config import HOME
from studio.jobs.jobs import Job
from studio.project.edits import set_caption, set_sampling
from studio.project.history import MOST_NODES, Node
from studio.project.session import Session
from studio.scene.errors import SessionError, StorageError
from studio.service.housekeeping import give_up, usage
from studio.service.renders import submit_render, submit_strip
from studio.service.studio import Studio
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import drawn, finished, open_studio, until

ANNA = "a" * 32


def render(studio: Studio, session: Session, quality: str = "final") -> Node:
    job = submit_render(studio, session, quality, measures=False)  # type: ignore[arg-type]
    assert isinstance(job, Job)
    assert finished(job).state == "done", job.error
    return session.history.node(job.result.node)


def seeded(session: Session, seed: int) -> None:
    session.edit(lambda document: set_sampling(document, seed=seed), "seed")


def test_at_the_limit_pictures_stop_and_edits_go_on(studio: Studio, session: Session) -> None:
    render(studio, session)
    studio.store.save_all()
    disk = studio.store.disk
    disk.most_bytes = disk.measure()
    seeded(session, 1)
    for start in (
        lambda: submit_render(studio, session, "final"),
        lambda: submit_strip(studio, session, (0.2, 1.0)),
    ):
        with pytest.raises(StorageError, match="Delete pictures or projects"):
            start()
    assert session.save()
    assert len(session.history) == 1
    seeded(session, 0)
    assert isinstance(submit_render(studio, session, "final"), Node)  # it is there already
    seeded(session, 1)
    disk.most_bytes *= 2
    render(studio, session)


def test_what_is_written_and_deleted_is_counted(studio: Studio, session: Session) -> None:
    disk = studio.store.disk
    for seed in range(4):
        seeded(session, seed)
        render(studio, session)
        studio.store.save_all()
    counted = disk.used
    assert counted > 0
    assert abs(disk.measure() - counted) <= 0.1 * counted  # the small about.json is not counted


def test_usage_says_what_fills_a_project(studio: Studio, session: Session) -> None:
    render(studio, session)
    draft = render(studio, session, "draft")
    finished(submit_strip(studio, session, (0.2, 1.0))[0])
    session.change_node(draft.identity, is_deleted=True)
    session.save()
    found = usage(session)
    assert all(found[kind] > 0 for kind in ("pictures", "deleted", "strips", "undo", "other"))
    assert found["drafts"] == 0
    assert sum(size for kind, size in found.items() if kind != "total") == found["total"]


def test_only_what_was_asked_for_is_given_up(studio: Studio, session: Session) -> None:
    final = render(studio, session)
    draft, starred = render(studio, session, "draft"), None
    seeded(session, 5)
    starred = render(studio, session, "draft")
    session.change_node(starred.identity, is_starred=True)
    freed = give_up(session, "drafts")
    assert freed > 0
    assert [node.identity for node in session.history] == [final.identity, starred.identity]
    with pytest.raises(SessionError):
        session.folder.get(draft.images[0])
    for node in (final, starred):
        assert session.folder.get(node.images[0])
        assert session.document_of(node)


def test_nothing_is_given_up_while_a_job_runs(
    studio: Studio, session: Session, engine: ScriptedEngine
) -> None:
    engine.script.delay = 0.05
    job = submit_render(studio, session, "final")
    assert isinstance(job, Job)
    until(lambda: session.is_busy)
    with pytest.raises(SessionError, match="running"):
        give_up(session, "drafts")


def test_a_full_history_refuses_and_deletes_nothing(studio: Studio, session: Session) -> None:
    first = render(studio, session)
    for number in range(MOST_NODES - 1):
        copy = Node(**{**vars(first), "identity": f"{number:012x}", "key": str(number)})
        session.history.add(copy)
    seeded(session, 1)
    with pytest.raises(SessionError, match=str(MOST_NODES)):
        submit_render(studio, session, "final")
    assert len(session.history) == MOST_NODES
    assert session.history.node(first.identity) is first


def test_live_pictures_stay_off_the_disk_unless_they_are_starred(
    tmp_path: Path, studio: Studio, session: Session
) -> None:
    content = session.folder.path / "content"
    for seed in range(3):
        seeded(session, seed)
        live = render(studio, session, "live")
        assert session.folder.get(live.images[0]).startswith(b"\x89PNG")
    assert not content.exists()
    session.change_node(live.identity, is_starred=True)
    studio.close()
    later = open_studio(tmp_path / "projects", ScriptedEngine()).store.open_project(
        session.identity
    )[0]
    assert [(node.kind, node.seed) for node in later.history] == [("draft", 2)]
    assert later.folder.get(live.images[0]).startswith(b"\x89PNG")


def test_a_render_after_a_restored_live_picture_finds_its_parent(
    studio: Studio, session: Session
) -> None:
    first = render(studio, session)
    seeded(session, 1)
    session.branch_from(render(studio, session, "live"))
    seeded(session, 2)
    render(studio, session, "live")
    assert render(studio, session).parent == first.identity


def test_a_deleted_picture_goes_when_the_project_is_opened_again(
    tmp_path: Path, studio: Studio, session: Session
) -> None:
    kept = render(studio, session)
    seeded(session, 1)
    gone = render(studio, session)
    session.change_node(gone.identity, is_deleted=True)
    studio.close()
    later = open_studio(tmp_path / "projects", ScriptedEngine()).store.open_project(
        session.identity
    )[0]
    assert [node.identity for node in later.history.everything] == [kept.identity]
    assert later.history.base == kept.identity


def test_the_photo_of_an_old_picture_outlives_its_removal(
    tmp_path: Path, studio: Studio, session: Session
) -> None:
    photo = session.folder.put(b"a photo", "png")
    document = session.document
    session.begin_with(type(document)(document.scene, document.sampling, photo, document.slots))
    node = render(studio, session)
    session.begin_with(document)
    studio.close()
    later = open_studio(tmp_path / "projects", ScriptedEngine()).store.open_project(
        session.identity
    )[0]
    assert later.folder.get(later.document_of(node).photo or "") == b"a photo"


def test_the_bin_is_emptied_by_its_owner_alone(studio: Studio, session: Session) -> None:
    render(studio, session)
    studio.store.save_all()
    studio.store.delete(ANNA, session.identity)
    assert studio.store.empty_bin("b" * 32) == 0
    assert len(studio.store.bin_of(ANNA)) == 1
    assert studio.store.empty_bin(ANNA) > 0
    assert studio.store.bin_of(ANNA) == []


FULL = """
import sys
from pathlib import Path
from studio.scene.errors import StorageError
from studio.project.store import disk
from studio.project.edits import set_caption
from studio.service.renders import submit_render
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import drawn, finished, open_studio

disk.SMALLEST_FREE = 0  # the disk of this test has 1 MB in all
root = Path(sys.argv[1])
studio = open_studio(root / "projects", ScriptedEngine())
session = drawn(studio.store.create("a" * 32))
studio.store.save_all()
filler = root / "filler"
with filler.open("wb", buffering=0) as file:
    try:
        while True:
            file.write(bytes(4096))
    except OSError as full:
        print("full", full.errno)
job = finished(submit_render(studio, session, "final"))
print(job.state)
session.edit(lambda document: set_caption(document, "drawn on a full disk"), "caption")
print(session.save(), session.save_error)
try:
    submit_render(studio, session, "draft")
except StorageError as refusal:
    print("refused:", refusal)
image = next(iter(session.history)).images[0]
assert session.folder.get(image).startswith(b"\\x89PNG")
filler.unlink()
print(session.save(), session.save_error)
studio.close()
later = open_studio(root / "projects", ScriptedEngine()).store.open_project(session.identity)[0]
print(later.document.scene.caption, later.timeline.undo_label)
assert later.folder.get(image).startswith(b"\\x89PNG")
"""


def test_a_full_disk_is_one_sentence_and_loses_nothing(tmp_path: Path) -> None:
    """On a real disk of 1 MB, where the system lets us have one."""
    command = f'mount -t tmpfs -o size=1m none "{tmp_path}" && exec "$@"'
    own = ["unshare", "-rm", "sh", "-c", command, "sh"]
    try:
        subprocess.run([*own, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk of its own needs unshare and user namespaces")
    done = subprocess.run(
        [*own, sys.executable, "-c", FULL, str(tmp_path)],
        cwd=HOME,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sentence = (
        "The disk is full. Your work is kept in memory and saved as soon as that is possible: "
        "free some space, and do not close the studio."
    )
    assert done.stdout.splitlines() == [
        "full 28",
        "done",
        f"False {sentence}",
        f"refused: {sentence}",
        "True None",
        "drawn on a full disk caption",
    ]


def test_the_captions_of_a_refused_save_reach_the_disk_later(studio: Studio) -> None:
    session = drawn(studio.store.create(ANNA))
    session.folder.path.parent.mkdir(exist_ok=True)
    session.folder.path.write_text("in the way")
    session.edit(lambda document: set_caption(document, "later"), "caption")
    assert not session.save()
    assert "kept in memory" in (session.save_error or "")
    assert str(session.folder.path) not in (session.save_error or "")
    session.folder.path.unlink()
    assert session.save()
