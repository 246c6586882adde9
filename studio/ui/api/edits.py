"""Edits of the scene and its settings, undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from studio.project import edits
from studio.project.document import Document
from studio.project.hints import apply_fix as fixed
from studio.project.photo_changes import set_layer
from studio.scene.errors import BadInput, SceneError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.run_lengths import box_of, pixels_of
from studio.scene.style import Style
from studio.service.measures import found_shapes
from studio.service.styles import chosen_style
from studio.ui.api.fields import Fields, Shape, StyleFields, clicks_of
from studio.ui.api.registry import Answer, Call, Change, Registry, fields_of
from studio.ui.api.requests import (
    AddRegion,
    AdoptShape,
    ApplyFix,
    ChangeMask,
    DuplicateRegion,
    EditFields,
    EditMask,
    NamedRegions,
    Reorder,
    ResizeScene,
    Restore,
    SetRegion,
    SetSampling,
    SetScene,
    TransformRegion,
    UndoOrRedo,
)
from studio.ui.api.views import changed_shapes, document_view, shapes_of

registry = Registry()

# a field of set_region: what the region calls it, and how an undo step tells of it
_OF_REGION = {
    "caption": ("caption", "caption"),
    "name": ("name", "name"),
    "gamma": ("gamma", "gamma"),
    "style": ("style", "style"),
    "visible": ("is_visible", "visibility"),
    "locked": ("is_locked", "lock"),
    "seed": ("seed", "seed"),
    "strength": ("strength", "strength"),
    "feather": ("feather", "feather"),
}
# and those of its layer over an edited photo
_OF_LAYER = {"pinned": "pin", "opacity": "opacity"}


E = TypeVar("E", bound=EditFields)


def edit(handler: Callable[[Call, E], Change]) -> Callable[[Call, E], Change]:
    """Register an action that changes the document; it answers what the page must redraw."""

    def run(call: Call, given: E) -> Answer:
        with call.session.lock:
            call.session.check_revision(given.revision)
            wanted = handler(call, given)
            before, after = call.session.edit(wanted.change, wanted.label, given.gesture)
            return edit_answer(call, before, after, wanted.notices)

    registry.add(handler.__name__, fields_of(handler), run)
    return handler


def edit_answer(
    call: Call, before: Document, after: Document, notices: tuple[str, ...] = ()
) -> Answer:
    return {
        "revision": call.session.revision,
        "document": document_view(call.studio, call.session),
        "shapes": changed_shapes(before.scene, after.scene),
        "notices": list(notices),
    }


@edit
def add_region(call: Call, given: AddRegion) -> Change:
    region = Region(
        _drawn(call, given.shape),
        given.caption,
        name=given.name,
        gamma=given.gamma,
        clicks=clicks_of(given.clicks),
        identity=given.id,
    )
    return Change(lambda document: edits.add_region(document, region, given.below), "draw a region")


@edit
def edit_mask(call: Call, given: EditMask) -> Change:
    identity = given.region
    clicks = None if given.clicks is None else clicks_of(given.clicks)
    change = edits.combined_with(_drawn(call, given.shape).pixels, given.op)
    number = call.document.number(identity)
    return Change(
        lambda document: edits.edit_mask(document, identity, change, clicks),
        f"shape of region {number}",
    )


@edit
def change_mask(call: Call, given: ChangeMask) -> Change:
    identity = given.region
    change = edits.changed_by(given.op, given.pixels)
    number = call.document.number(identity)
    return Change(
        lambda document: edits.edit_mask(document, identity, change),
        f"{given.op.replace('_', ' ')} region {number}",
    )


@edit
def transform_region(call: Call, given: TransformRegion) -> Change:
    identity, change = given.region, edits.placed_in(box_of(given.to))
    number = call.document.number(identity)
    return Change(
        lambda document: edits.edit_mask(document, identity, change), f"move region {number}"
    )


@edit
def set_region(call: Call, given: SetRegion) -> Change:
    identity, wanted = given.region, given.sent
    if wanted.get("style") is not None:
        wanted["style"] = _style(call, wanted["style"])
    number = call.document.number(identity)
    changes = {own: wanted[name] for name, (own, _) in _OF_REGION.items() if name in wanted}
    of_layer = {name: wanted[name] for name in _OF_LAYER if name in wanted}
    labels = {name: label for name, (_, label) in _OF_REGION.items()} | _OF_LAYER
    names = ", ".join(label for name, label in labels.items() if name in wanted)

    def change(document: Document) -> Document:
        changed = edits.set_region(document, identity, **changes)
        return set_layer(changed, identity, **of_layer) if of_layer else changed

    return Change(change, f"{names or 'nothing'} of region {number}")


@edit
def set_scene(call: Call, given: SetScene) -> Change:
    del call
    return Change(lambda document: edits.set_caption(document, given.caption), "scene caption")


@edit
def set_sampling(call: Call, given: SetSampling) -> Change:
    changes = given.changes
    if "styles" in changes:
        changes["styles"] = [_style(call, each) for each in given.styles]
    return Change(lambda document: edits.set_sampling(document, **changes), given.names_of_changes)


@edit
def reorder(call: Call, given: Reorder) -> Change:
    del call
    return Change(lambda document: edits.reorder(document, given.order), "order of regions")


@edit
def delete_regions(call: Call, given: NamedRegions) -> Change:
    identities = given.regions
    numbers = ", ".join(str(call.document.number(identity)) for identity in identities)
    return Change(
        lambda document: edits.delete_regions(document, identities), f"delete region {numbers}"
    )


@edit
def duplicate_region(call: Call, given: DuplicateRegion) -> Change:
    identity = given.region
    new = given.id or Region(call.document.scene.region(identity).mask, "").identity
    number = call.document.number(identity)
    return Change(
        lambda document: edits.duplicate_region(document, identity, new, given.dx, given.dy),
        f"duplicate region {number}",
    )


@edit
def merge_regions(call: Call, given: NamedRegions) -> Change:
    del call
    identities = given.regions
    return Change(lambda document: edits.merge_regions(document, identities), "merge regions")


@edit
def resize_scene(call: Call, given: ResizeScene) -> Change:
    if call.document.edit is not None:
        raise SceneError("The photo that is edited decides the size; stop editing first.")
    extent = scene_extent(call, given.width, given.height)
    document, notices = edits.resize_scene(call.document, extent)
    return Change(lambda _: document, f"size {extent}", notices)


@edit
def apply_fix(call: Call, given: ApplyFix) -> Change:
    document, label = fixed(call.document, given.fix, call.studio.facts)
    return Change(lambda _: document, label)


@edit
def adopt_shape(call: Call, given: AdoptShape) -> Change:
    node, identity = call.session.history.node(given.node), given.region
    found = found_shapes(call.session, node).get(identity)
    if found is None or found.extent != call.document.scene.extent:
        raise BadInput("This picture holds no measured shape for that region; measure it first.")
    number = call.document.number(identity)
    return Change(
        lambda document: edits.edit_mask(document, identity, lambda _: found, clicks=()),
        f"adopt the shape of region {number}",
    )


@edit
def restore(call: Call, given: Restore) -> Change:
    node = call.session.history.node(given.node)
    document = call.session.document_of(node)
    call.session.branch_from(node)
    return Change(lambda _: document, "restore a picture")


@edit
def clear_regions(call: Call, given: EditFields) -> Change:
    del call, given
    return Change(lambda document: edits.delete_regions(document, document.identities), "clear")


@edit
def remove_photo(call: Call, given: EditFields) -> Change:
    del given
    if call.document.edit is not None:
        raise SceneError("The photo is being edited; stop editing first.")
    return Change(lambda document: replace(document, photo=None, aside=None), "remove the photo")


@registry.action
def undo(call: Call, given: UndoOrRedo) -> Answer:
    return _step(call, given, -1)


@registry.action
def redo(call: Call, given: UndoOrRedo) -> Answer:
    return _step(call, given, 1)


@registry.action
def document(call: Call, given: Fields) -> Answer:
    del given
    with call.session.lock:
        return {
            "document": document_view(call.studio, call.session),
            "shapes": shapes_of(call.document.scene),
        }


def scene_extent(call: Call, width: int, height: int) -> Extent:
    """A size from the page that the model can render."""
    extent = Extent(width, height)
    step = call.studio.facts.token_pixels
    if not extent.is_multiple_of(step):
        raise BadInput(
            "The size is {extent}; both sides must be multiples of {step} pixels.",
            extent=extent,
            step=step,
        )
    return extent


def _drawn(call: Call, shape: Shape) -> Mask:
    mask = Mask(pixels_of({"box": shape.box, "counts": shape.counts}, call.document.scene.extent))
    if not mask.area:
        raise SceneError("The shape is empty; draw it first.")
    return mask


def _style(call: Call, given: StyleFields) -> Style:
    folder = call.studio.settings.styles
    return chosen_style(call.document, folder, given.digest, given.strength)


def _step(call: Call, given: UndoOrRedo, direction: int) -> Answer:
    before, after = call.session.step(direction * given.steps, given.revision)
    return edit_answer(call, before, after)
