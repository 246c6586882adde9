"""Scenes on disk, in every format the studio reads: what a path holds, and how to write one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from studio.files.coco_file import coco_images, coco_scene, is_coco, write_coco
from studio.files.json_file import Entry, holds_list, read_json
from studio.files.label_map_file import read_label_map, write_label_map
from studio.files.mask_folder import CAPTIONS, read_mask_folder, write_mask_folder
from studio.files.photo_writer import SUFFIXES
from studio.files.picture_decoder import shown
from studio.files.picture_file import has_recipe, read_request
from studio.scene.errors import BadInput, SceneFileError
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import Scene


@dataclass(frozen=True)
class LoadedScene:
    """A scene from a file, with the sampling the file asks for (a recipe: all of it)."""

    request: RenderRequest
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class SceneEntry:
    """A scene that was found; `load` reads it."""

    name: str
    load: Callable[[], LoadedScene]


def read_scene(path: str | Path) -> Scene:
    """The one scene of a file or folder: label map, mask folder, COCO JSON or a picture of ours."""
    found = list_scenes(path)
    if len(found) != 1:
        names = ", ".join(entry.name for entry in found[:3])
        raise SceneFileError(
            "{path} holds {count} scenes: {names} ... Name one.",
            path=shown(str(path)),
            count=len(found),
            names=names,
        )
    return found[0].load().request.scene


def list_scenes(path: str | Path) -> list[SceneEntry]:
    """All scenes of a file or folder. Files are looked at here and read in `load`."""
    path = Path(path)
    if not path.exists():
        raise SceneFileError("{path} does not exist.", path=shown(str(path)))
    found = _in_folder(path) if path.is_dir() else _in_file(path)
    if not found:
        raise SceneFileError(
            "{path} holds no scene: no {captions}, no JSON with its label map, no picture with a "
            "recipe.",
            path=shown(str(path)),
            captions=CAPTIONS,
        )
    return found


def write_scene(scene: Scene, path: str | Path, seed: int = 0) -> tuple[str, ...]:
    """Write by the path's ending: `.coco.json` COCO, no ending a mask folder, else the label map.

    The label map is a PNG and a JSON of the same name. Returns what could not be kept.
    """
    path = Path(path)
    if path.name.endswith(".coco.json"):
        write_coco(scene, path)
    elif path.suffix == "" or path.is_dir():
        write_mask_folder(scene, path, seed)
    elif path.suffix.lower() in (".json", ".png"):
        return write_label_map(scene, path, seed)
    else:
        raise SceneFileError(
            "{path}: scenes are written as .json or .coco.json.", path=shown(path.name)
        )
    return ()


def _in_folder(folder: Path) -> list[SceneEntry]:
    if (folder / CAPTIONS).exists():
        return [_entry(folder.name, lambda: read_mask_folder(folder))]
    found: list[SceneEntry] = []
    for file in sorted(folder.iterdir()):
        kind = file.suffix.lower()
        if kind == ".json":
            found += _in_shared_folder(file)
        elif kind in SUFFIXES and not file.with_suffix(".json").exists() and has_recipe(file):
            found += _in_file(file)
        elif file.is_dir() and (file / CAPTIONS).exists():
            found += _in_folder(file)
    return found


def _in_shared_folder(path: Path) -> list[SceneEntry]:
    """A JSON that cannot be read fails when it is loaded, so that the others are still had."""
    try:
        return _in_json(path)
    except SceneFileError as fault:
        if holds_list(path):
            return []  # no format of scenes is a list: an index, somebody's notes
        problem = str(fault)

    def fail() -> LoadedScene:
        raise SceneFileError(problem)

    return [SceneEntry(path.stem, fail)]


def _in_file(path: Path) -> list[SceneEntry]:
    if path.suffix.lower() == ".json":
        return _in_json(path)
    if path.with_suffix(".json").exists() and not has_recipe(path):
        return _in_json(path.with_suffix(".json"))
    return [SceneEntry(path.stem, lambda: LoadedScene(_recipe(path)))]


def _in_json(path: Path) -> list[SceneEntry]:
    content = read_json(path)
    if not is_coco(content):
        return [_entry(path.stem, lambda: read_label_map(path))]
    where = shown(path.name)
    images = coco_images(content, where)
    return [_coco_entry(content, image, path, len(images)) for image in images]


def _coco_entry(content: Entry, image: Entry, path: Path, count: int) -> SceneEntry:
    name = path.name.removesuffix(".json").removesuffix(".coco")
    if count > 1:
        file_name = image.get("file_name")
        name = Path(file_name).stem if isinstance(file_name, str) else f"{name}-{image.get('id')}"

    def load() -> tuple[Scene, int, tuple[str, ...]]:
        scene, notices = coco_scene(content, image, shown(path.name))
        return scene, 0, notices

    return _entry(name, load)


def _entry(name: str, read: Callable[[], tuple[Scene, int, tuple[str, ...]]]) -> SceneEntry:
    def load() -> LoadedScene:
        scene, seed, notices = read()
        try:
            return LoadedScene(RenderRequest(scene, Sampling(seed=seed)), notices)
        except BadInput as fault:
            raise SceneFileError("{name}: {fault}", name=shown(name), fault=fault) from fault

    return SceneEntry(name, load)


def _recipe(path: Path) -> RenderRequest:
    try:
        return read_request(path)
    except BadInput as fault:
        raise SceneFileError(str(fault)) from fault
