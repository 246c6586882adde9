"""Photos to edit: opened once, with all that has to come out again as it went in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from studio.files.picture_decoder import shown
from studio.scene.errors import PictureFileError, RequestError
from studio.scene.photo import Photo
from studio.scene.photo_edit import PhotoEdit, PhotoName


@dataclass(frozen=True, eq=False)
class PhotoFile:
    """A photo and where it came from."""

    photo: Photo
    notices: tuple[str, ...] = ()


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
        return PhotoFile(photo)
    return PhotoFile(_read(photo))


def _read(path: Path) -> Photo:
    try:
        with Image.open(path) as image:
            return Photo.of(image)
    except (OSError, ValueError) as fault:
        raise PictureFileError(
            "{name} is damaged or cut short: {fault}.", name=shown(path.name), fault=fault
        ) from fault
