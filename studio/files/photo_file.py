"""Photos to edit: opened once, with all that has to come out again as it went in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from studio.files.limits import PHOTO_LIMITS, Limits
from studio.files.photo_decoder import decode_photo, mode_of
from studio.files.picture_decoder import read_content, shown
from studio.scene.errors import RequestError
from studio.scene.photo import Photo
from studio.scene.photo_edit import PhotoEdit, PhotoName
from studio.scene.sentences import say


@dataclass(frozen=True, eq=False)
class PhotoFile:
    """A photo and where it came from.

    original: the file's bytes, None for a photo that was no file; format: PNG, JPEG, TIFF, WEBP or
    GIF; mode: as PIL names it, with ";16" for 16 bits; exif: without preview, orientation 1;
    orientation: that of the original file, 1 to 8.
    """

    photo: Photo
    original: bytes | None = None
    format: str = "PNG"
    mode: str = "RGB"
    icc: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    orientation: int = 1
    notices: tuple[str, ...] = ()


def read_photo(source: bytes | Path, limits: Limits = PHOTO_LIMITS) -> PhotoFile:
    """A file's bytes or path, at full depth and upright; PictureFileError for what is none."""
    name = shown(source.name) if isinstance(source, Path) else say("The picture")
    content = read_content(source, name, limits)
    found = decode_photo(content, name, limits)
    return PhotoFile(
        Photo(found.pixels, file_digest(content)),
        content,
        found.format,
        found.mode,
        found.icc,
        found.exif,
        found.dpi,
        found.orientation,
        found.notices,
    )


def open_photo(edit: PhotoEdit) -> PhotoFile:
    """The edit's photo; a file is read once and kept with the edit."""
    known = edit.kept("file")
    return edit.keep("file", _open(edit)) if known is None else known


def file_digest(content: bytes) -> str:
    """As `PhotoEdit.digest` has it for a path."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _open(edit: PhotoEdit) -> PhotoFile:
    photo = edit.photo
    if isinstance(photo, PhotoName):
        raise RequestError(
            "The photo of this recipe is not here; open the photo {digest} as well.",
            digest=photo.digest,
        )
    if isinstance(photo, Photo):
        return PhotoFile(photo, mode=mode_of(photo.pixels))
    return read_photo(photo)
