"""Gamma strips: one scene and one noise, rendered over several gammas."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from studio.project.document import as_entry
from studio.scene.errors import ProjectFileError, RequestError
from studio.scene.sentences import restored, sentences_in

GAMMAS = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
MOST_ITEMS = 12
MOST_STRIPS = 100  # of a project


@dataclass(frozen=True)
class StripItem:
    """One picture of a strip; `image` is None until it is there.

    iou: the mean over its regions; overlaps: of each region that could be measured.
    """

    gamma: float
    image: str | None = None
    iou: float | None = None
    overlaps: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True)
class Strip:
    """Drafts that differ in gamma alone.

    Of a search for the loosest gamma: `wish`, the overlap that was wished for; `found`, the gamma
    that was chosen; `note`, what was measured, in a sentence.
    """

    document: str  # reference to the document they were made from
    at: float
    seed: int
    items: tuple[StripItem, ...]
    is_done: bool = False
    identity: str = field(default_factory=lambda: secrets.token_hex(6))
    wish: float | None = None
    found: float | None = None
    note: str = ""

    @property
    def references(self) -> set[str]:
        """Everything in the project's folder that it needs."""
        return {self.document, *(item.image for item in self.items if item.image is not None)}

    def with_item(self, place: int, item: StripItem) -> Strip:
        return replace(self, items=(*self.items[:place], item, *self.items[place + 1 :]))

    def with_more(self, item: StripItem) -> Strip:
        """One more draft, in its place by gamma."""
        return replace(self, items=tuple(sorted((*self.items, item), key=lambda each: each.gamma)))

    def with_finding(self, gamma: float, note: str) -> Strip:
        return replace(self, found=gamma, note=note)

    def finished(self) -> Strip:
        return replace(self, is_done=True)


def check_gammas(gammas: tuple[float, ...]) -> tuple[float, ...]:
    """In rising order, each once."""
    if not 2 <= len(gammas) <= MOST_ITEMS:
        raise RequestError(
            "A strip has 2 to {most} gammas, not {count}.", most=MOST_ITEMS, count=len(gammas)
        )
    return tuple(sorted(set(gammas)))


def strip_to_json(strip: Strip) -> dict[str, Any]:
    entry = asdict(strip)
    for item in entry["items"]:
        if not item["overlaps"]:
            del item["overlaps"]
    for name in ("wish", "found", "note"):  # only a search has them
        if not entry[name]:
            del entry[name]
    said = sentences_in({"note": strip.note})
    return {**entry, "said": said} if said else entry


def strip_from_json(entry: dict[str, Any]) -> Strip:
    try:
        return Strip(
            document=str(entry["document"]),
            at=float(entry["at"]),
            seed=int(entry["seed"]),
            items=tuple(_item(as_entry(each)) for each in entry["items"]),
            is_done=True,
            identity=str(entry["identity"]),
            wish=_number(entry.get("wish")),
            found=_number(entry.get("found")),
            note=restored(str(entry.get("note", "")), entry.get("said", {})),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise ProjectFileError(
            "A strip of the project is damaged: {fault}.", fault=fault
        ) from fault


def _item(entry: dict[str, Any]) -> StripItem:
    return StripItem(
        float(entry["gamma"]),
        None if entry["image"] is None else str(entry["image"]),
        _number(entry["iou"]),
        {str(name): float(each) for name, each in as_entry(entry.get("overlaps", {})).items()},
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
