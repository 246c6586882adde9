"""What `render --photo` does: which photo a scene edits, and how the result is written."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from studio.commands.progress import Proof
from studio.engine.photo.changes import changed_mask, changes
from studio.files.mask_file import read_mask
from studio.files.photo_file import open_photo
from studio.files.photo_writer import SUFFIXES
from studio.files.picture_file import FORMATS, edited_photo
from studio.files.scene_file import LoadedScene, SceneEntry, list_scenes
from studio.files.storage import write_atomic
from studio.scene.errors import RequestError
from studio.scene.photo import in_eight_bits
from studio.scene.photo_edit import PhotoEdit, PhotoName
from studio.scene.photo_layer import outside
from studio.scene.region import Region
from studio.scene.request import Picture, RenderRequest
from studio.scene.scene import Scene

_READ = (*SUFFIXES, ".webp", ".gif")
_OPTIONS = ("strength", "feather", "context", "match_colours", "keep_subject", "contact_shadow")


class PhotoEntry(NamedTuple):
    """A scene, and the photo that it edits; None for a picture from nothing."""

    entry: SceneEntry
    photo: Path | None = None

    @property
    def suffix(self) -> str:
        """How its file ends in a folder: as the photo's does, if such are written."""
        given = ".png" if self.photo is None else self.photo.suffix
        return given if given.lower() in SUFFIXES else ".png"


def add_photo_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("editing a photo (the scenes' regions are what changes)")
    group.add_argument(
        "--photo", type=Path, metavar="PHOTO", help="the photo, or a folder of photos; see below"
    )
    group.add_argument(
        "--caption", metavar="TEXT", help="SCENE is a mask, or a folder of them: what to show there"
    )
    group.add_argument("--strength", type=float, help="1: made anew; less: begins from the photo")
    group.add_argument("--feather", type=float, help="pixels that blend, inside the region")
    group.add_argument(
        "--context",
        type=_context,
        metavar="WHAT",
        help="what the model sees: region, whole, or LEFT,TOP,RIGHT,BOTTOM",
    )
    group.add_argument(
        "--match-colours",
        type=float,
        metavar="SHARE",
        help="how far the shift of the model's colours is taken out, 0 to 1 (default: 1)",
    )
    group.add_argument(
        "--no-match-colours",
        dest="match_colours",
        action="store_false",
        default=None,
        help="keep the model's own shade of the photo's colours: the same as 0",
    )
    group.add_argument(
        "--keep-subject",
        action="store_true",
        default=None,
        help="the lowest region is kept, and all else changes",
    )
    group.add_argument(
        "--contact-shadow",
        type=float,
        metavar="SHARE",
        help="with --keep-subject: how dark the ground is where it stands, 0 to 1 (default: 0)",
    )


def list_entries(given: argparse.Namespace) -> list[PhotoEntry]:
    """All scenes of the command line, each with its photo."""
    if given.photo is None:
        _refuse_without_photo(given)
        return [PhotoEntry(entry) for scene in given.scenes for entry in list_scenes(scene)]
    if given.size is not None:
        raise RequestError("--size scales scenes; an edited photo keeps its own size.")
    found = [pair for scene in given.scenes for pair in _pairs(given, Path(scene))]
    return [PhotoEntry(_edited(entry, photo, given), photo) for entry, photo in found]


def save_edit(picture: Picture, path: Path, index: int) -> tuple[Proof, tuple[str, ...]]:
    """Write a result by the path's ending. What differs outside, in what a reader of it gets."""
    written = edited_photo(picture, index, FORMATS.get(path.suffix.lower(), "PNG"))
    write_atomic(path, written.content)
    assert picture.request.edit is not None
    before = open_photo(picture.request.edit).photo.pixels
    if written.stored.dtype != before.dtype:  # a JPEG of 16 bits: compared as it can be
        before = in_eight_bits(before)
    may_change = changed_mask(picture.request.scene.extent, changes(picture.request))
    found = outside(before, written.stored, may_change)
    most = int(np.iinfo(before.dtype).max)
    return Proof(found.largest, most, found.count, found.of), written.notices


