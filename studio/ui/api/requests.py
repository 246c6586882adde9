"""What each action may be sent. docs/actions.md takes its tables of fields from here."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from studio.project.loosest_gamma import WISH
from studio.scene.coverage import Overlap, ThinRegions
from studio.scene.request import MaskMethod
from studio.service.demo import MINUTES
from studio.service.renders import Quality
from studio.ui.api.fields import (
    Blocks,
    Caption,
    Clicks,
    Counter,
    DrawnBox,
    Feather,
    Fields,
    FileContent,
    FileName,
    FolderName,
    Gamma,
    Guidance,
    Key,
    Keys,
    Length,
    Minutes,
    NewRegion,
    NumberType,
    Offload,
    Offset,
    PictureCount,
    PixelBox,
    Pixels,
    ProjectName,
    Quantize,
    Reduction,
    RegionName,
    SceneFormat,
    Seed,
    Shape,
    Share,
    Side,
    Sigmas,
    Space,
    Steps,
    Strength,
    StripFormat,
    StripGammas,
    StyleFields,
    Styles,
    Text,
    UndoSteps,
    UploadedFiles,
    Wait,
)

UNCHANGED = "unchanged"


def unchanged(stand_in: Any, description: str | None = None) -> Any:
    """For a field that changes something only where it is sent; the stand-in is never used."""
    return Field(
        default=stand_in, description=description, json_schema_extra={"without": UNCHANGED}
    )


class EditFields(Fields):
    """What every edit takes."""

    revision: Counter | None = Field(
        default=None, description="the one the edit was made on; refused if it is not the newest"
    )
    gesture: Key | None = Field(
        default=None, description="consecutive edits of one gesture are one undo step"
    )

    @property
    def changes(self) -> dict[str, Any]:
        """What was sent beside the fields that every edit takes."""
        own = EditFields.model_fields
        return {name: value for name, value in self.sent.items() if name not in own}

    @property
    def names_of_changes(self) -> str:
        """As an undo step tells of them."""
        return ", ".join(name.replace("_", " ") for name in self.changes) or "settings"


# projects


class Open(Fields):
    session: Text | None = Field(default=None, description="one tab")
    owner: Text | None = Field(default=None, description="a person, for the list of projects")
    project: Text | None = Field(default=None, description="the project's key; enough to come back")


class NewScene(Fields):
    width: Side | None = None
    height: Side | None = None
    caption: Text | None = None


class SetPhoto(Fields):
    file: FileContent
    name: FileName = "photo"


class OpenExample(Fields):
    id: Key


class OpenFiles(EditFields):
    files: UploadedFiles
    into: Literal["project", "scene"] = Field(
        default="project", description="`scene`: an edit that replaces the scene"
    )


class NamedProject(Fields):
    project: Key


class RenameProject(Fields):
    name: ProjectName


class SetDemo(Fields):
    on: bool
    minutes: Minutes = MINUTES


# edits


class AddRegion(EditFields):
    id: NewRegion | None = Field(default=None, description="chosen by the browser")
    shape: Shape
    caption: Caption = ""
    name: RegionName | None = None
    gamma: Gamma | None = Field(default=None, description="null: the scene's")
    clicks: Clicks | None = None
    below: Key | None = Field(default=None, description="the region that lies on it; null: on top")


class EditMask(EditFields):
    region: Key
    op: Literal["add", "subtract", "intersect", "replace"]
    shape: Shape
    clicks: Clicks | None = Field(default=None, description="null: as they were")


class ChangeMask(EditFields):
    region: Key
    op: Literal["grow", "shrink", "smooth", "invert", "fill_holes", "largest_part"]
    pixels: Pixels = 2


class TransformRegion(EditFields):
    region: Key
    to: PixelBox


class SetRegion(EditFields):
    region: Key
    caption: Caption = unchanged("")
    name: RegionName | None = unchanged(None)
    gamma: Gamma | None = unchanged(None)
    visible: bool = unchanged(True)
    locked: bool = unchanged(False)
    style: StyleFields | None = unchanged(None, "of this region alone; null: none")
    seed: Seed | None = unchanged(None, "its own; null: the scene's")
    strength: Strength | None = unchanged(None, "of a photo's edit; null: the edit's")
    feather: Feather | None = unchanged(None, "pixels of the photo, inward; null: the edit's")
    pinned: bool = unchanged(False, "its layer stays as it is")
    opacity: Share = unchanged(1.0, "of its layer")


class SetScene(EditFields):
    caption: Caption | None = None


class SetSampling(EditFields):
    """The fields of `Sampling`; null is what the model recommends."""

    gamma: Gamma = unchanged(1.0)
    seed: Seed = unchanged(0)
    count: PictureCount = unchanged(1)
    steps: Steps | None = unchanged(None)
    guidance: Guidance | None = unchanged(None)
    negative_caption: Text | None = unchanged(None)
    true_cfg: Guidance | None = unchanged(None)
    mask_method: MaskMethod = unchanged("isolate")
    overlap: Overlap = unchanged("top")
    thin_regions: ThinRegions = unchanged("share")
    use_contour: bool = unchanged(True)
    filter_contour: bool = unchanged(True)
    contour_scale: Reduction | None = unchanged(None)
    isolation_blocks: Blocks | None = unchanged(None)
    caption_tokens: Length | None = unchanged(None)
    region_tokens: Length | None = unchanged(None)
    sigmas: Sigmas | None = unchanged(None)
    styles: Styles = unchanged([], "of the whole picture")


class Reorder(EditFields):
    order: Keys = Field(description="all regions, the lowest first")


class NamedRegions(EditFields):
    regions: Keys


class DuplicateRegion(EditFields):
    region: Key
    id: NewRegion | None = Field(default=None, description="of the copy, chosen by the browser")
    dx: Offset = 16
    dy: Offset = 16


class ResizeScene(EditFields):
    width: Side
    height: Side


class ApplyFix(EditFields):
    fix: Text = Field(description="the id of a hint's fix")


class AdoptShape(EditFields):
    node: Key
    region: Key


class Restore(EditFields):
    node: Key


class UndoOrRedo(Fields):
    revision: Counter | None = None
    steps: UndoSteps = 1


# clicks


class On(Fields):
    on: Key = Field(description="`photo`, or a result's node")


class Segment(On):
    points: Clicks | None = None
    box: DrawnBox | None = None
    region: Key | None = None
    hover: bool = False
    sequence: Counter | None = Field(default=None, description="comes back in the answer")


# renders


class Render(Fields):
    quality: Quality = "final"
    seed: Seed = unchanged(0)
    count: PictureCount = unchanged(1)
    score: bool = Field(default=True, description="measure the result too")
    anyway: bool = Field(default=False, description="also what ended the studio twice")
    regions: Keys | None = Field(
        default=None, description="of an edited photo, these; null: what is to do, or all again"
    )


class RenderStrip(Fields):
    gammas: StripGammas | None = None
    quality: Literal["draft", "final"] = "draft"


class AutoGamma(Fields):
    wish: Share = Field(default=WISH, description="the overlap that every shape should keep")


class NamedNode(Fields):
    node: Key


class Cancel(Fields):
    job: Key | None = Field(default=None, description="null: all of this session")


class Poll(Fields):
    seen: Counter = 0
    frame: Counter | None = None
    wait: Wait = 0.0


class Star(Fields):
    node: Key
    star: bool


class Compare(Fields):
    a: Key
    b: Key


# files and exports


class ExportScene(Fields):
    format: SceneFormat


class SavePicture(Fields):
    node: Key
    index: Counter = 0


class SavePictures(Fields):
    nodes: Keys | None = Field(default=None, description="null: all")


class ExportStrip(Fields):
    strip: Key
    format: StripFormat


class ReadFile(Fields):
    ref: Key


# styles


class AddStyle(Fields):
    file: FileContent
    name: FileName


# machine


class UseModel(Fields):
    base: Key | None = unchanged(None)
    adapters: Key | None = unchanged(None)
    segmenter: Key | None = unchanged(None)
    device: Key = unchanged("auto")
    dtype: NumberType = unchanged("auto")
    offload: Offload = unchanged("none")
    quantize: Quantize = unchanged("none")


class GetModel(Fields):
    name: Key


class GiveToken(Fields):
    token: Key = Field(description="of the hub, with read access; the hub library keeps it")


class LookIn(Fields):
    comfyui: FolderName | None


class FreeSpace(Fields):
    what: Space
