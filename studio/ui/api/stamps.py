"""Shapes to stamp onto the canvas, and turning what lies there."""

from __future__ import annotations

from pydantic import Field

from studio.files.stamps import known_stamps, stamp_named
from studio.project import edits
from studio.project.document import Document
from studio.scene.region import Region
from studio.ui.api.edits import edit
from studio.ui.api.fields import Caption, Degrees, Fields, Key, NewRegion, Place, StampWidth
from studio.ui.api.registry import Answer, Call, Change, Registry
from studio.ui.api.requests import EditFields

registry = Registry()
FITTING = 0.4  # of the scene's shorter side


class AddStamp(EditFields):
    name: Key = Field(description="the stamp's caption, or another of its words")
    id: NewRegion | None = Field(default=None, description="chosen by the browser")
    caption: Caption | None = Field(default=None, description="null: the stamp's")
    x: Place | None = Field(default=None, description="of its centre, in pixels; null: the middle")
    y: Place | None = Field(default=None, description="of its centre, in pixels; null: the middle")
    width: StampWidth | None = Field(default=None, description="in pixels; null: as it fits")
    degrees: Degrees = Field(default=0.0, description="turned clockwise")
    mirrored: bool = False


class TurnRegion(EditFields):
    region: Key
    degrees: Degrees = Field(default=0.0, description="clockwise, about the middle of its box")
    mirrored: bool = Field(default=False, description="left to right, before it is turned")


@registry.action
def stamps(call: Call, given: Fields) -> Answer:
    del call, given
    return {"stamps": [vars(stamp) for stamp in known_stamps().values()]}


@edit
def add_stamp(call: Call, given: AddStamp) -> Change:
    extent, stamp = call.document.scene.extent, stamp_named(given.name)
    largest = FITTING * min(extent)
    mask = stamp.mask(
        extent,
        centre=(
            extent.width / 2 if given.x is None else given.x,
            extent.height / 2 if given.y is None else given.y,
        ),
        width=given.width or largest * stamp.size[0] / max(stamp.size),
        degrees=given.degrees,
        mirrored=given.mirrored,
    )
    caption = stamp.caption if given.caption is None else given.caption
    region = Region(mask, caption, identity=given.id)
    return Change(lambda document: edits.add_region(document, region), "stamp a shape")


@edit
def turn_region(call: Call, given: TurnRegion) -> Change:
    identity = given.region
    change = edits.turned_by(given.degrees, mirrored=given.mirrored)
    number = call.document.number(identity)

    def turned(document: Document) -> Document:
        return edits.edit_mask(document, identity, change)

    return Change(turned, f"turn region {number}")
