"""Photos to edit: opened once, with all that has to come out again as it went in."""

from __future__ import annotations

from pathlib import Path

from studio.files.limits import PHOTO_LIMITS, Limits
from studio.files.photo_decoder import PhotoFile as PhotoFile
from studio.files.photo_decoder import decode_photo, mode_of
from studio.files.photo_writer import photo_bytes as photo_bytes
from studio.files.picture_decoder import read_content, shown
from studio.scene.errors import RequestError
from studio.scene.photo import Photo
from studio.scene.photo_edit import PhotoEdit, PhotoName
from studio.scene.sentences import say


def read_photo(source: bytes | Path, limits: Limits = PHOTO_LIMITS) -> PhotoFile:
    """A file's bytes or path, at full depth and upright; PictureFileError for what is none."""
    name = shown(source.name) if isinstance(source, Path) else say("The picture")
    return decode_photo(read_content(source, name, limits), name, limits)


def open_photo(edit: PhotoEdit) -> PhotoFile:
    """The edit's photo; a file is read once and kept with the edit."""
    known = edit.kept("file")
    return edit.keep("file", _open(edit)) if known is None else known


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
