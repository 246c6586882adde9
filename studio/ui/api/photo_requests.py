"""What each action on photos may be sent."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, Field, WithJsonSchema

from studio.scene.errors import BadInput
from studio.service.find_good import FEWEST, MOST
from studio.service.renders import Quality
from studio.ui.api.fields import (
    Counter,
    Feather,
    Fields,
    FileContent,
    FileName,
    Key,
    PixelBox,
    Share,
    Strength,
    TileSide,
)
from studio.ui.api.requests import EditFields, unchanged

ExportFormat = Literal["original", "png", "jpeg", "tiff", "openraster", "psd"]


def _context(value: Any) -> Any:
    """As it is, with a box as four whole numbers; what it may be is checked with the edit."""
    if value is None or isinstance(value, str):
        return value
    sides = cast("list[Any]", list(value)) if isinstance(value, (list, tuple)) else []
    if len(sides) != 4 or not all(map(_is_whole, sides)):
        raise BadInput("A box is [left, top, right, bottom]: four numbers of pixels.")
    return tuple(map(int, sides))


def _is_whole(side: Any) -> bool:
    if isinstance(side, float):
        return side.is_integer()
    return isinstance(side, int) and not isinstance(side, bool)


Context = Annotated[
    Any,
    AfterValidator(_context),
    WithJsonSchema({"anyOf": [{"enum": ["region", "whole"], "type": "string"}, {"type": "null"}]}),
]


Tries = Annotated[int, Field(ge=FEWEST, le=MOST)]


class EditPhoto(Fields):
    file: FileContent
    name: FileName = "photo"


class EditResult(EditFields):
    node: Key
    index: Counter = 0


class SetEdit(EditFields):
    strength: Strength = unchanged(1.0)
    feather: Feather | None = unchanged(None, "pixels of the photo, inward; null: automatic")
    context: Context = unchanged(None, "or a box: left, top, right, bottom; null: automatic")
    match_colours: bool | Share = unchanged(True, "how far, from 0 (false) to 1 (true)")
    subject: Key | None = unchanged(None, "the region that is kept while all else changes")
    contact_shadow: bool | Share = unchanged(False, "how dark it is where a kept subject stands")
    fill: bool = unchanged(False, "regions without a caption are filled from their surroundings")


class Reroll(Fields):
    region: Key
    quality: Quality = "final"


class RemoveThing(EditFields):
    region: Key


class KeepSubject(EditFields):
    region: Key | None = Field(default=None, description="null: no subject, regions change")


class FindGood(Fields):
    count: Tries = Field(default=4, description="how many drafts are tried")


class PhotoTile(Fields):
    box: PixelBox = Field(description="in pixels of the photo")
    size: TileSide = Field(default=2048, description="the longer side of the answer at most")
    original: bool = Field(default=False, description="without the edits")


class ExportPhoto(Fields):
    format: ExportFormat = "original"