def _refuse_without_photo(given: argparse.Namespace) -> None:
    for option in ("caption", *_OPTIONS):
        if getattr(given, option) is not None:
            name = option.replace("_", "-")
            raise RequestError(f"--{name} is about an edited photo; name it with --photo.")


def _pairs(given: argparse.Namespace, scene: Path) -> Iterator[tuple[SceneEntry, Path]]:
    photo: Path = given.photo
    if not photo.is_dir():
        if given.caption is None:
            yield from ((entry, photo) for entry in list_scenes(scene))
        elif scene.is_dir():
            raise RequestError(f"{scene} is a folder; with one photo, name one mask.")
        else:
            yield _of_mask(photo.stem, scene, given.caption), photo
        return
    if not scene.is_dir():
        raise RequestError(f"--photo {photo} is a folder, so SCENE must be one too, not {scene}.")
    photos = _pictures_in(photo)
    by_name = _masks(scene, given.caption) if given.caption is not None else _scenes(scene)
    pairs = [(by_name[file.stem], file) for file in photos if file.stem in by_name]
    if not pairs:
        raise RequestError(
            f"No photo in {photo} has a {'scene' if given.caption is None else 'mask'} of its "
            f"name in {scene}."
        )
    yield from pairs


def _masks(folder: Path, caption: str) -> dict[str, SceneEntry]:
    return {file.stem: _of_mask(file.stem, file, caption) for file in _pictures_in(folder)}


def _pictures_in(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.iterdir()) if file.suffix.lower() in _READ]


def _scenes(folder: Path) -> dict[str, SceneEntry]:
    return {entry.name: entry for entry in list_scenes(folder)}


def _of_mask(name: str, mask: Path, caption: str) -> SceneEntry:
    def load() -> LoadedScene:
        region = Region(read_mask(mask), caption)
        height, width = region.mask.pixels.shape
        return LoadedScene(RenderRequest(Scene(width, height, None, [region])))

    return SceneEntry(name, load)


def _edited(entry: SceneEntry, photo: Path, given: argparse.Namespace) -> SceneEntry:
    """The scene as an edit of the photo; what a recipe says of an edit holds where nothing else
    is said."""

    def load() -> LoadedScene:
        loaded = entry.load()
        before, notices = loaded.request.edit, loaded.notices
        settings = {} if before is None else before.settings()
        for option in _OPTIONS:
            if getattr(given, option) is not None:
                settings[option] = getattr(given, option)
        edit = PhotoEdit.from_settings(photo, settings)
        open_photo(edit)
        if before is not None and before.digest != edit.digest:
            notices = (*notices, "The recipe was made with another photo.")
        return LoadedScene(replace(loaded.request, edit=edit), notices)

    return SceneEntry(entry.name, load)


def check_photo_is_here(request: RenderRequest) -> None:
    """A recipe names its photo by digest alone."""
    if request.edit is not None and isinstance(request.edit.photo, PhotoName):
        raise RequestError("The recipe edits a photo; name it with --photo.")


def unmatched(given: argparse.Namespace, entries: Sequence[PhotoEntry]) -> str | None:
    """One line on photos of the folder that nothing is done to."""
    if given.photo is None or not given.photo.is_dir():
        return None
    used = {entry.photo for entry in entries}
    left = [file.name for file in _pictures_in(given.photo) if file not in used]
    if not left:
        return None
    more = f" and {len(left) - 5} more" if len(left) > 5 else ""
    return f"No scene or mask of its name, so left alone: {', '.join(left[:5])}{more}"


def _context(text: str) -> Any:
    if text in ("region", "whole"):
        return text
    try:
        left, top, right, bottom = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not region, whole or LEFT,TOP,RIGHT,BOTTOM"
        ) from None
    return left, top, right, bottom
