"""Gamma strips: one scene and one noise, rendered over several gammas."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from studio.project.document import as_entry
from studio.scene.errors import ProjectFileError, RequestError

GAMMAS = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
MOST_ITEMS = 12
MOST_STRIPS = 100  # of a project


@dataclass(frozen=True)
class StripItem:
    """One picture of a strip; `image` is None until it is there."""

    gamma: float
    image: str | None = None
    iou: float | None = None


@dataclass(frozen=True)
class Strip:
    """Drafts that differ in gamma alone."""

    document: str  # reference to the document they were made from
    at: float
    seed: int
    items: tuple[StripItem, ...]
    is_done: bool = False
    identity: str = field(default_factory=lambda: secrets.token_hex(6))

    @property
    def references(self) -> set[str]:
        """Everything in the project's folder that it needs."""
        return {self.document, *(item.image for item in self.items if item.image is not None)}

    def with_item(self, place: int, item: StripItem) -> Strip:
        items = (*self.items[:place], item, *self.items[place + 1 :])
        return Strip(self.document, self.at, self.seed, items, self.is_done, self.identity)

    def finished(self) -> Strip:
        return Strip(self.document, self.at, self.seed, self.items, True, self.identity)


def check_gammas(gammas: tuple[float, ...]) -> tuple[float, ...]:
    """In rising order, each once."""
    if not 2 <= len(gammas) <= MOST_ITEMS:
        raise RequestError(
            "A strip has 2 to {most} gammas, not {count}.", most=MOST_ITEMS, count=len(gammas)
        )
    return tuple(sorted(set(gammas)))


def strip_to_json(strip: Strip) -> dict[str, Any]:
    return asdict(strip)


def strip_from_json(entry: dict[str, Any]) -> Strip:
    try:
        items = tuple(
            StripItem(
                float(each["gamma"]),
                None if each["image"] is None else str(each["image"]),
                None if each["iou"] is None else float(each["iou"]),
            )
            for each in map(as_entry, entry["items"])
        )
        return Strip(
            document=str(entry["document"]),
            at=float(entry["at"]),
            seed=int(entry["seed"]),
            items=items,
            is_done=True,
            identity=str(entry["identity"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise ProjectFileError(
            "A strip of the project is damaged: {fault}.", fault=fault
        ) from fault
