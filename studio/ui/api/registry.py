"""What every action needs: the studio, who calls, and how actions are registered."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_type_hints

from pydantic import ValidationError

from studio.project.document import Document
from studio.project.session import Session
from studio.project.store.store import Access
from studio.scene.errors import SessionError
from studio.service.studio import Studio
from studio.ui.api.fields import Fields
from studio.ui.api.refusals import refuse, refuse_unknown

Answer = dict[str, Any]
_EXPORTS_KEPT = 24
_EXPORT_BYTES = 512 * 2**20
_COMMON = {"session", "action"}  # these say who asks, and what
F = TypeVar("F", bound=Fields)


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


Handler = Callable[[Call, F], Answer]


@dataclass(frozen=True)
class Action:
    """A name the page may call, and the fields it may send."""

    name: str
    fields: type[Fields]
    run: Callable[[Call, Any], Answer]

    def read(self, given: Mapping[str, Any]) -> Fields:
        """What was sent besides who asks and what; BadInput if it does not fit."""
        values = {name: value for name, value in given.items() if name not in _COMMON}
        return read_fields(self.name, self.fields, values)


class Registry:
    """Actions by name."""

    def __init__(self) -> None:
        self.actions: dict[str, Action] = {}

    def action(self, handler: Handler[F]) -> Handler[F]:
        """Register a handler under its name; it says in its annotation what it is given."""
        self.add(handler.__name__, fields_of(handler), handler)
        return handler

    def add(self, name: str, fields: type[F], run: Handler[F]) -> None:
        self.actions[name] = Action(name, fields, run)

    def add_all(self, other: Registry) -> None:
        self.actions.update(other.actions)


def read_fields(action: str, fields: type[F], values: Mapping[str, Any]) -> F:
    """The values as `fields` wants them; BadInput for what is unknown, missing or unfit."""
    unknown = values.keys() - fields.model_fields.keys()
    if unknown:
        refuse_unknown(action, unknown)
    try:
        return fields.model_validate(values)
    except ValidationError as fault:
        refuse(fields, fault)


def fields_of(handler: Callable[[Call, F], Any]) -> type[F]:
    return get_type_hints(handler)["given"]
