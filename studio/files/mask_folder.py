"""A scene as a folder: one mask PNG a region, and captions.json.

Either {"01.png": "a red ball", "caption": "a meadow"}, lowest region first,
or {"caption": "a meadow", "seed": 7, "regions": [{"mask": "01.png", "caption": "a red ball"}]}.
"""

from __future__ import annotations

import json
from pathlib import Path

from studio.files.json_file import (
    Entry,
    entries,
    optional_number,
    optional_style,
    optional_text,
    read_json,
    text,
    whole_number,
)
from studio.files.mask_file import mask_bytes, mask_extent, read_mask
from studio.files.picture_decoder import shown
from studio.files.storage import write_atomic
from studio.scene.errors import BadInput, SceneFileError
from studio.scene.geometry import Extent
from studio.scene.region import Region
from studio.scene.scene import Scene, check_room
from studio.scene.sentences import say
from studio.scene.style import style_to_json

CAPTIONS = "captions.json"


def read_mask_folder(folder: Path) -> tuple[Scene, int, tuple[str, ...]]:
    """Scene, seed, and what was skipped."""
    where = shown(f"{folder.name}/{CAPTIONS}")
    content = read_json(folder / CAPTIONS)
    listed = _listed(content, where)
    if not listed:
        raise SceneFileError(
            "{where} names no mask; a scene's size is that of its masks.", where=where
        )
    paths = [_mask_path(folder, text(entry, "mask", where), where) for entry in listed]
    try:
        extent = _common_extent(paths)
        regions = [
            Region(
                read_mask(path),
                text(entry, "caption", where),
                name=optional_text(entry, "name", where),
                gamma=optional_number(entry, "gamma", where),
                style=optional_style(entry, where),
            )
            for path, entry in zip(paths, listed, strict=True)
        ]
        scene = Scene(*extent, optional_text(content, "caption", where), regions)
    except SceneFileError:
        raise
    except BadInput as fault:
        raise SceneFileError("{where}: {fault}", where=where, fault=fault) from fault
    named = {entry["mask"] for entry in listed}
    notices = tuple(
        say(
            "{file} was skipped: {captions} does not name it.",
            file=shown(file.name),
            captions=CAPTIONS,
        )
        for file in sorted(folder.glob("*.png"))
        if file.name not in named
    )
    return scene, whole_number(content, "seed", where, default=0), notices


def write_mask_folder(scene: Scene, folder: Path, seed: int = 0) -> None:
    """Overlaps are kept: each mask is whole."""
    listed: list[Entry] = []
    for number, region in enumerate(scene.visible_regions, start=1):
        entry: Entry = {"mask": f"{number:03d}.png", "caption": region.caption}
        if region.name is not None:
            entry["name"] = region.name
        if region.gamma is not None:
            entry["gamma"] = region.gamma
        if region.style is not None:
            entry["style"] = style_to_json(region.style)
        listed.append(entry)
        write_atomic(folder / entry["mask"], mask_bytes(region.mask))
    content: Entry = {"seed": seed, "regions": listed}
    if scene.caption is not None:
        content = {"caption": scene.caption, **content}
    write_atomic(folder / CAPTIONS, json.dumps(content, indent=2).encode())


def _listed(content: Entry, where: str) -> list[Entry]:
    if "regions" in content:
        return entries(content, "regions", where)
    return [
        {"mask": name, "caption": text(content, name, where)}
        for name in content
        if name not in ("caption", "seed")
    ]


def _common_extent(paths: list[Path]) -> Extent:
    """The size that all masks have, and which has room for them, by their headers."""
    extent = mask_extent(paths[0])
    check_room(extent, len(paths))
    for path in paths[1:]:
        found = mask_extent(path)
        if found != extent:
            raise SceneFileError(
                "{path} is {found} pixels; the scene is {extent}.",
                path=shown(path.name),
                found=found,
                extent=extent,
            )
    return extent


def _mask_path(folder: Path, name: str, where: str) -> Path:
    if Path(name).name != name or "\\" in name or name in ("", ".", ".."):
        raise SceneFileError(
            "{where}: {name!r:.60} is not a file name in this folder.", where=where, name=name
        )
    return folder / name
