"""The published scene format: a flat-colour PNG, and beside it a JSON that names the colours.

{"caption": "...", "seed": 7, "segments_info": [{"color": [0, 128, 0], "text": "a lion"}]}

Regions are listed from the lowest to the topmost. Colours without an entry are background. We also
write `name` and `gamma` where a region has them; other programs do not mind.
"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

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
from studio.files.limits import PHOTO_LIMITS
from studio.files.picture_decoder import picture_extent, read_colours, shown
from studio.files.storage import write_atomic
from studio.scene.coverage import coverage, label_map
from studio.scene.errors import BadInput, SceneFileError
from studio.scene.mask import Mask
from studio.scene.palette import label_colour
from studio.scene.region import Region
from studio.scene.scene import Scene, check_room
from studio.scene.sentences import say
from studio.scene.style import style_to_json

_ANY_SIZE = replace(PHOTO_LIMITS, smallest_side=1)
Notices = tuple[str, ...]


def read_label_map(path: Path) -> tuple[Scene, int, Notices]:
    """Scene, seed, and what was skipped. `path` is the JSON or the PNG of the same name."""
    path = path.with_suffix(".json")
    where = shown(path.name)
    content = read_json(path)
    described = [_segment(entry, where) for entry in entries(content, "segments_info", where)]
    seen: dict[int, str] = {}
    for code, entry in described:
        if code in seen:
            raise SceneFileError(
                "{where} names the colour {colour} twice.", where=where, colour=entry["color"]
            )
        seen[code] = text(entry, "text", where)
    try:
        check_room(picture_extent(path.with_suffix(".png"), _ANY_SIZE), len(described))
        colours, _ = read_colours(path.with_suffix(".png"), _ANY_SIZE)
    except BadInput as fault:
        raise SceneFileError(
            "The label map of {where}: {fault}", where=where, fault=fault
        ) from fault
    codes = _codes(colours)
    regions: list[Region] = []
    notices: list[str] = []
    try:
        for code, entry in described:
            pixels: NDArray[np.bool_] = codes == code
            caption = text(entry, "text", where)
            if not pixels.any():
                notices.append(
                    say(
                        "{caption!r} was skipped: no pixel has {colour}.",
                        caption=caption[:60],
                        colour=entry["color"],
                    )
                )
                continue
            name = optional_text(entry, "name", where)
            gamma = optional_number(entry, "gamma", where)
            style = optional_style(entry, where)
            region = Region(Mask(pixels), caption, name=name, gamma=gamma, style=style)
            regions.append(region)
        height, width = codes.shape
        scene = Scene(width, height, optional_text(content, "caption", where), regions)
    except SceneFileError:
        raise
    except BadInput as fault:
        raise SceneFileError("{where}: {fault}", where=where, fault=fault) from fault
    return scene, whole_number(content, "seed", where, default=0), tuple(notices)


def write_label_map(scene: Scene, path: Path, seed: int = 0) -> Notices:
    """Write PNG and JSON. What lies under other regions is lost; returns who is lost wholly."""
    picture, content = label_map_content(scene, seed)
    write_atomic(path.with_suffix(".png"), picture)
    write_atomic(path.with_suffix(".json"), content)
    return tuple(
        say("{caption!r} was left out: other regions cover it.", caption=region.caption[:60])
        for region in coverage(scene).hidden
    )


def label_map_content(scene: Scene, seed: int = 0) -> tuple[bytes, bytes]:
    """The two files: PNG and JSON."""
    labels = label_map(scene)
    palette = np.array(
        [(0, 0, 0), *(label_colour(n + 1) for n in range(len(scene.visible_regions)))], np.uint8
    )
    file = io.BytesIO()
    Image.fromarray(palette[labels]).save(file, "PNG", optimize=True)
    segments: list[Entry] = []
    for number, region in enumerate(scene.visible_regions, start=1):
        if not (labels == number).any():
            continue
        entry: Entry = {"color": list(label_colour(number)), "text": region.caption}
        if region.name is not None:
            entry["name"] = region.name
        if region.gamma is not None:
            entry["gamma"] = region.gamma
        if region.style is not None:
            entry["style"] = style_to_json(region.style)
        segments.append(entry)
    content: Entry = {"seed": seed, "segments_info": segments}
    if scene.caption is not None:
        content = {"caption": scene.caption, **content}
    return file.getvalue(), json.dumps(content, indent=2).encode()


def _segment(entry: Entry, where: str) -> tuple[int, Entry]:
    colour: Any = entry.get("color")
    if colour is None:
        raise SceneFileError("{where}: an entry of 'segments_info' lacks 'color'.", where=where)
    if not isinstance(colour, list) or len(cast("list[Any]", colour)) != 3:
        raise SceneFileError(
            "{where}: the colour {colour!r:.60} must be [red, green, blue].",
            where=where,
            colour=colour,
        )
    red, green, blue = cast("list[Any]", colour)
    for value in (red, green, blue):
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 255:
            raise SceneFileError(
                "{where}: the colour {colour!r:.60} must be numbers to 255.",
                where=where,
                colour=colour,
            )
    return red << 16 | green << 8 | blue, entry


def _codes(colours: NDArray[np.uint8]) -> NDArray[np.int32]:
    codes = colours[..., 0].astype(np.int32)
    for channel in (1, 2):
        codes <<= 8
        codes |= colours[..., channel]
    return codes
