"""The kinds of values a request may hold: strict, bounded, and no kind is taken for another."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    Strict,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

from studio.project.edits import LONGEST_CAPTION, LONGEST_NAME, MOST_CLICKS
from studio.scene.errors import BadInput
from studio.scene.region import WIDEST_FEATHER, Click, check_gamma, check_strength
from studio.scene.run_lengths import FARTHEST, MOST_RUNS
from studio.scene.scene import LARGEST_SIDE
from studio.scene.style import MOST_STYLES, STRONGEST, WEAKEST

LARGEST_FILE = 256 * 2**20
_LONGEST_FILE_NAME = 400


class Fields(BaseModel):
    """What an action may be sent: the fields named here, of these kinds, and nothing else."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, frozen=True, defer_build=True
    )

    @property
    def sent(self) -> dict[str, Any]:
        """What the request named, without what it left to the defaults."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def clean_text(text: str) -> str:
    """Text as it is, without what no file or font can hold (NUL, half surrogate pairs)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def content_of(value: Any, info: ValidationInfo) -> bytes:
    """Bytes, or their base64, or a data: URL."""
    name = info.field_name
    if isinstance(value, (bytes, bytearray)):
        content = bytes(value)
    elif isinstance(value, str):
        text = value.partition(",")[2] if value.startswith("data:") else value
        try:
            content = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as fault:
            raise BadInput("{name} is not base64.", name=name) from fault
    else:
        raise BadInput("{name} is a file's bytes.", name=name)
    if not content:
        raise BadInput("The file is empty.")
    if len(content) > LARGEST_FILE:
        most = LARGEST_FILE // 2**20
        raise BadInput("The file is over {most} MB.", most=most)
    return content


def _clean(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value


def _cut(name: str) -> str:
    return name[:_LONGEST_FILE_NAME]


def _whole(value: Any) -> Any:
    """JSON does not tell 5 from 5.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def clicks_of(given: Clicks | None) -> tuple[Click, ...]:
    return tuple(Click(*each) for each in given or ())


def _gamma(value: float) -> float:
    check_gamma(value)
    return value


def _strength(value: float) -> float:
    check_strength(value)
    return value


def _click(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        raise BadInput(
            "A click is [x, y, label]: two numbers, and 1 to add or 0 to take away."
        ) from None


def _box(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        raise BadInput("A box is [left, top, right, bottom]: four numbers of pixels.") from None


_TEXT = BeforeValidator(_clean)
_WHOLE = BeforeValidator(_whole)
_LIST = Strict(strict=False)  # a tuple will do; what it holds is as strict as elsewhere

Text = Annotated[str, Field(max_length=4000), _TEXT]
Key = Annotated[str, Field(max_length=200), _TEXT]  # of a region, a node, a file, ...
FolderName = Annotated[str, Field(max_length=1000), _TEXT]
NewRegion = Annotated[str, Field(pattern="^[0-9a-f]{12}$")]
Caption = Annotated[str, Field(max_length=LONGEST_CAPTION), _TEXT]
RegionName = Annotated[str, Field(max_length=LONGEST_NAME), _TEXT]
ProjectName = Annotated[str, Field(max_length=120), _TEXT]
FileName = Annotated[str, _TEXT, AfterValidator(_cut)]

Counter = Annotated[int, Field(ge=0, le=2**53), _WHOLE]
Side = Annotated[int, Field(ge=16, le=LARGEST_SIDE), _WHOLE]
TileSide = Annotated[int, Field(ge=16, le=4096), _WHOLE]
Offset = Annotated[int, Field(ge=-LARGEST_SIDE, le=LARGEST_SIDE), _WHOLE]
Pixels = Annotated[int, Field(ge=0, le=512), _WHOLE]
Steps = Annotated[int, Field(ge=1, le=1000), _WHOLE]
Seed = Annotated[int, Field(ge=0, le=2**63 - 1), _WHOLE]
PictureCount = Annotated[int, Field(ge=1, le=64), _WHOLE]
Reduction = Annotated[int, Field(ge=1, le=16), _WHOLE]
Length = Annotated[int, Field(ge=1, le=4096), _WHOLE]
Block = Annotated[int, Field(ge=0, le=4096), _WHOLE]
Gamma = Annotated[
    float,
    AfterValidator(_gamma),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 1}),
]
Strength = Annotated[
    float,
    AfterValidator(_strength),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 1}),
]
Feather = Annotated[float, Field(ge=0, le=WIDEST_FEATHER)]
Degrees = Annotated[float, Field(ge=-360, le=360)]
Place = Annotated[float, Field(ge=-LARGEST_SIDE, le=2 * LARGEST_SIDE)]
StampWidth = Annotated[float, Field(ge=2, le=LARGEST_SIDE)]
Guidance = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]

Minutes = Annotated[float, Field(ge=0.01, le=24 * 60)]
Wait = Annotated[float, Field(ge=0, le=10)]  # seconds
UndoSteps = Annotated[int, Field(ge=1, le=1000), _WHOLE]

Keys = Annotated[list[Key], Field(max_length=1000), _LIST]
Sigmas = Annotated[list[Share], Field(max_length=1000), _LIST]
StripGammas = Annotated[list[Share], Field(max_length=12), _LIST]
Blocks = Annotated[tuple[Block, Block], _LIST]
ClickLabel = Annotated[int, Field(ge=0, le=1), _WHOLE]
Clicks = Annotated[
    list[Annotated[tuple[float, float, ClickLabel], _LIST, WrapValidator(_click)]],
    Field(max_length=MOST_CLICKS),
    _LIST,
]
_Side = Annotated[float, Field(ge=-1e6, le=1e6)]
_Edge = Annotated[int, Field(ge=-FARTHEST, le=FARTHEST)]
DrawnBox = Annotated[tuple[_Side, _Side, _Side, _Side], _LIST, WrapValidator(_box)]
PixelBox = Annotated[tuple[_Edge, _Edge, _Edge, _Edge], _LIST, WrapValidator(_box)]
FileContent = Annotated[
    bytes, BeforeValidator(content_of), WithJsonSchema({"type": "string", "format": "binary"})
]


class Shape(Fields):
    """Row-major runs inside a box, off first."""

    box: PixelBox | None = None
    counts: Annotated[
        list[Annotated[int, Field(ge=0, le=2**31)]], Field(max_length=MOST_RUNS), _LIST, FailFast()
    ] = []


class FileFields(Fields):
    """A file and what it is called."""

    name: FileName
    data: FileContent


class StyleFields(Fields):
    """A style by the digest of its file, as `styles` lists it."""

    digest: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    strength: Annotated[float, Field(ge=WEAKEST, le=STRONGEST)] = 1.0
    name: Annotated[str, Field(max_length=200, description="not heeded; the file's own"), _TEXT] = (
        ""
    )


Styles = Annotated[list[StyleFields], Field(max_length=MOST_STYLES), _LIST]
UploadedFiles = Annotated[list[FileFields], Field(max_length=500), _LIST]
SceneFormat = Literal["label_map", "masks", "coco", "openraster"]
StripFormat = Literal["png", "gif", "webp", "html"]
NumberType = Literal["auto", "float32", "bfloat16", "float16"]
Offload = Literal["none", "model", "sequential", "group"]
Quantize = Literal["none", "nf4", "int8"]
Space = Literal["deleted", "drafts", "strips", "bin"]
