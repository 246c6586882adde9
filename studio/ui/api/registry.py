"""What every action needs: the studio, the visitor, and how actions are registered."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from studio.project.document import Document
from studio.project.session import Session
from studio.project.store.store import Access
from studio.scene.errors import BadInput, SessionError
from studio.service.studio import Studio
from studio.ui.api.payload import Payload

Answer = dict[str, Any]
_EXPORTS_KEPT = 24
_EXPORT_BYTES = 512 * 2**20
_COMMON = {"session", "action"}
_OF_EDITS = {"revision", "gesture"}


class ServedFile(NamedTuple):
    """A file for the browser."""

    content: bytes
    mime: str
    name: str


class Change(NamedTuple):
    """An edit that was asked for: the next document, what it is called, what to tell."""

    change: Callable[[Document], Document]
    label: str
    notices: tuple[str, ...] = ()


@dataclass
class Exports:
    """Files made for a download; the oldest are forgotten."""

    files: OrderedDict[str, tuple[str, ServedFile]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, project: str, file: ServedFile) -> Answer:
        """The answer that tells the page where to fetch it."""
        reference = f"export/{secrets.token_hex(12)}"
        with self.lock:
            self.files[reference] = (project, file)
            while len(self.files) > _EXPORTS_KEPT or self._bytes_used() > _EXPORT_BYTES:
                if len(self.files) == 1:
                    break
                self.files.popitem(last=False)
        return {"file": reference, "name": file.name}

    def get(self, project: str, reference: str) -> ServedFile:
        with self.lock:
            owner, file = self.files.get(reference, ("", None))
        if file is None or owner != project:
            raise SessionError("This download is no longer there; make it again.")
        return file

    def _bytes_used(self) -> int:
        return sum(len(file.content) for _, file in self.files.values())


@dataclass
class Call:
    """One call: the studio, who calls, and the project they are in."""

    studio: Studio
    exports: Exports
    access: Access
    session: Session

    @property
    def document(self) -> Document:
        return self.session.document

    @property
    def examples(self) -> Path:
        return self.studio.settings.assets / "examples"


Handler = Callable[[Call, Payload], Answer]
EditHandler = Callable[[Call, Payload], Change]


@dataclass(frozen=True)
class Action:
    """A name the page may call, and the fields it may send."""

    name: str
    fields: frozenset[str]
    run: Handler

    def check(self, fields: dict[str, Any]) -> Payload:
        unknown = sorted(set(map(str, fields)) - self.fields - _COMMON)
        if unknown:
            raise BadInput(f"{self.name} takes no {', '.join(unknown)[:80]}.")
        return Payload(fields)


class Registry:
    """Actions by name."""

    def __init__(self) -> None:
        self.actions: dict[str, Action] = {}

    def action(self, fields: str = "") -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            name = handler.__name__
            self.actions[name] = Action(name, frozenset(fields.split()), handler)
            return handler

        return add

    def add_all(self, other: Registry) -> None:
        self.actions.update(other.actions)


def revision_of(given: Payload) -> int | None:
    return given.whole("revision", 0, 2**53, None)


def edit_fields(fields: str) -> str:
    return " ".join([fields, *sorted(_OF_EDITS)])
