"""What a user edits and undoes: the scene, how it is rendered, and the photo below it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from studio.files.recipe import (
    sampling_from_json,
    sampling_to_json,
    scene_from_json,
    scene_to_json,
)
from studio.project.photo_work import PhotoWork, work_from_json, work_to_json
from studio.scene.errors import BadInput, ProjectFileError
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import Scene


@dataclass(frozen=True)
class Document:
    """An edit gives a new document. `slots` decides each region's colour and pattern.

    photo: a reference to the photo, fitted to the scene's size; edit: what has become of that photo
    at its own size, None for a sketch; aside: the photo's edit while it serves a sketch.
    """

    scene: Scene
    sampling: Sampling = field(default_factory=Sampling)
    photo: str | None = None
    slots: Mapping[str, int] = field(default_factory=dict[str, int])
    edit: PhotoWork | None = None
    aside: PhotoWork | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "slots", _with_slots(self.scene, self.slots))
        for name in ("edit", "aside"):
            work: PhotoWork | None = getattr(self, name)
            if work is not None:
                object.__setattr__(self, name, work.only(self.identities))

    @property
    def request(self) -> RenderRequest:
        return RenderRequest(self.scene, self.sampling)

    @property
    def identities(self) -> tuple[str, ...]:
        return tuple(region.identity for region in self.scene.regions)

    @property
    def references(self) -> set[str]:
        """Everything in the project's folder that it needs."""
        found = set[str]() if self.photo is None else {self.photo}
        for work in (self.edit, self.aside):
            if work is not None:
                found |= work.references
        return found

    def with_scene(self, scene: Scene) -> Document:
        return replace(self, scene=scene)

    def is_same_as(self, other: Document) -> bool:
        """Equal, and with the same regions by identity."""
        return self.identities == other.identities and self == other

    def number(self, identity: str) -> int:
        """1 for the lowest region."""
        return self.identities.index(self.scene.region(identity).identity) + 1


def document_to_json(document: Document) -> dict[str, Any]:
    return {
        "scene": scene_to_json(document.scene, with_identities=True),
        "sampling": sampling_to_json(document.sampling),
        "photo": document.photo,
        "slots": dict(document.slots),
        **works_to_json(document),
    }


def works_to_json(document: Document) -> dict[str, Any]:
    """The photo's edits; nothing for a sketch without one."""
    works = {"edit": document.edit, "aside": document.aside}
    return {name: work_to_json(work) for name, work in works.items() if work is not None}


def works_from_json(content: Mapping[str, Any]) -> dict[str, PhotoWork]:
    return {
        name: work_from_json(content[name])
        for name in ("edit", "aside")
        if content.get(name) is not None
    }


def document_bytes(document: Document) -> bytes:
    """As it is kept in a project's folder."""
    return json.dumps(document_to_json(document)).encode()


def document_from_json(content: Any) -> Document:
    try:
        scene = scene_from_json(content["scene"])
        sampling = sampling_from_json(content["sampling"])
        slots = {str(key): int(slot) for key, slot in content.get("slots", {}).items()}
        photo = content.get("photo")
        if photo is not None and not isinstance(photo, str):
            raise ProjectFileError("The project's photo is damaged.")
        return Document(scene, sampling, photo, slots, **works_from_json(content))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, BadInput) as fault:
        raise ProjectFileError(
            "The project's scene cannot be read: {fault}", fault=fault
        ) from fault


def _with_slots(scene: Scene, known: Mapping[str, int]) -> dict[str, int]:
    """Regions keep their slot; a new one takes the lowest that is free."""
    present = [region.identity for region in scene.regions]
    slots = {identity: known[identity] for identity in present if identity in known}
    taken = set(slots.values())
    for identity in present:
        if identity not in slots:
            slots[identity] = next(slot for slot in range(len(present) + 1) if slot not in taken)
            taken.add(slots[identity])
    return slots


def as_entry(value: Any) -> dict[str, Any]:
    """A JSON object, or a ProjectFileError."""
    if not isinstance(value, dict):
        raise ProjectFileError("The project is damaged: an object is missing.")
    return cast("dict[str, Any]", value)
