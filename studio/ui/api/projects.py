"""Opening, making and keeping projects; files from outside and examples."""

from __future__ import annotations

from studio.project.document import Document
from studio.project.incoming import (
    File,
    Incoming,
    example_document,
    photo_document,
    read_examples,
    read_files,
)
from studio.project.photo_incoming import reopened, with_scene
from studio.project.session import Session
from studio.project.store.project_file import is_project_file, pack_project, unpack_project
from studio.project.store.project_folder import ProjectFolder
from studio.scene.errors import BadInput, ProjectFileError, SessionError
from studio.scene.scene import Scene
from studio.service.ready_strips import put_ready_strip
from studio.service.styles import missing_notices
from studio.ui.api.edits import edit_answer, scene_extent
from studio.ui.api.fields import Fields
from studio.ui.api.machine_views import model_view_of, status_view
from studio.ui.api.registry import Answer, Call, Registry, ServedFile
from studio.ui.api.requests import (
    EditFields,
    NamedProject,
    NewScene,
    OpenExample,
    OpenFiles,
    RenameProject,
    SetPhoto,
)
from studio.ui.api.views import (
    document_view,
    history_view,
    job_view,
    project_view,
    shapes_of,
    strip_views,
)

registry = Registry()


def everything(call: Call, notices: tuple[str, ...] = ()) -> Answer:
    """All that a page needs to show a project."""
    studio, session = call.studio, call.session
    with session.lock:
        notices += missing_notices(session.document, studio.settings.styles)
        return {
            "session": call.access.token,
            "owner": call.access.owner,
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


@registry.action
def new_scene(call: Call, given: NewScene) -> Answer:
    width, height = given.width, given.height
    if (width is None) != (height is None):
        raise BadInput("Send both width and height of a new scene, or neither for the model's own.")
    own = call.studio.facts.size
    extent = scene_extent(call, width or own.width, height or own.height)
    document = Document(Scene(extent.width, extent.height, given.caption))
    if call.session.is_untouched and document.scene.caption is None:
        call.session.begin_with(document)
        return everything(call)
    return _enter(call, call.studio.store.create(call.access.owner, document))


@registry.action
def set_photo(call: Call, given: SetPhoto) -> Answer:
    call.studio.store.disk.check()
    file = File(given.name, given.file)
    target = call.studio.store.create(call.access.owner)
    return begin(call, target, photo_document(file, call.studio.facts, target.folder))


@registry.action
def examples(call: Call, given: Fields) -> Answer:
    del given
    found = [
        {
            "id": entry["id"],
            "title": entry.get("title", ""),
            "text": entry.get("text", ""),
            "thumbnail": f"example/{entry['thumbnail']}" if entry.get("thumbnail") else None,
            "kind": entry.get("kind", "sketch"),
        }
        for entry in read_examples(call.examples)
    ]
    return {"examples": found}


@registry.action
def open_example(call: Call, given: OpenExample) -> Answer:
    wanted = given.id
    entry = next((each for each in read_examples(call.examples) if each["id"] == wanted), None)
    if entry is None:
        raise BadInput("There is no such example.")
    target = call.studio.store.create(call.access.owner)
    incoming = example_document(entry, call.examples, call.studio.facts, target.folder)
    _fill(target, incoming)
    studio, folder = call.studio, call.examples
    studio.when_loaded(lambda: put_ready_strip(studio, target, wanted, folder))
    return _enter(call, target, incoming.notices)


@registry.action
def open_files(call: Call, given: OpenFiles) -> Answer:
    call.studio.store.disk.check()
    files = [File(each.name, each.data) for each in given.files]
    if given.into == "scene":
        return _replace_scene(call, given, files)
    target = call.studio.store.create(call.access.owner)
    if len(files) == 1 and is_project_file(files[0].content):
        return _enter(call, _opened(call, target, files[0].content))
    reopened_edit = reopened(files[0], target.folder) if len(files) == 1 else None
    return begin(call, target, reopened_edit or read_files(files, call.studio.facts, target.folder))


@registry.action
def projects(call: Call, given: Fields) -> Answer:
    del given
    call.studio.store.save_all()
    found = call.studio.store.projects(call.access.owner)
    return {"projects": [project_view(summary) for summary in found]}


@registry.action
def open_project(call: Call, given: NamedProject) -> Answer:
    session, notices = call.studio.store.open_project(given.project)
    return _enter(call, session, notices)


@registry.action
def rename_project(call: Call, given: RenameProject) -> Answer:
    call.session.rename(given.name.strip() or "Untitled")
    return {"project": project_of(call.session)}


@registry.action
def delete_project(call: Call, given: NamedProject) -> Answer:
    project = given.project
    if project == call.session.identity:
        raise BadInput("This project is open; open another one first.")
    call.studio.queue.cancel(project)
    call.studio.store.delete(call.access.owner, project)
    return {}


@registry.action
def duplicate_project(call: Call, given: Fields) -> Answer:
    del given
    call.studio.store.disk.check()
    target = call.studio.store.create(call.access.owner)
    session = _opened(call, target, pack_project(call.session))
    session.rename(f"{call.session.name} (copy)"[:120])
    return _enter(call, session)


@registry.action
def save_project(call: Call, given: Fields) -> Answer:
    del given
    content = pack_project(call.session)
    name = f"{file_name(call.session.name)}.s2a"
    return call.exports.put(call.session.identity, ServedFile(content, "application/zip", name))


@registry.action
def close(call: Call, given: Fields) -> Answer:
    del given
    for job in list(call.session.jobs.values()):
        if job.spec.kind in ("live", "peek") and not job.has_ended:
            call.studio.queue.cancel(call.session.identity, job.identity)
    call.studio.store.save_all()
    return {}


def file_name(name: str) -> str:
    """A name that every system takes as a file's."""
    kept = "".join(letter if letter.isalnum() or letter in " -_()" else "_" for letter in name)
    return kept.strip()[:60] or "picture"


def _enter(call: Call, session: Session, notices: tuple[str, ...] = ()) -> Answer:
    """Turn this tab to another project."""
    access = call.studio.store.attach(call.access.owner, session, call.access.token)
    return everything(Call(call.studio, call.exports, access, session), notices)


def begin(call: Call, target: Session, incoming: Incoming) -> Answer:
    """Fill a fresh project with what came from outside; this is not an edit to undo."""
    _fill(target, incoming)
    return _enter(call, target, incoming.notices)


def _fill(target: Session, incoming: Incoming) -> None:
    target.begin_with(incoming.document)
    target.rename(incoming.name)


def _opened(call: Call, target: Session, content: bytes) -> Session:
    """A project file in place of a fresh project."""
    try:
        state = unpack_project(content, target.folder)
    except ProjectFileError:
        call.studio.store.forget(target)
        raise
    return call.studio.store.replace_state(target, state)


def _replace_scene(call: Call, given: EditFields, files: list[File]) -> Answer:
    """Into an edited photo, a scene brings its regions; a photo takes the place of all."""
    facts, folder = call.studio.facts, call.session.folder
    if call.document.edit is None:
        incoming = read_files(files, facts, folder)
    else:
        again = reopened(files[0], folder) if len(files) == 1 else None
        incoming = again or read_files(files, facts, folder, fits=False)

    def change(document: Document) -> Document:
        fresh = incoming.document
        is_scene = fresh.edit is None and fresh.photo is None
        if document.edit is None or not is_scene:
            return fresh
        return with_scene(document, fresh.scene)[0]

    before, after = call.session.edit(change, "import", revision=given.revision)
    return edit_answer(call, before, after, incoming.notices)


def read_project_picture(call: Call, project: str, reference: str) -> bytes:
    """A picture of another project of the same person."""
    if not call.studio.store.owns(call.access.owner, project):
        raise SessionError("There is no such project of yours.")
    return ProjectFolder(call.studio.store.root / project).get(reference)
