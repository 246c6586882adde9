"""Edits of the scene and its settings, undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from studio.project import edits
from studio.project.document import Document
from studio.project.hints import apply_fix as fixed
from studio.scene.errors import BadInput
from studio.scene.geometry import Extent
from studio.scene.region import Region
from studio.scene.request import Sampling
from studio.scene.scene import LARGEST_SIDE
from studio.service.measures import found_shapes
from studio.ui.api.payload import Payload
from studio.ui.api.registry import (
    Answer,
    Call,
    Change,
    EditHandler,
    Handler,
    Registry,
    edit_fields,
    revision_of,
)
from studio.ui.api.views import changed_shapes, document_view, shapes_of

registry = Registry()
_SAMPLING = " ".join(field.name for field in fields(Sampling) if field.name != "draft")


def edit(allowed: str = "") -> Callable[[EditHandler], Handler]:
    """Register an action that changes the document; it answers what the page must redraw."""

    def add(handler: EditHandler) -> Handler:
        def run(call: Call, given: Payload) -> Answer:
            revision = revision_of(given)
            gesture = given.text("gesture", None, longest=200)
            with call.session.lock:
                call.session.check_revision(revision)
                wanted = handler(call, given)
                before, after = call.session.edit(wanted.change, wanted.label, gesture)
                return edit_answer(call, before, after, wanted.notices)

        run.__name__ = handler.__name__
        return registry.action(edit_fields(allowed))(run)

    return add


def edit_answer(
    call: Call, before: Document, after: Document, notices: tuple[str, ...] = ()
) -> Answer:
    return {
        "revision": call.session.revision,
        "document": document_view(call.studio, call.session),
        "shapes": changed_shapes(before.scene, after.scene),
        "notices": list(notices),
    }


@edit("id shape caption name gamma clicks below")
def add_region(call: Call, given: Payload) -> Change:
    optional: dict[str, Any] = {}
    identity = given.identity()
    if identity is not None:
        optional["identity"] = identity
    region = Region(
        given.mask(call.document.scene.extent),
        given.text("caption", ""),
        name=given.optional_text("name"),
        gamma=given.value("gamma", None),
        clicks=given.clicks() or (),
        **optional,
    )
    below = given.optional_text("below")
    return Change(lambda document: edits.add_region(document, region, below), "draw a region")


@edit("region op shape clicks")
def edit_mask(call: Call, given: Payload) -> Change:
    identity, clicks = given.text("region"), given.clicks()
    shape = given.mask(call.document.scene.extent).pixels
    change = edits.combined_with(shape, given.text("op"))
    number = call.document.number(identity)
    return Change(
        lambda document: edits.edit_mask(document, identity, change, clicks),
        f"shape of region {number}",
    )


@edit("region op pixels")
def change_mask(call: Call, given: Payload) -> Change:
    identity, op = given.text("region"), given.text("op")
    change = edits.changed_by(op, given.whole("pixels", 0, 512, 2))
    number = call.document.number(identity)
    return Change(
        lambda document: edits.edit_mask(document, identity, change),
        f"{op.replace('_', ' ')} region {number}",
    )


@edit("region to")
def transform_region(call: Call, given: Payload) -> Change:
    identity, change = given.text("region"), edits.placed_in(given.box("to"))
    number = call.document.number(identity)
    return Change(
        lambda document: edits.edit_mask(document, identity, change), f"move region {number}"
    )


@edit("region caption name gamma visible locked")
def set_region(call: Call, given: Payload) -> Change:
    identity = given.text("region")
    number = call.document.number(identity)
    changes: dict[str, Any] = {}
    if given.has("caption"):
        changes["caption"] = given.text("caption")
    if given.has("name"):
        changes["name"] = given.optional_text("name")
    if given.has("gamma"):
        changes["gamma"] = given.value("gamma")
    if given.has("visible"):
        changes["is_visible"] = given.flag("visible")
    if given.has("locked"):
        changes["is_locked"] = given.flag("locked")
    what = {"is_visible": "visibility", "is_locked": "lock"}
    names = ", ".join(what.get(name, name) for name in changes) or "nothing"
    return Change(
        lambda document: edits.set_region(document, identity, **changes),
        f"{names} of region {number}",
    )


@edit("caption")
def set_scene(call: Call, given: Payload) -> Change:
    del call
    caption = given.optional_text("caption")
    return Change(lambda document: edits.set_caption(document, caption), "scene caption")


@edit(_SAMPLING)
def set_sampling(call: Call, given: Payload) -> Change:
    del call
    changes = {name: given.value(name) for name in _SAMPLING.split() if given.has(name)}
    names = ", ".join(name.replace("_", " ") for name in changes) or "settings"
    return Change(lambda document: edits.set_sampling(document, **changes), names)


@edit("order")
def reorder(call: Call, given: Payload) -> Change:
    del call
    order = given.texts("order")
    return Change(lambda document: edits.reorder(document, order), "order of regions")


@edit("regions")
def delete_regions(call: Call, given: Payload) -> Change:
    identities = given.texts("regions")
    numbers = ", ".join(str(call.document.number(identity)) for identity in identities)
    return Change(
        lambda document: edits.delete_regions(document, identities), f"delete region {numbers}"
    )


@edit("region id dx dy")
def duplicate_region(call: Call, given: Payload) -> Change:
    identity = given.text("region")
    new = given.identity() or Region(call.document.scene.region(identity).mask, "").identity
    dx, dy = (given.whole(name, -8192, 8192, 16) for name in ("dx", "dy"))
    number = call.document.number(identity)
    return Change(
        lambda document: edits.duplicate_region(document, identity, new, dx, dy),
        f"duplicate region {number}",
    )


@edit("regions")
def merge_regions(call: Call, given: Payload) -> Change:
    del call
    identities = given.texts("regions")
    return Change(lambda document: edits.merge_regions(document, identities), "merge regions")


@edit("width height")
def resize_scene(call: Call, given: Payload) -> Change:
    extent = scene_extent(call, given)
    document, notices = edits.resize_scene(call.document, extent)
    return Change(lambda _: document, f"size {extent}", notices)


@edit("fix")
def apply_fix(call: Call, given: Payload) -> Change:
    document, label = fixed(call.document, given.text("fix"), call.studio.facts)
    return Change(lambda _: document, label)


@edit("node region")
def adopt_shape(call: Call, given: Payload) -> Change:
    node, identity = call.session.history.node(given.text("node")), given.text("region")
    found = found_shapes(call.session, node).get(identity)
    if found is None or found.extent != call.document.scene.extent:
        raise BadInput("This picture holds no measured shape for that region; measure it first.")
    number = call.document.number(identity)
    return Change(
        lambda document: edits.edit_mask(document, identity, lambda _: found, clicks=()),
        f"adopt the shape of region {number}",
    )


@edit("node")
def restore(call: Call, given: Payload) -> Change:
    node = call.session.history.node(given.text("node"))
    document = call.session.document_of(node)
    call.session.branch_from(node)
    return Change(lambda _: document, "restore a picture")


@edit("")
def clear_regions(call: Call, given: Payload) -> Change:
    del call, given
    return Change(lambda document: edits.delete_regions(document, document.identities), "clear")


@edit("")
def remove_photo(call: Call, given: Payload) -> Change:
    del call, given
    return Change(lambda document: replace(document, photo=None), "remove the photo")


@registry.action("revision steps")
def undo(call: Call, given: Payload) -> Answer:
    return _step(call, given, -1)


@registry.action("revision steps")
def redo(call: Call, given: Payload) -> Answer:
    return _step(call, given, 1)


@registry.action("")
def document(call: Call, given: Payload) -> Answer:
    del given
    with call.session.lock:
        return {
            "document": document_view(call.studio, call.session),
            "shapes": shapes_of(call.document.scene),
        }


def scene_extent(call: Call, given: Payload) -> Extent:
    """A size from the page that the model can render."""
    extent = Extent(given.whole("width", 16, LARGEST_SIDE), given.whole("height", 16, LARGEST_SIDE))
    step = call.studio.facts.token_pixels
    if not extent.is_multiple_of(step):
        raise BadInput(f"The size is {extent}; both sides must be multiples of {step} pixels.")
    return extent


def _step(call: Call, given: Payload, direction: int) -> Answer:
    steps = given.whole("steps", 1, 1000, 1)
    before, after = call.session.step(direction * steps, revision_of(given))
    return edit_answer(call, before, after)
