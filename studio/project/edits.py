"""Every edit of a document, as functions from a document to the next. Nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.project.document import Document
from studio.scene.errors import RequestError, SceneError
from studio.scene.geometry import Bounds, Extent
from studio.scene.mask import Mask
from studio.scene.mask_edits import (
    combine,
    fill_holes,
    grow,
    invert,
    largest_part,
    moved,
    place,
    smooth,
    turned,
)
from studio.scene.region import Click, Region
from studio.scene.request import Sampling
from studio.scene.resize import resize_scene as resized_scene
from studio.scene.scene import Scene
from studio.scene.sentences import say

Pixels = NDArray[np.bool_]
LONGEST_CAPTION = 2000
LONGEST_NAME = 80
MOST_CLICKS = 64


def add_region(document: Document, region: Region, below: str | None = None) -> Document:
    """Lay a region on top, or below another one."""
    scene = document.scene
    if any(old.identity == region.identity for old in scene.regions):
        raise SceneError("There is a region with this id already.")
    _check_texts(region)
    regions = list(scene.regions)
    at = len(regions) if below is None else document.number(below) - 1
    regions.insert(at, region)
    return document.with_scene(scene.with_regions(regions))


def set_region(document: Document, identity: str, **changes: Any) -> Document:
    """Caption, name, gamma, visibility, lock, seed, strength or feather."""
    region = replace(document.scene.region(identity), **changes)
    _check_texts(region)
    return document.with_scene(document.scene.with_region(region))


def edit_mask(
    document: Document,
    identity: str,
    change: Callable[[Mask], Mask],
    clicks: tuple[Click, ...] | None = None,
) -> Document:
    """Change a region's mask. A hand-made change keeps the clicks that shaped it before."""
    region = document.scene.region(identity)
    if region.is_locked:
        raise SceneError(
            "Region {number} is locked; unlock it to change it.", number=document.number(identity)
        )
    mask = change(region.mask)
    if mask.extent == document.scene.extent and not mask.area:
        raise SceneError("Nothing would be left of the region; delete it instead.")
    region = replace(region, mask=mask, clicks=region.clicks if clicks is None else clicks)
    _check_texts(region)
    return document.with_scene(document.scene.with_region(region))


def combined_with(shape: Pixels, mode: str) -> Callable[[Mask], Mask]:
    return lambda mask: combine(mask, shape, mode)


def changed_by(change: str, pixels: int) -> Callable[[Mask], Mask]:
    """`change`: grow, shrink, smooth, invert, fill_holes or largest_part."""
    changes: dict[str, Callable[[Mask], Mask]] = {
        "grow": lambda mask: grow(mask, pixels),
        "shrink": lambda mask: grow(mask, -pixels),
        "smooth": lambda mask: smooth(mask, pixels),
        "invert": invert,
        "fill_holes": fill_holes,
        "largest_part": largest_part,
    }
    if change not in changes:
        raise SceneError(
            "A mask can be changed by {allowed}; not by {change!r}.",
            allowed=", ".join(changes),
            change=change,
        )
    return changes[change]


def placed_in(box: Bounds) -> Callable[[Mask], Mask]:
    return lambda mask: place(mask, box)


def turned_by(degrees: float, *, mirrored: bool) -> Callable[[Mask], Mask]:
    return lambda mask: turned(mask, degrees, mirrored=mirrored)


def set_caption(document: Document, caption: str | None) -> Document:
    if caption is not None:
        _check_length(say("The scene's caption"), caption, LONGEST_CAPTION)
    return document.with_scene(document.scene.with_caption(caption))


def set_sampling(document: Document, **changes: Any) -> Document:
    known = {field.name for field in fields(Sampling)} - {"draft"}
    unknown = sorted(set(changes) - known)
    if unknown:
        raise RequestError("There is no setting {unknown}.", unknown=", ".join(unknown))
    negative = changes.get("negative_caption")
    if isinstance(negative, str):
        _check_length(say("The negative caption"), negative, LONGEST_CAPTION)
    return replace(document, sampling=replace(document.sampling, **changes))


def reorder(document: Document, order: Sequence[str]) -> Document:
    """All regions by identity, the lowest first."""
    if sorted(order) != sorted(document.identities):
        raise SceneError("The new order does not name each region once.")
    regions = (document.scene.region(identity) for identity in order)
    return document.with_scene(document.scene.with_regions(regions))


def delete_regions(document: Document, identities: Sequence[str]) -> Document:
    scene = document.scene
    for identity in identities:
        scene = scene.without_region(identity)
    return document.with_scene(scene)


def duplicate_region(
    document: Document, identity: str, new_identity: str, dx: int, dy: int
) -> Document:
    """A copy just above the region, moved aside as far as something of it stays in the scene."""
    region = document.scene.region(identity)
    mask = moved(region.mask, dx, dy)
    if not mask.area:
        mask = region.mask
    copy = replace(region, mask=mask, identity=new_identity, is_locked=False, clicks=())
    above = document.identities[document.number(identity) :]
    return add_region(document, copy, below=above[0] if above else None)


def merge_regions(document: Document, identities: Sequence[str]) -> Document:
    """All become part of the first, which keeps its caption and place."""
    if len(set(identities)) < 2:
        raise SceneError("Name at least two regions to merge.")
    parts = [document.scene.region(identity) for identity in identities]
    pixels = np.any([part.mask.pixels for part in parts], axis=0)
    whole = edit_mask(document, parts[0].identity, lambda _: Mask(pixels), clicks=())
    return delete_regions(whole, [part.identity for part in parts[1:]])


def resize_scene(document: Document, extent: Extent) -> tuple[Document, tuple[str, ...]]:
    """All masks scaled, and what was lost. The photo is dropped; it no longer fits."""
    if extent == document.scene.extent:
        return document, ()
    scene, notices = resized_scene(document.scene, extent)
    return replace(document, scene=scene, photo=None, aside=None), notices


def replace_scene(document: Document, scene: Scene) -> Document:
    """Another scene with the same settings."""
    for region in scene.regions:
        _check_texts(region)
    if scene.extent == document.scene.extent:
        return document.with_scene(scene)
    return replace(document, scene=scene, photo=None, aside=None)


def _check_texts(region: Region) -> None:
    _check_length(say("A region's caption"), region.caption, LONGEST_CAPTION)
    if region.name is not None:
        _check_length(say("A region's name"), region.name, LONGEST_NAME)
    if len(region.clicks) > MOST_CLICKS:
        raise SceneError("A region is shaped by at most {most} clicks.", most=MOST_CLICKS)


def _check_length(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise SceneError(
            "{what} has {letters} letters; at most {most}.", what=what, letters=len(text), most=most
        )
