"""Opening, making and keeping projects; files from outside and examples."""

from __future__ import annotations

from typing import Any

from studio.project.document import Document
from studio.project.incoming import (
    File,
    Incoming,
    example_document,
    photo_document,
    read_examples,
    read_files,
)
from studio.project.session import Session
from studio.project.store.project_file import is_project_file, pack_project, unpack_project
from studio.project.store.project_folder import ProjectFolder
from studio.scene.errors import BadInput, ProjectFileError, SessionError
from studio.scene.scene import Scene
from studio.service.ready_strips import put_ready_strip
from studio.ui.api.client import Answer, Registry, ServedFile, Visit, edit_fields, revision_of
from studio.ui.api.edits import edit_answer, scene_extent
from studio.ui.api.machine_views import model_view_of, status_view
from studio.ui.api.payload import Payload, content_of
from studio.ui.api.views import (
    document_view,
    history_view,
    job_view,
    project_view,
    shapes_of,
    strip_views,
)

registry = Registry()


def everything(visit: Visit, notices: tuple[str, ...] = ()) -> Answer:
    """All that a page needs to show a project."""
    studio, session = visit.studio, visit.session
    with session.lock:
        return {
            "session": visit.access.token,
            "owner": visit.access.owner,
            "project": project_of(session),
            "document": document_view(studio, session),
            "revision": session.revision,
            "shapes": shapes_of(session.document.scene),
            "history": history_view(session),
            "strips": strip_views(session),
            "jobs": [job_view(studio, job) for job in session.jobs.values()],
            "seen": session.seen,
            "model": model_view_of(studio),
            "status": status_view(studio, session),
            "notices": list(notices),
            "is_new": session.is_untouched,
        }


def project_of(session: Session) -> Answer:
    return {"id": session.identity, "name": session.name, "saved_at": session.saved_at}


@registry.action("width height caption")
def new_scene(visit: Visit, given: Payload) -> Answer:
    extent = scene_extent(visit, given)
    document = Document(Scene(extent.width, extent.height, given.optional_text("caption")))
    if visit.session.is_untouched and document.scene.caption is None:
        visit.session.begin_with(document)
        return everything(visit)
    return _enter(visit, visit.studio.store.create(visit.access.owner, document))


@registry.action("file name")
def set_photo(visit: Visit, given: Payload) -> Answer:
    visit.studio.store.disk.check()
    file = File(given.text("name", "photo", longest=400), given.content("file"))
    target = visit.studio.store.create(visit.access.owner)
    return _begin(visit, target, photo_document(file, visit.studio.facts, target.folder))


@registry.action()
def examples(visit: Visit, given: Payload) -> Answer:
    del given
    found = [
        {
            "id": entry["id"],
            "title": entry.get("title", ""),
            "text": entry.get("text", ""),
            "thumbnail": f"example/{entry['thumbnail']}" if entry.get("thumbnail") else None,
            "kind": entry.get("kind", "sketch"),
        }
        for entry in read_examples(visit.examples)
    ]
    return {"examples": found}


@registry.action("id")
def open_example(visit: Visit, given: Payload) -> Answer:
    wanted = given.text("id")
    entry = next((each for each in read_examples(visit.examples) if each["id"] == wanted), None)
    if entry is None:
        raise BadInput("There is no such example.")
    target = visit.studio.store.create(visit.access.owner)
    incoming = example_document(entry, visit.examples, visit.studio.facts, target.folder)
    _fill(target, incoming)
    studio, folder = visit.studio, visit.examples
    studio.when_loaded(lambda: put_ready_strip(studio, target, wanted, folder))
    return _enter(visit, target, incoming.notices)


@registry.action(edit_fields("files into"))
def open_files(visit: Visit, given: Payload) -> Answer:
    visit.studio.store.disk.check()
    files = [_file(entry) for entry in given.items("files", most=500)]
    into = given.text("into", "project")
    if into == "scene":
        return _replace_scene(visit, given, files)
    if into != "project":
        raise BadInput("Files are opened into a new project or into the scene.")
    target = visit.studio.store.create(visit.access.owner)
    if len(files) == 1 and is_project_file(files[0].content):
        return _enter(visit, _opened(visit, target, files[0].content))
    return _begin(visit, target, read_files(files, visit.studio.facts, target.folder))


