"""Files from outside as projects: photos, pictures with a recipe, and scenes in every format."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageOps

from studio.files.limits import LARGEST_ZIP, MOST_FILES
from studio.files.picture_decoder import read_picture, shown
from studio.files.picture_file import has_recipe, read_recipe, request_from_recipe
from studio.files.scene_file import list_scenes
from studio.files.zip_file import DAMAGED_ZIP, check_entries, read_entry
from studio.project.document import Document
from studio.project.edits import replace_scene
from studio.project.model_facts import ModelFacts
from studio.project.photo_work import PhotoWork
from studio.project.store.project_folder import ProjectFolder
from studio.scene.errors import SceneError, SceneFileError
from studio.scene.geometry import Extent
from studio.scene.request import RenderRequest, Sampling
from studio.scene.resize import resize_scene
from studio.scene.scene import LARGEST_SIDE, Scene
from studio.scene.sentences import say

_ENDINGS = {b"\x89PNG": "png", b"\xff\xd8": "jpg", b"II": "tif", b"MM": "tif", b"GIF8": "gif"}
_LARGEST_IMPORT = 4  # times the model's area; a larger scene is scaled down


class File(NamedTuple):
    """A file as it was sent; the name is the sender's and is not trusted."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Incoming:
    """What files turned out to hold."""

    document: Document
    name: str
    notices: tuple[str, ...] = ()


def fitted(shape: Extent, facts: ModelFacts) -> Extent:
    """The extent of nearly these proportions and the model's area that divides as it must."""
    area, step = facts.size.width * facts.size.height, facts.size_step
    width = (area * shape.width / shape.height) ** 0.5
    shrink = min(1.0, LARGEST_SIDE / max(width, area / width))  # very long ones get less area
    sides = (width * shrink, area / width * shrink)
    if min(sides) < step / 2:
        raise SceneError(
            "The picture is {shape} pixels; no size of this model is so long and narrow. Crop it "
            "first.",
            shape=shape,
        )
    return Extent(*(max(1, round(side / step)) * step for side in sides))


