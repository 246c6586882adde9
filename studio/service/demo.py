"""Demo: when a visitor has gone, the next one finds the project as it was."""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

from studio.project.document import document_from_json
from studio.project.history import Node
from studio.project.session import Session, parse
from studio.project.strips import Strip
from studio.scene.errors import SessionError

MINUTES = 3.0


class Demos:
    """Which open projects are demos; one that is closed is none any more."""

    def __init__(self) -> None:
        self._demos: WeakKeyDictionary[Session, Demo] = WeakKeyDictionary()

    def of(self, session: Session) -> Demo | None:
        return self._demos.get(session)

    def begin(self, session: Session, minutes: float) -> None:
        """From here on the project goes back to what it is now."""
        self._demos[session] = Demo(session, minutes)

    def end(self, session: Session) -> None:
        self._demos.pop(session, None)

    def touch(self, session: Session) -> None:
        """Its visitor has done something."""
        demo = self.of(session)
        if demo is not None:
            demo.touch()

    def reset_if_idle(self, session: Session) -> None:
        """Called whenever a page looks."""
        demo = self.of(session)
        if demo is not None:
            demo.reset_if_idle(session)

    def check_may_forget(self, session: Session) -> None:
        """SessionError where a visitor would delete for ever what the next one should find."""
        if self.of(session) is not None:
            raise SessionError("This project is a demo; end the demo before deleting for ever.")


class Demo:
    """What one project goes back to when nobody has touched it for a while.

    Polling is no touch, and a running job is. Of what visitors made, starred pictures stay.
    """

    def __init__(self, session: Session, minutes: float) -> None:
        self.minutes = minutes
        self.resets = 0
        self._touched: float | None = None  # monotonic; None: as the visitor should find it
        with session.lock:
            self._name = session.name
            self._document = session.document
            self._history = session.history.shown, session.history.base
            self._nodes = [node for node in session.history.everything if node.kind != "live"]
            self._strips = frozenset(session.strips)

    def touch(self) -> None:
        self._touched = time.monotonic()

    def reset_if_idle(self, session: Session) -> None:
        if self._touched is None:
            return
        if session.is_busy:
            self.touch()
        elif time.monotonic() - self._touched > 60 * self.minutes:
            self._reset(session)

    def _reset(self, session: Session) -> None:
        with session.lock:
            session.begin_with(self._document)
            if session.name != self._name:
                session.rename(self._name)
            session.release(lambda: self._forget_what_was_made(session))
            session.put_back(self._nodes)
            session.history.shown, session.history.base = self._history
            self.resets += 1
            self._touched = None

    def _forget_what_was_made(self, session: Session) -> None:
        known = {node.identity for node in self._nodes}

        def is_new(node: Node) -> bool:
            return node.identity not in known and not node.is_starred

        def is_strange(strip: Strip) -> bool:
            return strip.identity not in self._strips and not self._shows_the_scene(session, strip)

        session.forget_nodes(is_new)
        session.forget_strips(is_strange)

    def _shows_the_scene(self, session: Session, strip: Strip) -> bool:
        content = parse(session.folder.get(strip.document))
        return document_from_json(content).is_same_as(self._document)
