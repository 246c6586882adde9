"""What the actions that recognise things may be sent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from studio.scene.scene import MOST_REGIONS
from studio.ui.api.fields import Caption, Fields, Gamma, Key, Keys, Shape, Text
from studio.ui.api.requests import EditFields, On


class Find(On):
    words: Text = Field(description="what to find")


class Similar(On):
    region: Key


class SuggestCaptions(On):
    regions: Keys | None = Field(default=None, description="null: those without a caption")


class SuggestWorlds(On):
    region: Key = Field(description="the subject that is kept")


class SuggestLayout(Fields):
    sentence: Text


class DrawnRegion(Fields):
    """A region to be made."""

    shape: Shape
    caption: Caption = ""
    gamma: Gamma | None = None


DrawnRegions = Annotated[
    list[DrawnRegion], Field(min_length=1, max_length=MOST_REGIONS), Strict(strict=False)
]


class AddRegions(EditFields):
    regions: DrawnRegions = Field(description="the lowest first")
    caption: Caption | None = Field(default=None, description="of the scene; null: as it is")
    place: Literal["above", "below", "instead"] = Field(
        default="above", description="all regions that are there, or instead of them"
    )