def photo_document(file: File, facts: ModelFacts, folder: ProjectFolder) -> Incoming:
    """A new document on a photo; the photo is scaled, and cut where the proportions differ."""
    decoded = read_picture(file.content)
    extent = fitted(Extent(*decoded.image.size), facts)
    notices = list(decoded.notices)
    if decoded.image.size != extent:
        was = Extent(*decoded.image.size)
        notices.append(
            say(
                "The photo of {was} pixels is shown at {extent}, the size of the scene.",
                was=was,
                extent=extent,
            )
        )
    photo = ImageOps.fit(decoded.image, (extent.width, extent.height), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    photo.save(encoded, "PNG")
    title = project_title(file.name)
    document = Document(
        Scene(extent.width, extent.height),
        photo=folder.put(encoded.getvalue(), "png"),
        aside=PhotoWork(kept_photo(file.content, folder), title, Extent(*decoded.image.size)),
    )
    return Incoming(document, title, tuple(notices))


def kept_photo(content: bytes, folder: ProjectFolder) -> str:
    """The reference of a photo's untouched file."""
    ending = next((end for start, end in _ENDINGS.items() if content.startswith(start)), "webp")
    return folder.put(content, ending)


def read_files(
    files: Sequence[File], facts: ModelFacts, folder: ProjectFolder, *, fits: bool = True
) -> Incoming:
    """A scene or a photo; SceneFileError says what was looked for.

    fits: a scene is brought to a size that the model renders.
    """
    files = _unzipped(files)
    if not files:
        raise SceneFileError("There is no file.")
    if len(files) > MOST_FILES:
        raise SceneFileError(
            "There are {count} files; at most {most} are read at once.",
            count=len(files),
            most=MOST_FILES,
        )
    if len(files) == 1 and files[0].content.startswith(b"\x89PNG"):
        incoming = _recipe(files[0], facts, fits=fits)
        if incoming is not None:
            return incoming
    if len(files) == 1 and not files[0].name.lower().endswith(".json"):
        return photo_document(files[0], facts, folder)
    return _scene(files, facts, fits=fits)


def _recipe(file: File, facts: ModelFacts, *, fits: bool) -> Incoming | None:
    """A picture of ours: the whole document back."""
    if not has_recipe(file.content):
        return None
    recipe = read_recipe(file.content)
    request = request_from_recipe(recipe, shown(file.name))
    made_with: Any = recipe.get("made_with")
    weights = made_with.get("weights") if isinstance(made_with, dict) else None  # pyright: ignore
    notices: list[str] = []
    sampling = replace(request.sampling, draft=False)
    if request.sampling.draft:
        sampling = replace(sampling, steps=None)
        notices.append(say("The picture was a draft; the scene is opened at its full size."))
    if weights != facts.digest:
        sampling = model_free(sampling)
        notices.append(
            say("The picture was made with another model; its own settings are kept out.")
        )
    scene, more = _fitting(request.scene, facts) if fits else (request.scene, ())
    return Incoming(Document(scene, sampling), project_title(file.name), (*notices, *more))


def _scene(files: Sequence[File], facts: ModelFacts, *, fits: bool = True) -> Incoming:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for file in files:
            (folder / _plain(file.name)).write_bytes(file.content)
        found = list_scenes(folder)
        loaded = found[0].load()
        name = found[0].name if len(files) > 2 or len(found) > 1 else files[0].name
    notices = list(loaded.notices)
    if len(found) > 1:
        notices.append(
            say(
                "The files hold {count} scenes; the first, {name}, is open.",
                count=len(found),
                name=found[0].name,
            )
        )
    scene, more = loaded.request.scene, tuple[str, ...]()
    if fits:
        scene, more = _fitting(scene, facts)
    kept = RenderRequest(scene, loaded.request.sampling)
    document = replace_scene(Document(Scene(*scene.extent), kept.sampling), scene)
    title = project_title(files[0].name if name == folder.name else name)
    return Incoming(document, title, (*notices, *more))


def _fitting(scene: Scene, facts: ModelFacts) -> tuple[Scene, tuple[str, ...]]:
    """The scene at a size that the loaded model can render."""
    area, most = scene.width * scene.height, facts.size.width * facts.size.height
    if facts.takes(scene.extent) and area <= _LARGEST_IMPORT * most:
        return scene, ()
    extent = fitted(scene.extent, facts)
    scaled, lost = resize_scene(scene, extent)
    told = say(
        "The scene of {was} pixels was scaled to {extent}, which this model renders.",
        was=scene.extent,
        extent=extent,
    )
    return scaled, (told, *lost)


def model_free(sampling: Sampling) -> Sampling:
    return replace(
        sampling,
        steps=None,
        guidance=None,
        true_cfg=None,
        negative_caption=None,
        caption_tokens=None,
        region_tokens=None,
        isolation_blocks=None,
        contour_scale=None,
        sigmas=None,
        thin_regions="share",
    )


def _unzipped(files: Sequence[File]) -> list[File]:
    """Zip files replaced by what they hold; nothing is written under a name from inside."""
    found: list[File] = []
    for file in files:
        if not file.content.startswith(b"PK\x03\x04"):
            found.append(file)
            continue
        try:
            with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
                found += _entries(archive)
        except DAMAGED_ZIP as bad:
            raise SceneFileError(
                "{file} is damaged: {fault}.", file=shown(file.name), fault=bad
            ) from bad
    return found


def _entries(archive: zipfile.ZipFile) -> list[File]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    entries = [entry for entry in entries if not _is_clutter(entry.filename)]
    check_entries(entries, MOST_FILES, LARGEST_ZIP, SceneFileError)
    return [File(entry.filename, read_entry(archive, entry)) for entry in entries]


def _is_clutter(name: str) -> bool:
    return "__MACOSX" in name or name.rpartition("/")[2].startswith(".")


def _plain(name: str) -> str:
    """The last part of a foreign path, as a file name that stays in its folder."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = (letter if letter.isprintable() and letter not in ':*?"<>|' else "_" for letter in last)
    plain = "".join(kept)
    plain = plain.lstrip(". ")[-120:]
    if not plain:
        raise SceneFileError("A file has no name.")
    return plain


def project_title(name: str) -> str:
    """A project's name from a file's."""
    return Path(_plain(name or "picture")).stem[:80] or "Untitled"


def example_document(
    entry: dict[str, Any], folder: Path, facts: ModelFacts, into: ProjectFolder
) -> Incoming:
    """One of the examples that ship with the studio; `entry` is its line in index.json."""
    files = [File(name, (folder / name).read_bytes()) for name in entry["files"]]
    photo = next((file for file in files if file.name.endswith((".jpg", ".jpeg"))), None)
    scene_files = [file for file in files if file is not photo]
    title = str(entry.get("title", "Example"))
    if not scene_files and photo is not None:
        return replace(photo_document(photo, facts, into), name=title, notices=())
    incoming = replace(_scene(scene_files, facts), name=title)
    if photo is None:
        return incoming
    extent = incoming.document.scene.extent
    image = read_picture(photo.content).image
    encoded = io.BytesIO()
    fit = ImageOps.fit(image, (extent.width, extent.height), Image.Resampling.LANCZOS)
    fit.save(encoded, "PNG")
    reference = into.put(encoded.getvalue(), "png")
    return replace(incoming, document=replace(incoming.document, photo=reference))


def read_examples(folder: Path) -> list[dict[str, Any]]:
    """The index of the examples; none if the folder is not there."""
    try:
        entries = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [entry for entry in entries if isinstance(entry, dict) and "id" in entry]
