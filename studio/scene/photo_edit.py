"""An edit of a photo: the photo, and how what changes is fitted into it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import numpy as np
from PIL import Image

from studio.scene.checks import check_number, check_yes_or_no
from studio.scene.errors import PictureFileError, RequestError
from studio.scene.photo import Photo
from studio.scene.region import check_feather, check_strength
from studio.scene.sentences import say

Context = Literal["region", "whole"] | tuple[int, int, int, int] | None


class PhotoName(NamedTuple):
    """A photo of which a recipe tells no more than its digest."""

    digest: str


@dataclass(frozen=True, eq=False)
class PhotoEdit:
    """What is done to a photo. Two edits are equal if the photo's digest and the numbers are.

    photo: a PIL image, a path, an array of uint8 or uint16, or a `Photo`; strength: 1 makes a
    region anew, less begins from the photo; feather: pixels of the photo that blend, inside the
    region (None: as the region needs); context: what the model sees, "region" (closely), "whole"
    or a box (left, top, right, bottom) (None: as the region needs); match_colours: how far the
    drift of the model's colours is taken out, from 0 or False to 1 or True; keep_subject: the
    lowest region is kept and all else changes; contact_shadow: how dark the shadow is, from 0 or
    False to 1 or True, that a kept subject throws where it stands, on its new world alone.
    """

    photo: Photo | Path | PhotoName
    strength: float = 1.0
    feather: float | None = None
    context: Context = None
    match_colours: bool | float = True
    keep_subject: bool = False
    contact_shadow: bool | float = False

    def __init__(
        self,
        photo: Image.Image | np.ndarray | str | Path | Photo | PhotoName,
        strength: float = 1.0,
        feather: float | None = None,
        context: Context = None,
        match_colours: bool | float = True,
        keep_subject: bool = False,
        contact_shadow: bool | float = False,
    ) -> None:
        check_strength(strength, RequestError)
        check_feather(feather, RequestError)
        _check_share("match_colours", match_colours)
        check_yes_or_no("keep_subject", keep_subject, RequestError)
        _check_share("contact_shadow", contact_shadow)
        values = {
            "photo": _photo(photo),
            "strength": strength,
            "feather": feather,
            "context": _context(context),
            "match_colours": match_colours,
            "keep_subject": keep_subject,
            "contact_shadow": contact_shadow,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def digest(self) -> str:
        """Of the file's bytes for a path, of the pixels for anything else; it names the photo."""
        if not isinstance(self.photo, Path):
            return self.photo.digest
        return self.kept("digest") or self.keep("digest", _file_digest(self.photo))

    @property
    def opened(self) -> Photo | None:
        """The photo's pixels, if they are here; a file's are once it has been opened."""
        return (
            self.photo
            if isinstance(self.photo, Photo)
            else getattr(self.kept("file"), "photo", None)
        )

    def kept(self, name: str) -> Any:
        """What was found out about the photo before, if anything."""
        return self.__dict__.get(f"_{name}")

    def keep(self, name: str, value: Any) -> Any:
        """Remember what was found out about the photo: it decides nothing, and saves reading it."""
        object.__setattr__(self, f"_{name}", value)
        return value

    def of_photo(self, photo: Any) -> PhotoEdit:
        """The same edit of another photo, or of the one that a recipe named."""
        return replace(self, photo=photo)

    def settings(self) -> dict[str, Any]:
        """Everything but the photo, as JSON has it."""
        context = list(self.context) if isinstance(self.context, tuple) else self.context
        return {
            "strength": self.strength,
            "feather": self.feather,
            "context": context,
            "match_colours": self.match_colours,
            "keep_subject": self.keep_subject,
            "contact_shadow": self.contact_shadow,
        }

    @staticmethod
    def from_settings(photo: Any, settings: Mapping[str, Any]) -> PhotoEdit:
        """RequestError for settings that are not those of an edit."""
        unknown = sorted(set(settings) - set(_SETTINGS))
        if unknown:
            raise RequestError(
                "The recipe holds settings that are not known: {unknown}.",
                unknown=", ".join(unknown),
            )
        return PhotoEdit(photo, **settings)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PhotoEdit) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[Any, ...]:
        return (self.digest, *(getattr(self, name) for name in _SETTINGS))


_SETTINGS = (
    "strength",
    "feather",
    "context",
    "match_colours",
    "keep_subject",
    "contact_shadow",
)


def _check_share(name: str, value: Any) -> None:
    """Raise RequestError unless it is yes, no or a number from 0 to 1."""
    if value is None:
        check_yes_or_no(name, value, RequestError)
    elif not isinstance(value, bool):
        check_number(name, value, (0, 1), RequestError)


def _photo(given: Any) -> Photo | Path | PhotoName:
    if isinstance(given, (str, Path)):
        return Path(given)
    return given if isinstance(given, PhotoName) else Photo.of(given)


def _context(given: Any) -> Context:
    if given is None or given in ("region", "whole"):
        return given
    sides = list(cast("list[Any]", given)) if isinstance(given, (list, tuple)) else []
    if len(sides) != 4 or sides[0] >= sides[2] or sides[1] >= sides[3]:
        raise RequestError(
            "The context is {context!r:.60}; it must be region, whole, or a box: left, top, right, "
            "bottom.",
            context=given,
        )
    for side in sides:
        check_number(say("A side of the context"), side, (-65536, 65536), RequestError, whole=True)
    left, top, right, bottom = sides
    return left, top, right, bottom


def _file_digest(path: Path) -> str:
    content = hashlib.blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while piece := file.read(2**20):
                content.update(piece)
    except (OSError, ValueError) as fault:
        raise PictureFileError(
            "{name} cannot be read: {reason}.",
            name=path.name,
            reason=getattr(fault, "strerror", None) or fault,
        ) from fault
    return content.hexdigest()
