"""Saving what has changed, soon and by itself, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from studio.project.session import Session
from studio.scene.errors import StudioError
from studio.scene.sentences import say

log = logging.getLogger(__name__)
RETRY_SECONDS = 5.0


class Autosave:
    """Marked sessions are saved after `delay` seconds; what the disk refuses is tried again."""

    def __init__(self, save: Callable[[Session], bool], delay: float) -> None:
        self._save = save
        self._delay = delay
        self._waiting: dict[str, tuple[float, Session]] = {}  # project: not before (monotonic)
        self._saving: set[str] = set()
        self._is_closed = False
        self._one_at_a_time = threading.Lock()
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="autosave", daemon=True)
        self._thread.start()

    def mark(self, session: Session) -> None:
        """The session has changed."""
        with self._wake:
            due = time.monotonic() + self._delay
            self._waiting.setdefault(session.identity, (due, session))
            self._wake.notify_all()

    def is_unsaved(self, project: str) -> bool:
        """The disk lacks something of it: it waits, or its save is under way."""
        with self._wake:
            return project in self._waiting or project in self._saving

    def forget(self, project: str) -> None:
        """Save it no more; a save that is under way is waited for."""
        with self._wake:
            self._wake.wait_for(lambda: project not in self._saving)
            self._waiting.pop(project, None)

    def save_all(self) -> None:
        """Save at once what waits; a save that runs is waited for."""
        with self._wake:
            waiting = [session for _, session in self._waiting.values()]
        for session in waiting:
            self._save_one(session)
        with self._one_at_a_time:
            return

    def close(self) -> None:
        with self._wake:
            self._is_closed = True
            self._wake.notify_all()
        self._thread.join(10)
        self.save_all()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._is_closed or bool(self._waiting))
                if self._is_closed:
                    return
                due, session = min(self._waiting.values(), key=lambda entry: entry[0])
                if due > time.monotonic():
                    self._wake.wait(due - time.monotonic())
                    continue
            self._save_one(session)

    def _save_one(self, session: Session) -> None:
        with self._one_at_a_time:
            with self._wake:
                if self._waiting.pop(session.identity, None) is None:
                    return  # the other thread was first
                self._saving.add(session.identity)
            is_saved = self._try(session)
            with self._wake:
                self._saving.discard(session.identity)
                if not is_saved:
                    later = time.monotonic() + RETRY_SECONDS
                    self._waiting.setdefault(session.identity, (later, session))
                self._wake.notify_all()

    def _try(self, session: Session) -> bool:
        try:
            return self._save(session)
        except Exception as fault:
            log.exception("project %s was not saved", session.identity)
            session.tell_unsaved(
                say(
                    "The project cannot be saved: {reason}. Your work is kept in memory; do not "
                    "close the studio.",
                    reason=str(fault) if isinstance(fault, StudioError) else type(fault).__name__,
                )
            )
            return False
