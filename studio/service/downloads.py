"""Published models on their way here: one at a time, beside the device's queue, paused at will."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from studio.inventory.getting.hub import Hub
from studio.inventory.getting.model import GetProgress, Getting, known_model
from studio.inventory.known import Known
from studio.scene.errors import Cancelled, GatedWeights, StudioError
from studio.scene.sentences import Sentence, say

log = logging.getLogger(__name__)

DownloadState = Literal["waiting", "running", "paused", "done", "failed"]
_TURN_SECONDS = 0.2
_END_SECONDS = 3.0


@dataclass(eq=False)
class Download:
    """Changed by its own thread alone; everyone may read it."""

    known: Known
    state: DownloadState = "waiting"
    progress: GetProgress = field(default_factory=lambda: GetProgress("look", 0, 0))
    error: str | None = None
    wants_token: bool = False
    stopping: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    @property
    def has_ended(self) -> bool:
        return self.state in ("paused", "done", "failed")

    def check(self) -> None:
        if self.stopping.is_set():
            raise Cancelled("The download was paused.")


class Downloads:
    """What was asked for since the studio started, by name.

    `tell` is called when one has ended, so that whoever looks finds the new model.
    """

    def __init__(self, weights: Path, tell: Callable[[], None], hub: Hub | None = None) -> None:
        self.hub = Hub() if hub is None else hub
        self._weights = weights
        self._tell = tell
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._downloads: dict[str, Download] = {}

    def of(self, known: Known) -> Download | None:
        return self._downloads.get(known.name)

    @property
    def are_active(self) -> bool:
        return any(not each.has_ended for each in list(self._downloads.values()))

    def start(self, name: str) -> Download:
        """Begin, or go on where it was paused or broken off; one that runs is left to run."""
        known = known_model(name)
        with self._lock:
            running = self._downloads.get(known.name)
            if running is not None and not running.has_ended and not running.stopping.is_set():
                return running
            before = running.thread if running is not None else None
            download = Download(known)
            download.thread = threading.Thread(
                target=self._work, args=(download, before), name=f"get {known.name}", daemon=True
            )
            self._downloads[known.name] = download
            download.thread.start()
        return download

    def pause(self, name: str) -> None:
        """It ends within seconds; what is there is kept. Pausing what has ended does nothing."""
        download = self.of(known_model(name))
        if download is not None:
            download.stopping.set()

    def close(self) -> None:
        """Pause all, and wait for them a moment."""
        downloads = list(self._downloads.values())
        for each in downloads:
            each.stopping.set()
        for each in downloads:
            if each.thread is not None:
                each.thread.join(_END_SECONDS)

    def _work(self, download: Download, before: threading.Thread | None) -> None:
        if before is not None:
            before.join()  # the same model, on its way to being paused
        try:
            self._await_turn(download)
            try:
                download.state = "running"
                self._getting(download).get(download.known)
            finally:
                self._turn.release()
            download.state = "done"
        except Cancelled:
            download.state = "paused"
        except StudioError as fault:
            log.info("getting %s failed: %s", download.known.name, fault)
            download.wants_token = isinstance(fault, GatedWeights)
            self._fail(download, str(fault))
        except BaseException as fault:
            log.exception("getting %s failed", download.known.name)
            kind = type(fault).__name__
            sentence = say(
                "The download stopped on an unexpected fault ({kind}); it is in the log.", kind=kind
            )
            self._fail(download, sentence)
        finally:
            self._tell()

    def _await_turn(self, download: Download) -> None:
        while not self._turn.acquire(timeout=_TURN_SECONDS):
            download.check()

    def _getting(self, download: Download) -> Getting:
        def report(progress: GetProgress) -> None:
            download.progress = progress

        return Getting(self._weights, self.hub, check=download.check, report=report)

    def _fail(self, download: Download, error: Sentence | str) -> None:
        download.error, download.state = error, "failed"
