"""Saving what has changed, soon and by itself, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from studio.project.session import Session

log = logging.getLogger(__name__)
RETRY_SECONDS = 5.0


class Autosave:
    """Marked sessions are saved after `delay` seconds; what the disk refuses is tried again."""

    def __init__(self, save: Callable[[Session], bool], delay: float) -> None:
        self._save = save
        self._delay = delay
        self._waiting: dict[str, tuple[float, Session]] = {}  # project: not before (monotonic)
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

    def is_waiting(self, project: str) -> bool:
        return project in self._waiting

    def forget(self, project: str) -> None:
        with self._wake:
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
            try:
                is_saved = self._save(session)
            except Exception:
                log.exception("project %s was not saved", session.identity)
                is_saved = False
        if not is_saved:
            with self._wake:
                later = time.monotonic() + RETRY_SECONDS
                self._waiting.setdefault(session.identity, (later, session))
