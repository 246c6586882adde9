"""COCO's annotation format: polygons and run lengths, one scene for each image of the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from studio.files.json_file import (
    Entry,
    entries,
    optional_number,
    optional_style,
    optional_text,
    whole_number,
)
from studio.files.polygons import polygon_pixels
from studio.files.storage import write_atomic
from studio.scene.errors import BadInput, SceneError, SceneFileError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.run_lengths import MOST_RUNS, decode_runs, encode_runs
from studio.scene.scene import LARGEST_PHOTO_SIDE, Scene, check_room
from studio.scene.sentences import say
from studio.scene.style import style_to_json


def is_coco(content: Entry) -> bool:
    return "images" in content and "annotations" in content


def coco_images(content: Entry, where: str) -> list[Entry]:
    return entries(content, "images", where)


def coco_scene(content: Entry, image: Entry, where: str) -> tuple[Scene, tuple[str, ...]]:
    """The scene of one image, and what was skipped. A caption is the annotation's or its class."""
    identity = image.get("id")
    width = whole_number(image, "width", where)
    height = whole_number(image, "height", where)
    if not 0 < width <= LARGEST_PHOTO_SIDE or not 0 < height <= LARGEST_PHOTO_SIDE:
        raise SceneFileError(
            "{where}: image {identity!r} is {width} x {height} pixels.",
            where=where,
            identity=identity,
            width=width,
            height=height,
        )
    extent = Extent(width, height)
    names = {
        category.get("id"): optional_text(category, "name", where)
        for category in entries({"categories": [], **content}, "categories", where)
    }
    caption = optional_text(image, "caption", where)
    found = entries(content, "annotations", where)
    found = [entry for entry in found if entry.get("image_id") == identity]
    try:
        check_room(extent, sum("segmentation" in entry for entry in found))
    except SceneError as fault:
        raise SceneFileError("{where}: {fault}", where=where, fault=fault) from fault
    regions: list[Region] = []
    notices: list[str] = []
    for entry in found:
        words = optional_text(entry, "caption", where) or names.get(entry.get("category_id"))
        if "segmentation" not in entry:  # a caption of the whole image
            caption = caption or words
            continue
        place = f"{where}, annotation {entry.get('id')!r}"
        pixels = _pixels(entry["segmentation"], extent, place)
        if not pixels.any():
            notices.append(
                say(
                    "Annotation {identity!r} was skipped: it covers no pixel.",
                    identity=entry.get("id"),
                )
            )
            continue
        gamma = optional_number(entry, "gamma", place)
        try:
            name = optional_text(entry, "name", place)
            style = optional_style(entry, place)
            made = Region(Mask(pixels), words or "", name=name, gamma=gamma, style=style)
            regions.append(made)
        except BadInput as fault:
            raise SceneFileError("{place}: {fault}", place=place, fault=fault) from fault
    return Scene(width, height, caption, regions), tuple(notices)


def write_coco(scene: Scene, path: Path) -> None:
    """One image, each region an annotation with compressed run lengths, overlaps kept."""
    image: Entry = {"id": 1, "file_name": path.stem + ".png"}
    image |= {"width": scene.width, "height": scene.height}
    if scene.caption is not None:
        image["caption"] = scene.caption
    annotations: list[Entry] = []
    for number, region in enumerate(scene.visible_regions, start=1):
        bounds = region.mask.bounds
        assert bounds is not None  # a scene has no empty mask
        runs = encode_runs(np.transpose(region.mask.pixels))  # COCO counts down the columns
        entry: Entry = {
            "id": number,
            "image_id": 1,
            "category_id": 1,
            "iscrowd": 0,
            "caption": region.caption,
            "area": region.mask.area,
            "bbox": [bounds.left, bounds.top, *bounds.extent],
            "segmentation": {"size": [scene.height, scene.width], "counts": pack_counts(runs)},
        }
        if region.name is not None:
            entry["name"] = region.name
        if region.gamma is not None:
            entry["gamma"] = region.gamma
        if region.style is not None:
            entry["style"] = style_to_json(region.style)
        annotations.append(entry)
    content = {
        "images": [image],
        "categories": [{"id": 1, "name": "region"}],
        "annotations": annotations,
    }
    write_atomic(path, json.dumps(content, indent=2).encode())


def pack_counts(counts: list[int]) -> str:
    """COCO's text form: 5 bits a letter, low bits first, from the third on the change by two."""
    letters: list[str] = []
    for index, count in enumerate(counts):
        value = count - counts[index - 2] if index > 2 else count
        while True:
            bits, value = value & 31, value >> 5
            is_last = value == (-1 if bits & 16 else 0)
            letters.append(chr(48 + (bits if is_last else bits | 32)))
            if is_last:
                break
    return "".join(letters)


def unpack_counts(text: str) -> list[int]:
    """The inverse of `pack_counts`; raises ValueError."""
    counts: list[int] = []
    value = shift = 0
    if len(text) > 2 * MOST_RUNS:
        raise ValueError("too many run lengths")
    for letter in text:
        bits = ord(letter) - 48
        if not 0 <= bits < 64 or shift > 40:
            raise ValueError("not run lengths")
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            if bits & 16:
                value -= 1 << shift
            counts.append(value + counts[-2] if len(counts) > 2 else value)
            value = shift = 0
    if shift:
        raise ValueError("run lengths cut short")
    return counts


def _pixels(segmentation: Any, extent: Extent, where: str) -> NDArray[np.bool_]:
    if isinstance(segmentation, dict):
        return _from_run_lengths(cast("Entry", segmentation), extent, where)
    if not isinstance(segmentation, list):
        raise SceneFileError(
            "{where}: the segmentation is {segmentation!r:.40}.",
            where=where,
            segmentation=segmentation,
        )
    pixels = np.zeros(extent.shape, np.bool_)
    for polygon in cast("list[Any]", segmentation):
        try:
            points = np.reshape(np.asarray(polygon, np.float64), (-1, 2))
        except (ValueError, TypeError) as fault:
            raise SceneFileError(
                "{where}: a polygon is a flat list x, y, x, y, ...", where=where
            ) from fault
        if len(points) < 3 or not np.isfinite(points).all() or np.abs(points).max() > 1e5:
            raise SceneFileError(
                "{where}: a polygon needs three or more points on the picture.", where=where
            )
        try:
            pixels |= polygon_pixels(points, extent)
        except ValueError as fault:
            raise SceneFileError("{where}: {fault}.", where=where, fault=fault) from fault
    return pixels


def _from_run_lengths(content: Entry, extent: Extent, where: str) -> NDArray[np.bool_]:
    counts: Any = content.get("counts")
    try:
        counts = unpack_counts(counts) if isinstance(counts, str) else [int(n) for n in counts]
    except (ValueError, TypeError, OverflowError) as fault:
        raise SceneFileError("{where}: the run lengths are damaged.", where=where) from fault
    size: Any = content.get("size", list(extent.shape))
    if size != list(extent.shape):
        raise SceneFileError(
            "{where}: the mask's size is {size!r:.40}; the image is {extent}.",
            where=where,
            size=size,
            extent=extent,
        )
    try:
        return np.transpose(decode_runs(counts, Extent(extent.height, extent.width)))
    except SceneError as fault:
        raise SceneFileError(
            "{where}: the run lengths do not fit {extent} pixels.", where=where, extent=extent
        ) from fault