@registry.action()
def projects(visit: Visit, given: Payload) -> Answer:
    del given
    visit.studio.store.save_all()
    found = visit.studio.store.projects(visit.access.owner)
    return {"projects": [project_view(summary) for summary in found]}


@registry.action("project")
def open_project(visit: Visit, given: Payload) -> Answer:
    session, notices = visit.studio.store.open_project(given.text("project"))
    return _enter(visit, session, notices)


@registry.action("name")
def rename_project(visit: Visit, given: Payload) -> Answer:
    visit.session.rename(given.text("name", longest=120).strip() or "Untitled")
    return {"project": project_of(visit.session)}


@registry.action("project")
def delete_project(visit: Visit, given: Payload) -> Answer:
    project = given.text("project")
    if project == visit.session.identity:
        raise BadInput("This project is open; open another one first.")
    visit.studio.queue.cancel(project)
    visit.studio.store.delete(visit.access.owner, project)
    return {}


@registry.action()
def duplicate_project(visit: Visit, given: Payload) -> Answer:
    del given
    visit.studio.store.disk.check()
    target = visit.studio.store.create(visit.access.owner)
    session = _opened(visit, target, pack_project(visit.session))
    session.rename(f"{visit.session.name} (copy)"[:120])
    return _enter(visit, session)


@registry.action()
def save_project(visit: Visit, given: Payload) -> Answer:
    del given
    content = pack_project(visit.session)
    name = f"{file_name(visit.session.name)}.s2a"
    return visit.exports.put(visit.session.identity, ServedFile(content, "application/zip", name))


@registry.action()
def close(visit: Visit, given: Payload) -> Answer:
    del given
    for job in list(visit.session.jobs.values()):
        if job.order.kind in ("live", "peek") and not job.has_ended:
            visit.studio.queue.cancel(visit.session.identity, job.identity)
    visit.studio.store.save_all()
    return {}


def file_name(name: str) -> str:
    """A name that every system takes as a file's."""
    kept = "".join(letter if letter.isalnum() or letter in " -_()" else "_" for letter in name)
    return kept.strip()[:60] or "picture"


def _enter(visit: Visit, session: Session, notices: tuple[str, ...] = ()) -> Answer:
    """Turn this tab to another project."""
    access = visit.studio.store.attach(visit.access.owner, session, visit.access.token)
    return everything(Visit(visit.studio, visit.exports, access, session), notices)


def _begin(visit: Visit, target: Session, incoming: Incoming) -> Answer:
    """Fill a fresh project with what came from outside; this is not an edit to undo."""
    _fill(target, incoming)
    return _enter(visit, target, incoming.notices)


def _fill(target: Session, incoming: Incoming) -> None:
    target.begin_with(incoming.document)
    target.rename(incoming.name)


def _opened(visit: Visit, target: Session, content: bytes) -> Session:
    """A project file in place of a fresh project."""
    try:
        state = unpack_project(content, target.folder)
    except ProjectFileError:
        visit.studio.store.forget(target)
        raise
    return visit.studio.store.replace_state(target, state)


def _replace_scene(visit: Visit, given: Payload, files: list[File]) -> Answer:
    incoming = read_files(files, visit.studio.facts, visit.session.folder)
    before, after = visit.session.edit(
        lambda document: incoming.document, "import", revision=revision_of(given)
    )
    return edit_answer(visit, before, after, incoming.notices)


def _file(entry: Any) -> File:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise BadInput("A file is {name, data}.")
    return File(entry["name"][:400], content_of(entry.get("data"), "data"))


def read_project_picture(visit: Visit, project: str, reference: str) -> bytes:
    """A picture of another project of the same person."""
    if not visit.studio.store.owns(visit.access.owner, project):
        raise SessionError("There is no such project of yours.")
    return ProjectFolder(visit.studio.store.root / project).get(reference)
