"""Saving by itself, while sessions are dropped, deleted and refused by the disk at that moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.project.document import Document
from studio.project.edits import set_caption
from studio.project.history import Node
from studio.project.session import Session
from studio.project.store.autosave import Autosave
from studio.project.store.store import SessionStore
from studio.scene.errors import SessionError, StorageError
from studio.scene.scene import Scene
from tests.service.conftest import drawn, until

ANNA = "a" * 32


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SessionStore]:
    store = SessionStore(
        tmp_path / "projects", lambda: Document(Scene(64, 48)), most_open=2, save_delay=0.01
    )
    yield store
    store.close()


class SlowDisk:
    """Holds a save where the state is written and the undo is not, until it may go on."""

    def __init__(self, session: Session) -> None:
        self.arrived, self.may_go_on = threading.Event(), threading.Event()
        session.folder.count = self._hold

    def _hold(self, size: int) -> None:
        del size
        self.arrived.set()
        assert self.may_go_on.wait(10)


def half_saved(store: SessionStore) -> tuple[Session, SlowDisk]:
    session = store.create(ANNA)
    disk = SlowDisk(session)
    drawn(session)
    assert disk.arrived.wait(10)
    return session, disk


def saved_later(session: Session) -> None:
    session.edit(lambda document: set_caption(document, "in the middle of it"), "caption")


def test_a_session_is_not_dropped_while_it_is_being_saved(store: SessionStore) -> None:
    session, disk = half_saved(store)
    session.last_used -= 100
    for _ in range(4):
        store.create(ANNA)
    assert store.live(session.identity) is session
    saved_later(session)
    disk.may_go_on.set()
    store.save_all()
    for other in store.sessions:
        other.last_used -= 100
    store.create(ANNA)
    assert store.live(session.identity) is None
    again = store.open_project(session.identity)[0]
    assert again.document.scene.caption == "in the middle of it"


def test_a_session_whose_save_was_refused_is_not_dropped(store: SessionStore) -> None:
    session = store.create(ANNA)
    session.folder.path.parent.mkdir(exist_ok=True)
    session.folder.path.write_text("in the way")
    drawn(session)
    until(lambda: session.save_error is not None)
    session.last_used -= 100
    for _ in range(4):
        store.create(ANNA)
    assert store.live(session.identity) is session
    session.folder.path.unlink()


def test_a_project_deleted_during_its_save_stays_deleted(store: SessionStore) -> None:
    session = drawn(store.create(ANNA))
    store.save_all()
    disk = SlowDisk(session)
    saved_later(session)
    assert disk.arrived.wait(10)
    deleting = threading.Thread(target=store.delete, args=(ANNA, session.identity))
    deleting.start()
    deleting.join(0.2)  # long enough to move a folder, were it not waiting for the save
    disk.may_go_on.set()
    deleting.join(10)
    store.save_all()
    assert not session.folder.path.exists()
    assert store.projects(ANNA) == []
    assert len(store.bin_of(ANNA)) == 1


def test_a_window_cannot_open_a_project_while_it_is_being_deleted(store: SessionStore) -> None:
    session = drawn(store.create(ANNA))
    store.save_all()
    access = store.attach(ANNA, session)
    disk = SlowDisk(session)
    saved_later(session)
    assert disk.arrived.wait(10)
    deleting = threading.Thread(target=store.delete, args=(ANNA, session.identity))
    deleting.start()
    until(lambda: store.live(session.identity) is None)
    with pytest.raises(SessionError, match="no longer here"):
        store.enter(access.token)
    disk.may_go_on.set()
    deleting.join(10)


def test_a_picture_that_comes_after_its_project_was_deleted_is_not_written(
    store: SessionStore,
) -> None:
    session = drawn(store.create(ANNA))
    store.save_all()
    store.delete(ANNA, session.identity)
    reference = session.folder.put(b"a picture", "png")
    assert session.folder.get(reference) == b"a picture"
    saved_later(session)
    assert session.save()
    assert not session.folder.path.exists()


def test_a_project_that_cannot_be_moved_to_the_bin_goes_on_as_it_was(store: SessionStore) -> None:
    session = drawn(store.create(ANNA))
    store.save_all()
    (store.root / ".bin").write_text("in the way")
    saved_later(session)
    with pytest.raises(StorageError, match="was not moved to the bin"):
        store.delete(ANNA, session.identity)
    assert store.open_project(session.identity)[0] is session
    store.save_all()
    assert b"in the middle of it" in max(session.folder.path.glob("state-*.json")).read_bytes()


def test_a_refused_save_of_a_forgotten_project_is_not_tried_again() -> None:
    arrived, may_go_on = threading.Event(), threading.Event()

    def refuse(_: Session) -> bool:
        arrived.set()
        assert may_go_on.wait(10)
        return False

    session = detached_session()
    autosave = Autosave(refuse, delay=0.0)
    autosave.mark(session)
    assert arrived.wait(10)
    threading.Timer(0.05, may_go_on.set).start()
    autosave.forget(session.identity)
    assert may_go_on.is_set()
    assert not autosave.is_unsaved(session.identity)
    autosave.close()


def detached_session() -> Session:
    from studio.project.store.project_folder import ProjectFolder

    return Session("c" * 32, "", ProjectFolder(Path("nowhere")), Document(Scene(64, 48)))


def node(session: Session, **changes: object) -> Node:
    plain = Node(
        kind="final",
        at=1.0,
        images=(session.folder.put(b"a picture", "png"),),
        thumbnail=session.folder.put(b"small", "jpg"),
        document=session.folder.put(b"{}", "json"),
        key="key",
        width=64,
        height=48,
        seed=0,
        gamma=1.0,
        seconds=1.0,
        changes="",
        summary="",
        model="none",
        model_digest="0f",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_number_that_cannot_be_saved_is_told_and_saving_goes_on_without_it(
    store: SessionStore,
) -> None:
    session = drawn(store.create(ANNA))
    store.save_all()
    bad = node(session, seconds=float("nan"))
    session.add_node(bad)
    until(lambda: session.save_error is not None)
    assert session.save_error == (
        "The project cannot be saved: history.nodes.0.seconds is nan, which is no number; delete "
        "what it belongs to. Your work is kept in memory; do not close the studio."
    )
    seen = session.seen
    session.forget_nodes(lambda each: each is bad)
    store.save_all()
    assert session.save_error is None
    assert session.is_news("status", seen)


def test_a_surprise_in_saving_is_told_to_the_page(store: SessionStore) -> None:
    session = drawn(store.create(ANNA))
    store.save_all()
    session.name = object()  # type: ignore[assignment]
    store._autosave.mark(session)
    until(lambda: session.save_error is not None)
    assert "kept in memory" in (session.save_error or "")
    session.name = "again"
