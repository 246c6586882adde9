"""What a user edits and undoes: the scene, how it is rendered, and the photo below it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, cast

from studio.files.recipe import sampling_from_json, scene_from_json, scene_to_json
from studio.scene.errors import BadInput, ProjectFileError
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import Scene


@dataclass(frozen=True)
class Document:
    """An edit gives a new document. `slots` decides each region's colour and pattern.

    photo: a reference to the photo, fitted to the scene's size.
    """

    scene: Scene
    sampling: Sampling = field(default_factory=Sampling)
    photo: str | None = None
    slots: Mapping[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        object.__setattr__(self, "slots", _with_slots(self.scene, self.slots))

    @property
    def request(self) -> RenderRequest:
        return RenderRequest(self.scene, self.sampling)

    @property
    def identities(self) -> tuple[str, ...]:
        return tuple(region.identity for region in self.scene.regions)

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
        "sampling": asdict(document.sampling),
        "photo": document.photo,
        "slots": dict(document.slots),
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
        return Document(scene, sampling, photo, slots)
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
