"""Demo: when a visitor has gone, the next one finds the scene as it was."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from studio.project.document import document_from_json
from studio.project.session import Session, parse
from studio.project.strips import Strip
from studio.service.housekeeping import released

MINUTES = 3.0


@dataclass
class Demo:
    """What one project goes back to when nobody has touched it for a while.

    Polling is no touch, and a running job is. What the visitor starred stays.
    """

    session: Session
    minutes: float = MINUTES
    resets: int = 0
    _touched: float | None = None  # monotonic; None: as the visitor should find it
    _nodes: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        session = self.session
        with session.lock:
            self._document = session.document
            self._history = session.history.shown, session.history.base
            self._nodes = frozenset(node.identity for node in session.history.everything)

    def touch(self) -> None:
        self._touched = time.monotonic()

    def reset_if_idle(self) -> None:
        """Called whenever a page looks."""
        if self._touched is None:
            return
        if self.session.is_busy:
            self.touch()
        elif time.monotonic() - self._touched > 60 * self.minutes:
            self._reset()

    def _reset(self) -> None:
        session = self.session
        with session.lock:
            session.begin_with(self._document)
            released(session, self._forget_what_was_made)
            session.history.shown, session.history.base = self._history
            self.resets += 1
            self._touched = None

    def _forget_what_was_made(self) -> None:
        session, known = self.session, self._nodes
        session.forget_nodes(lambda node: node.identity not in known and not node.is_starred)
        session.forget_strips(lambda strip: not self._shows_the_scene(strip))

    def _shows_the_scene(self, strip: Strip) -> bool:
        content = parse(self.session.folder.get(strip.document))
        return document_from_json(content).is_same_as(self._document)
