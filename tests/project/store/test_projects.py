"""Projects on disk: generations, damage, full disks, zip files from strangers, and locks."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.files.lock_file import FolderLock
from studio.project.document import Document
from studio.project.edits import set_caption
from studio.project.store.project_file import is_project_file, pack_project, unpack_project
from studio.project.store.project_folder import ProjectFolder, pack_state, unpack_state
from studio.project.store.store import SessionStore
from studio.scene.errors import ProjectFileError, SessionError, StorageError
from studio.scene.scene import Scene
from tests.service.conftest import drawn, until

ANNA = "a" * 32


def empty() -> Document:
    return Document(Scene(64, 48))


@pytest.fixture
def store(tmp_path: Path):
    store = SessionStore(tmp_path / "projects", empty, save_delay=0.01)
    yield store
    store.close()


def reopened(store: SessionStore, key: str):
    """The project as a fresh studio would find it."""
    store.save_all()
    store._sessions.clear()
    return store.open_project(key)


def test_every_edit_reaches_the_disk_by_itself(store: SessionStore) -> None:
    session = drawn(store.create(ANNA))
    until(lambda: session.saved_at is not None)
    session.edit(lambda document: set_caption(document, "later"), "caption")
    path = session.folder.path
    until(
        lambda: (
            len(list(path.glob("state-*.json"))) > 1
            and not store._autosave.is_unsaved(session.identity)
        )
    )
    assert reopened(store, session.identity)[0].document.scene.caption == "later"


def test_a_project_nobody_touched_leaves_no_trace(store: SessionStore) -> None:
    session = store.create(ANNA)
    store.save_all()
    assert not session.folder.path.exists()


def test_a_saved_project_is_equal_with_ids_and_colours(store: SessionStore) -> None:
    session = drawn(store.create(ANNA))
    before = session.document
    later, notices = reopened(store, session.identity)
    assert later.document.is_same_as(before)
    assert later.document.slots == before.slots
    assert notices == ()


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "other"])
def test_a_damaged_save_falls_back_to_the_one_before(store: SessionStore, damage: str) -> None:
    session = drawn(store.create(ANNA))
    session.save()
    session.edit(lambda document: set_caption(document, "newest"), "caption")
    session.save()
    store.save_all()
    newest = max(session.folder.path.glob("state-*.json"))
    content = newest.read_bytes()
    damaged = {
        "cut": content[: len(content) // 2],
        "flip": content[:-20] + b"X" + content[-19:],
        "empty": b"",
        "other": b"hello\nworld",
    }
    newest.write_bytes(damaged[damage])
    later, notices = reopened(store, session.identity)
    assert later.document.scene.caption in ("a lawn", "newest")
    assert "damaged" in notices[0]
    assert newest.with_suffix(".bad").exists()


def test_three_generations_are_kept(store: SessionStore) -> None:
    session = drawn(store.create(ANNA))
    for _ in range(6):
        session.save()
    assert len(list(session.folder.path.glob("state-*.json"))) == 3


def test_a_newer_version_is_told_apart_from_damage(tmp_path: Path) -> None:
    content = pack_state({"name": "x"}).replace(b"project 1 ", b"project 9 ", 1)
    with pytest.raises(ProjectFileError, match="version 9"):
        unpack_state(content)


def test_a_project_of_a_newer_studio_is_left_as_it_is(store: SessionStore) -> None:
    session = drawn(store.create(ANNA))
    session.save()
    session.save()
    store.save_all()
    newest = max(session.folder.path.glob("state-*.json"))
    newest.write_bytes(newest.read_bytes().replace(b"project 1 ", b"project 9 ", 1))
    store._sessions.clear()
    _, fresh, notices = store.open(project=session.identity)
    assert fresh.is_untouched
    assert "version 9" in notices[0]
    assert newest.exists()


def test_a_job_that_ends_after_its_project_was_deleted_does_not_bring_it_back(
    store: SessionStore,
) -> None:
    session = drawn(store.create(ANNA))
    store.save_all()
    store.delete(ANNA, session.identity)
    session.edit(lambda document: set_caption(document, "too late"), "caption")
    store.save_all()
    assert not session.folder.path.exists()


def test_when_the_disk_refuses_work_goes_on_and_is_saved_later(tmp_path: Path) -> None:
    root = tmp_path / "projects"
    store = SessionStore(root, empty, save_delay=0.01)
    session = drawn(store.create(ANNA))
    store.save_all()
    shutil.rmtree(session.folder.path)
    session.folder.path.write_text("in the way")
    reference = session.folder.put(b"a picture", "png")
    session.edit(lambda document: set_caption(document, "unsaved"), "caption")
    assert not session.save()
    assert session.save_error
    assert session.folder.get(reference) == b"a picture"
    session.folder.path.unlink()
    assert session.save()
    assert session.save_error is None
    assert ProjectFolder(session.folder.path).get(reference) == b"a picture"
    store.close()


def test_only_references_are_read_from_a_folder(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path / "p")
    (tmp_path / "secret.png").write_bytes(b"x")
    for name in ("../secret.png", "/etc/passwd", "state-00000001.json", "", "a" * 32 + ".exe"):
        with pytest.raises(SessionError):
            folder.get(name)


def test_content_that_nothing_needs_is_swept(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path / "p")
    kept, gone = folder.put(b"kept", "png"), folder.put(b"gone", "png")
    folder.sweep([kept])
    assert folder.has(kept)
    assert not folder.has(gone)


def test_a_key_that_is_not_known_opens_a_new_project(store: SessionStore) -> None:
    access, session, notices = store.open(project="0" * 32)
    assert session.is_untouched
    assert "no longer here" in notices[0]
    assert store.enter(access.token)[1] is session


@pytest.mark.parametrize("key", ["../../etc", "0" * 31, "", "G" * 32, None, 7])
def test_keys_are_never_paths(store: SessionStore, key: object) -> None:
    _, session, _ = store.open(project=key)
    assert session.is_untouched


def test_projects_are_listed_for_their_owner_alone(store: SessionStore) -> None:
    session = drawn(store.create(ANNA))
    store.save_all()
    assert [each.identity for each in store.projects(ANNA)] == [session.identity]
    assert store.projects("b" * 32) == []
    with pytest.raises(SessionError):
        store.delete("b" * 32, session.identity)
    store.delete(ANNA, session.identity)
    assert store.projects(ANNA) == []
    assert list((store.root / ".bin").iterdir())


def test_the_owners_secret_is_not_on_the_disk(store: SessionStore) -> None:
    session = drawn(store.create("5ec7e7" * 5 + "ab"))
    store.save_all()
    for file in session.folder.path.rglob("*.json"):
        assert b"5ec7e7" not in file.read_bytes()


def test_sessions_beyond_the_limit_go_to_disk_and_come_back(tmp_path: Path) -> None:
    store = SessionStore(tmp_path / "p", empty, most_open=3, save_delay=0.01)
    first = drawn(store.create(ANNA))
    store.save_all()
    first.last_used -= 100
    for _ in range(6):
        store.create(ANNA)
    assert store.live(first.identity) is None
    assert store.open_project(first.identity)[0].document.scene.caption == "a lawn"
    store.close()


def test_a_second_studio_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(StorageError, match="Another studio"):
        FolderLock(tmp_path)
    lock.release()
    FolderLock(tmp_path).release()


def project_bytes(store: SessionStore) -> bytes:
    session = drawn(store.create(ANNA))
    photo = session.folder.put(b"a photo", "png")
    document = session.document
    session.begin_with(Document(document.scene, document.sampling, photo, document.slots))
    return pack_project(session)


def test_a_project_file_holds_no_owner(store: SessionStore) -> None:
    content = project_bytes(store)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert unpack_state(archive.read("project.json"))["owner"] == ""


@pytest.mark.parametrize(
    "name", ["../../evil.png", "/abs.png", "content/../x.png", "content/x.png"]
)
def test_names_in_a_project_file_are_never_paths(
    store: SessionStore, tmp_path: Path, name: str
) -> None:
    content = io.BytesIO(project_bytes(store))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(name, b"evil")
    with pytest.raises(ProjectFileError, match="does not belong"):
        unpack_project(content.getvalue(), ProjectFolder(tmp_path / "target"))
    assert not list(tmp_path.rglob("*evil*"))


def test_content_that_does_not_fit_its_name_is_refused(store: SessionStore, tmp_path: Path) -> None:
    content = io.BytesIO(project_bytes(store))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(f"content/{'0' * 32}.png", b"something else")
    with pytest.raises(ProjectFileError, match="does not fit"):
        unpack_project(content.getvalue(), ProjectFolder(tmp_path / "target"))


def test_a_project_file_without_its_photo_is_incomplete(
    store: SessionStore, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(project_bytes(store))) as archive:
        state = archive.read("project.json")
    only = io.BytesIO()
    with zipfile.ZipFile(only, "w") as archive:
        archive.writestr("project.json", state)
    with pytest.raises(ProjectFileError, match="incomplete"):
        unpack_project(only.getvalue(), ProjectFolder(tmp_path / "target"))


def test_a_bomb_is_refused_by_what_it_says_it_unpacks_to(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.json", b"{}")
        info = zipfile.ZipInfo(f"content/{'0' * 32}.png")
        archive.writestr(info, b"x")
        info.file_size = 2**33
        archive.filelist[-1].file_size = 2**33
    assert is_project_file(bomb.getvalue())
    with pytest.raises(ProjectFileError):
        unpack_project(bomb.getvalue(), ProjectFolder(tmp_path / "target"))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_damaged_project_file_never_breaks_anything(data: st.DataObject) -> None:
    body = {"document": {"scene": {"width": 8}}, "name": "x", "history": {"nodes": [1]}}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("project.json", pack_state(json.loads(json.dumps(body))))
    raw = bytearray(content.getvalue())
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(raw[: data.draw(st.integers(1, len(raw)))])
    with pytest.raises(ProjectFileError):
        unpack_project(cut, ProjectFolder(Path("/nonexistent/target")))
