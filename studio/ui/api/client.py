"""Everything the page can do, as plain calls on JSON; docs/actions.md lists them.

Gradio is not needed.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from studio.project.session import StaleEdit
from studio.scene.errors import BadInput, SessionError, StudioError
from studio.scene.sentences import say, sentences_in
from studio.service.studio import Studio
from studio.ui.api import (
    clicks,
    demo,
    edits,
    exports,
    files,
    getting,
    machine,
    photo_jobs,
    photos,
    projects,
    renders,
    stamps,
    storage,
    styles,
    words,
)
from studio.ui.api.edits import document
from studio.ui.api.fields import Fields
from studio.ui.api.files import read_reference
from studio.ui.api.projects import everything
from studio.ui.api.registry import Answer, Call, Exports, Registry, ServedFile, read_fields
from studio.ui.api.requests import Open

log = logging.getLogger(__name__)

_registry = Registry()
for _part in (
    projects,
    edits,
    clicks,
    words,
    renders,
    photos,
    photo_jobs,
    exports,
    files,
    getting,
    machine,
    stamps,
    storage,
    styles,
    demo,
):
    _registry.add_all(_part.registry)

FIELDS: dict[str, type[Fields]] = {
    "open": Open,
    **{name: _registry.actions[name].fields for name in sorted(_registry.actions)},
}
ACTIONS: tuple[str, ...] = tuple(FIELDS)


class Client:
    """Answers the page. `call` never raises; `read_file` raises SessionError for a 404."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self._exports = Exports()

    def call(self, action: str, payload: Any) -> Answer:
        """{"ok": true, ...}, or {"ok": false, "error": a sentence, "kind": of refusal}.

        Where it holds sentences, `said` has the code and the values of each.
        """
        answer = self._answer(action, payload)
        said = sentences_in(answer)
        return {**answer, "said": said} if said else answer

    def read_file(self, session: str, reference: str) -> ServedFile:
        return read_reference(self._enter(session), reference)

    def _answer(self, action: str, payload: Any) -> Answer:
        try:
            fields = dict(payload) if isinstance(payload, Mapping) else None
            if fields is None:
                raise BadInput("A request is a JSON object.")
            if action == "open":
                fields.pop("action", None)
                return {"ok": True, **self._open(read_fields("open", Open, fields))}
            return self._run(action, fields)
        except StudioError as fault:
            return _refusal(_kind(fault), str(fault))
        except Exception:
            number = secrets.token_hex(4)
            log.exception("action %.40r failed, report %s", action, number)
            sentence = say("That did not work; the log has it as report {number}.", number=number)
            return _refusal("internal", sentence)

    def _run(self, action: str, fields: dict[str, Any]) -> Answer:
        if action not in ACTIONS:
            raise BadInput("There is no such action.")
        known = _registry.actions[action]
        try:
            call = self._enter(fields.get("session"))
        except SessionError as fault:
            return _refusal("expired", str(fault))
        if action not in demo.LOOKS:
            self.studio.demos.touch(call.session)
        try:
            return {"ok": True, **known.run(call, known.read(fields))}
        except StaleEdit as fault:
            stale = _refusal("stale", str(fault))
            return stale if action == "segment" else {**stale, **document(call, Fields())}

    def _open(self, given: Open) -> Answer:
        access, session, notices = self.studio.store.open(given.session, given.owner, given.project)
        return everything(Call(self.studio, self._exports, access, session), notices)

    def _enter(self, token: Any) -> Call:
        access, session = self.studio.store.enter(token)
        return Call(self.studio, self._exports, access, session)


def _kind(fault: StudioError) -> str:
    return "BadInput" if isinstance(fault, BadInput) else type(fault).__name__


def _refusal(kind: str, error: str) -> Answer:
    return {"ok": False, "kind": kind, "error": error}
