"""Editing a photo: opening it, how it is edited, its parts at full size, and taking it away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from studio.project.document import Document
from studio.project.history import Node
from studio.project.incoming import File
from studio.project.photo_changes import set_work
from studio.project.photo_incoming import edited_photo, edited_result, started, stopped
from studio.project.photo_work import outside_to_json
from studio.project.session import StaleEdit
from studio.scene.errors import BadInput
from studio.scene.run_lengths import box_of
from studio.service.photo_composites import Composite
from studio.service.photo_edits import submit_edit
from studio.service.photo_exports import exported
from studio.service.photo_plan import plan_edit
from studio.service.photo_tiles import context_boxes_of, tile
from studio.ui.api.edits import edit, edit_answer
from studio.ui.api.exports import MIMES
from studio.ui.api.fields import Fields
from studio.ui.api.photo_requests import (
    EditPhoto,
    EditResult,
    ExportPhoto,
    PhotoTile,
    Reroll,
    SetEdit,
)
from studio.ui.api.projects import begin, file_name
from studio.ui.api.registry import Answer, Call, Change, Registry, ServedFile
from studio.ui.api.renders import job_or_node
from studio.ui.api.requests import EditFields

registry = Registry()


@registry.action
def edit_photo(call: Call, given: EditPhoto) -> Answer:
    call.studio.store.disk.check()
    target = call.studio.store.create(call.access.owner)
    try:
        incoming = edited_photo(File(given.name, given.file), target.folder)
    except BadInput:
        call.studio.store.forget(target)
        raise
    return begin(call, target, incoming)


def slow_edit(
    call: Call,
    given: EditFields,
    label: str,
    make: Callable[[Document], tuple[Document, tuple[str, ...]]],
) -> Answer:
    """An edit that decodes pictures: it holds up nobody, and is refused if another came first."""
    call.session.check_revision(given.revision)
    known = call.document
    made, notices = make(known)

    def change(document: Document) -> Document:
        if document is not known:
            raise StaleEdit("The scene was changed in another window; this is how it is now.")
        return made

    before, after = call.session.edit(change, label, given.gesture, given.revision)
    return edit_answer(call, before, after, notices)


@registry.action
def start_editing(call: Call, given: EditFields) -> Answer:
    session = call.session
    return slow_edit(
        call,
        given,
        "start editing the photo",
        lambda document: started(document, session.folder, session.name),
    )


@registry.action
def stop_editing(call: Call, given: EditFields) -> Answer:
    folder, facts = call.session.folder, call.studio.facts
    return slow_edit(
        call,
        given,
        "stop editing the photo",
        lambda document: stopped(document, folder, facts),
    )


@registry.action
def edit_result(call: Call, given: EditResult) -> Answer:
    session = call.session
    node = session.history.node(given.node)
    last = len(node.images) - 1
    if given.index > last:
        raise BadInput(
            "index is {index}; it must be a whole number 0 to {last}.",
            index=given.index,
            last=last,
        )
    answer = slow_edit(call, given, "edit a result", lambda _: _result(call, node, given.index))
    session.branch_from(node)
    return answer


@edit
def set_edit(call: Call, given: SetEdit) -> Change:
    del call
    changes = given.changes
    return Change(
        lambda document: set_work(document, **changes), f"{given.names_of_changes} of the edit"
    )


@registry.action
def reroll(call: Call, given: Reroll) -> Answer:
    plan = plan_edit(call.document, given.quality, [given.region], makes_new=True)
    return job_or_node(call, submit_edit(call.studio, call.session, plan))


@registry.action
def photo_tile(call: Call, given: PhotoTile) -> Answer:
    made = Composite(call.studio, call.session, call.document)
    content, box = tile(made, box_of(given.box), given.size, is_original=given.original)
    return {"file": call.session.folder.pass_on(content, "png"), "box": list(box)}


@registry.action
def context_boxes(call: Call, given: Fields) -> Answer:
    del given
    boxes = context_boxes_of(call.studio, call.document)
    return {"boxes": [list(box) for box in boxes]}


@registry.action
def export_photo(call: Call, given: ExportPhoto) -> Answer:
    made = exported(Composite(call.studio, call.session, call.document), given.format)
    name = f"{file_name(call.session.name)}.{made.suffix}"
    file = ServedFile(made.content, MIMES[made.suffix], name)
    return {
        **call.exports.put(call.session.identity, file),
        "outside": outside_to_json(made.outside),
        "notices": list(made.notices),
    }


def _result(call: Call, node: Node, index: int) -> tuple[Document, tuple[str, ...]]:
    """The node's document as an edit: of its own photo, or of its picture."""
    session = call.session
    session.folder.keep(node.references)
    document = session.document_of(node)
    if document.edit is not None and index < len(node.layers):
        work = document.edit.with_made(node.layers[index], node.outside)
        return replace(document, edit=work), ()
    return edited_result(document, node.images[index], session.name, session.folder)
