"""Edits of how a photo is edited: pins, opacities, settings, and what a finished edit leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.project.document import Document
from studio.project.photo_work import Made, PhotoWork, check_opacity, check_work
from studio.scene.errors import SceneError
from studio.scene.photo_layer import Outside


def work_of(document: Document) -> PhotoWork:
    """SceneError for a sketch."""
    if document.edit is None:
        raise SceneError("No photo is being edited; start editing first.")
    return document.edit


def set_work(document: Document, **changes: Any) -> Document:
    """Strength, feather, context, match_colours, subject, contact_shadow or fill."""
    subject = changes.get("subject")
    if subject is not None:
        document.scene.region(subject)
    work = replace(work_of(document), **changes)
    check_work(work)
    changed = replace(document, edit=work)
    return _lowest(changed, subject) if subject is not None else changed


def set_layer(
    document: Document, identity: str, *, pinned: bool | None = None, opacity: float | None = None
) -> Document:
    """Pin a region, or set how far its layer shows; None leaves it."""
    document.scene.region(identity)
    work = work_of(document)
    if pinned is not None:
        rest = work.pinned - {identity}
        work = replace(work, pinned=rest | {identity} if pinned else rest)
    if opacity is not None:
        check_opacity(opacity)
        others = {name: each for name, each in work.opacities.items() if name != identity}
        work = replace(work, opacities=others if opacity == 1 else {**others, identity: opacity})
    return replace(document, edit=work)


def with_seeds(document: Document, seeds: Mapping[str, int]) -> Document:
    regions = (
        replace(region, seed=seeds[region.identity]) if region.identity in seeds else region
        for region in document.scene.regions
    )
    return document.with_scene(document.scene.with_regions(regions))


def with_made(
    document: Document,
    rendered: Document,
    made: Mapping[str, Made],
    outside: Outside | None,
) -> Document:
    """A finished edit: the new layers of those regions that are still as they were rendered.

    What was deleted, drawn otherwise or belongs to another photo by now is left out.
    """
    work, then = document.edit, rendered.edit
    if work is None or then is None or work.original != then.original:
        return document
    now = {region.identity: region for region in document.scene.regions}
    kept = {
        name: each
        for name, each in made.items()
        if name in now and now[name].mask.digest == each.mask
    }
    if not kept:
        return document
    seeds = {
        name: region.seed
        for name in kept
        if (region := rendered.scene.region(name)).seed is not None
        and now[name].seed != region.seed
    }
    changed = with_seeds(document, seeds)
    return replace(changed, edit=work.with_made(kept, outside))


def _lowest(document: Document, identity: str) -> Document:
    """The subject lies lowest, where the engine looks for it."""
    scene = document.scene
    subject = scene.region(identity)
    others = [region for region in scene.regions if region is not subject]
    return document.with_scene(scene.with_regions([subject, *others]))
