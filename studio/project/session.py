"""One user's project while it is open: the document, its undo, the renders and the jobs."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from studio.files.json_file import parse_json
from studio.jobs.jobs import Job
from studio.project.document import Document, as_entry, document_from_json, document_to_json
from studio.project.history import Node, RenderHistory
from studio.project.store.disk import why_unsaved
from studio.project.store.project_folder import ProjectFolder
from studio.project.store.undo_folder import UndoFolder
from studio.project.strips import Strip, strip_from_json, strip_to_json
from studio.project.timeline import Timeline
from studio.scene.errors import ProjectFileError, SessionError, StorageError

log = logging.getLogger(__name__)
_JOBS_KEPT = 20


class StaleEdit(SessionError):
    """The edit was made on a document that is no longer the newest."""


class Session:
    """Thread-safe. Every change has a number, so that a page can wait for what is newer.

    `on_dirty` is called after each change that must reach the disk.
    """

    def __init__(
        self,
        identity: str,
        owner: str,
        folder: ProjectFolder,
        document: Document,
        name: str = "Untitled",
    ) -> None:
        self.identity = identity
        self.owner = owner
        self.folder = folder
        self.name = name
        self.timeline = Timeline(document)
        self.undo_folder = UndoFolder(folder.path / "undo", folder.count)
        self.history = RenderHistory()
        self.strips: OrderedDict[str, Strip] = OrderedDict()
        self.jobs: OrderedDict[str, Job] = OrderedDict()
        self.revision = 1
        self.created = time.time()
        self.saved_at: float | None = None
        self.save_error: str | None = None
        self.hover_number = 0
        self.on_dirty: Callable[[Session], None] = _ignore
        self.last_used = time.monotonic()
        self.lock = threading.RLock()
        self._news = threading.Condition(self.lock)
        self._seen = 1
        self._news_of: dict[str, int] = {}
        self._saving = threading.Lock()

    @property
    def document(self) -> Document:
        return self.timeline.document

    @property
    def is_untouched(self) -> bool:
        """Nothing would be lost if the project were never kept."""
        is_empty = not self.document.scene.regions and self.document.photo is None
        return is_empty and self.timeline.undo_label is None and not len(self.history)

    @property
    def is_busy(self) -> bool:
        return any(not job.has_ended for job in list(self.jobs.values()))

    def begin_with(self, document: Document) -> None:
        """Start over with a document that is nobody's edit."""
        with self.lock:
            self.timeline = Timeline(document)
            self.revision += 1
            self.tell("document")

    def edit(
        self,
        change: Callable[[Document], Document],
        label: str,
        gesture: str | None = None,
        revision: int | None = None,
    ) -> tuple[Document, Document]:
        """The documents before and after; a refused edit changes nothing."""
        with self.lock:
            self.check_revision(revision)
            before = self.document
            if self.timeline.record(change(before), label, gesture):
                self._changed()
            return before, self.document

    def step(self, steps: int, revision: int | None = None) -> tuple[Document, Document]:
        """Undo (negative) or redo."""
        with self.lock:
            self.check_revision(revision)
            before = self.document
            if self.timeline.move(steps):
                self._changed()
            return before, self.document

    def check_revision(self, revision: int | None) -> None:
        if revision is not None and revision != self.revision:
            raise StaleEdit("The scene was changed in another window; this is how it is now.")

    def rename(self, name: str) -> None:
        with self.lock:
            self.name = name
            self._dirty()

    def document_of(self, node: Node) -> Document:
        """The document as it was for this picture."""
        return document_from_json(parse(self.folder.get(node.document)))

    def branch_from(self, node: Node) -> None:
        """Show a picture; the next render is its child."""
        with self.lock:
            self.history.base = node.identity
            self.show(node)

    def show(self, node: Node) -> None:
        """Put a picture on screen; clicks on the result mean this one."""
        with self.lock:
            self.history.node(node.identity)
            self.history.shown = node.identity
            self._dirty()
            self.tell("history")

    def add_node(self, node: Node) -> None:
        with self.lock:
            self.history.add(node)
            self._dirty()
            self.tell("history")

    def change_node(self, identity: str, **changes: Any) -> Node:
        with self.lock:
            node = self.history.change(identity, **changes)
            if node.is_starred and node.kind == "live":  # it would go with the next live render
                node = self.history.change(identity, kind="draft")
                self.folder.keep(node.references)
            self._dirty()
            self.tell("history")
            return node

    def put_strip(self, strip: Strip) -> None:
        """Add a strip, or show how far it is."""
        with self.lock:
            self.strips[strip.identity] = strip
            if strip.is_done:
                self._dirty()
            self.tell("strips")

    def strip(self, identity: str) -> Strip:
        if identity not in self.strips:
            raise SessionError("This strip is no longer kept; make it again.")
        return self.strips[identity]

    def forget_nodes(self, is_meant: Callable[[Node], bool]) -> None:
        with self.lock:
            self.history.forget(is_meant)
            self._dirty()
            self.tell("history")

    def forget_strips(self, is_meant: Callable[[Strip], bool] = lambda strip: True) -> None:
        with self.lock:
            for strip in [strip for strip in self.strips.values() if is_meant(strip)]:
                del self.strips[strip.identity]
            self._dirty()
            self.tell("strips")

    def put_back(self, nodes: list[Node]) -> None:
        """Pictures as they were: neither deleted since nor starred otherwise."""
        with self.lock:
            self.history.put_back(nodes)
            self._dirty()
            self.tell("history")

    def release(self, forget: Callable[[], None]) -> int:
        """Forget something and delete what only that needed; returns the bytes that came free.

        No job of the project may run.
        """
        before = self.needed
        forget()
        return self.folder.remove(before - self.needed)

    def keep_job(self, job: Job) -> None:
        with self.lock:
            self.jobs[job.identity] = job
            while len(self.jobs) > _JOBS_KEPT:
                oldest = next((key for key, old in self.jobs.items() if old.has_ended), None)
                if oldest is None:
                    break
                del self.jobs[oldest]
            self.tell("jobs")

    def job(self, identity: str) -> Job:
        if identity not in self.jobs:
            raise SessionError("There is no such job in this session.")
        return self.jobs[identity]

    def tell(self, what: str) -> None:
        """Wake whoever waits for news; `what` is document, history, strips, jobs or status."""
        with self._news:
            self._seen += 1
            self._news_of[what] = self._seen
            self._news.notify_all()

    @property
    def seen(self) -> int:
        """The number of the newest change."""
        return self._seen

    def is_news(self, what: str, seen: int) -> bool:
        return self._news_of.get(what, 0) > seen

    def wait_for_news(self, seen: int, seconds: float) -> int:
        """Return the number of the newest change, at once if it is newer than `seen`."""
        with self._news:
            self._news.wait_for(lambda: self._seen != seen, timeout=seconds)
            return self._seen

    def save(self) -> bool:
        """Write what is newer than the disk; False if the disk refuses, and the page is told.

        The scene goes first. Edits are not held up meanwhile.
        """
        with self._saving:
            if self.folder.is_given_up:
                return True
            with self.lock:
                moments, position = self.timeline.moments, self.timeline.position
            try:
                self.folder.save(self.to_json())
                self.undo_folder.save(moments, position)
            except StorageError as fault:
                log.warning("project %s was not saved: %s", self.identity, fault)
                self.tell_unsaved(why_unsaved(fault))
                return False
            self.save_error = None
            self.saved_at = time.time()
            self.tell("status")
            return True

    def tell_unsaved(self, reason: str) -> None:
        """Say on the page why the disk lacks the newest work."""
        self.save_error = reason
        self.tell("status")

    def to_json(self) -> dict[str, Any]:
        """The whole project; masks are encoded without holding up edits."""
        with self.lock:
            document = self.document
            body = {
                "identity": self.identity,
                "owner": self.owner,
                "name": self.name,
                "created": self.created,
                "revision": self.revision,
                "saved_at": time.time(),
                "history": self.history.to_json(),
                "strips": [strip_to_json(strip) for strip in self.strips.values()],
            }
        return {**body, "document": document_to_json(document)}

    def take_state(self, body: dict[str, Any]) -> None:
        """Continue from a saved state; what runs then is not taken up again."""
        self.name = str(body.get("name", "Untitled"))[:120]
        self.created = float(body.get("created", time.time()))
        self.revision = int(body.get("revision", 0)) + 1
        self.saved_at = float(body.get("saved_at", time.time()))
        self.history = RenderHistory.from_json(body.get("history", {"nodes": []}))
        for entry in body.get("strips", []):
            strip = strip_from_json(as_entry(entry))
            self.strips[strip.identity] = strip

    def resume_undo(self) -> None:
        """Take up the saved undo; without one there is nothing to undo."""
        found = self.undo_folder.load()
        if found is not None:
            self.timeline = Timeline.resumed(*found, self.document)

    @property
    def needed(self) -> set[str]:
        """All content of the folder that is needed, undo included."""
        found = self.references
        for moment in self.timeline.moments:
            found |= moment.document.references
        return found

    @property
    def references(self) -> set[str]:
        """The content that the project as it is now refers to."""
        found = self.history.references
        for strip in self.strips.values():
            found |= strip.references
        return found | self.document.references

    def _changed(self) -> None:
        self.revision += 1
        self._dirty()
        self.tell("document")

    def _dirty(self) -> None:
        self.on_dirty(self)


def parse(content: bytes) -> Any:
    try:
        return parse_json(content)
    except ValueError as fault:
        raise ProjectFileError("A part of the project is damaged.") from fault


def _ignore(session: Session) -> None:
    del session
