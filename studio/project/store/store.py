"""All open projects, who may enter them, and the folder they are kept in."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.files.lock_file import FolderLock
from studio.jobs.crashes import CrashLog
from studio.jobs.jobs import failed_job
from studio.project.document import Document, document_from_json
from studio.project.session import Session
from studio.project.store.autosave import Autosave
from studio.project.store.disk import DiskBudget, bytes_in
from studio.project.store.project_folder import ProjectFolder
from studio.project.store.project_list import ProjectSummary, binned_of, projects_of, write_about
from studio.scene.errors import ProjectFileError, SessionError, StorageError
from studio.scene.sentences import say

_KEY = re.compile(r"[0-9a-f]{32}")


def new_key() -> str:
    """128 random bits: who knows the key may enter."""
    return secrets.token_hex(16)


@dataclass
class Access:
    """One tab: a secret token, the person it belongs to and the project it shows."""

    token: str
    owner: str  # the person's own secret; never written to disk as it is
    project: str
    last_used: float = field(default_factory=time.monotonic)


class SessionStore:
    """Sessions by project, tabs by token. Every changed session is saved by itself."""

    def __init__(
        self,
        root: Path,
        empty_document: Callable[[], Document],
        most_open: int = 32,
        save_delay: float = 0.3,
        most_bytes: int = 20 * 2**30,
    ) -> None:
        self.root = root
        self._lock_file = FolderLock(root)
        self.disk = DiskBudget(root, most_bytes)
        self.crashes = CrashLog(root)
        self._empty_document = empty_document
        self._most_open = most_open
        self._accesses: dict[str, Access] = {}
        self._sessions: dict[str, Session] = {}
        self._gone: set[str] = set()  # deleted, or being deleted at this moment
        self._lock = threading.RLock()
        self._autosave = Autosave(self._save, save_delay)
        threading.Thread(target=self.disk.measure, name="disk", daemon=True).start()

    def enter(self, token: Any) -> tuple[Access, Session]:
        """The tab and the session of a token; SessionError for one that is not known."""
        with self._lock:
            access = self._accesses.get(token) if isinstance(token, str) else None
            if access is None:
                raise SessionError("This window's session has ended; reload the page.")
            session = self.open_project(access.project)[0]
            access.last_used = session.last_used = time.monotonic()
            return access, session

    def open(
        self, token: Any = None, owner: Any = None, project: Any = None
    ) -> tuple[Access, Session, tuple[str, ...]]:
        """A known tab, a project by its key, or a new tab on an empty project."""
        with self._lock:
            if isinstance(token, str) and token in self._accesses:
                access = self._accesses[token]
                if project in (None, access.project):
                    return (*self.enter(token), ())
            person = owner if isinstance(owner, str) and _KEY.fullmatch(owner) else new_key()
            notices: tuple[str, ...] = ()
            session: Session | None = None
            if isinstance(project, str) and _KEY.fullmatch(project):
                try:
                    session, notices = self.open_project(project)
                except SessionError as fault:
                    notices = (say("{fault} This is a new project.", fault=fault),)
            session = session or self.create(person)
            return self.attach(person, session), session, notices

    def attach(self, owner: str, session: Session, token: str | None = None) -> Access:
        """A tab on a session: a new one, or `token` turned to it."""
        with self._lock:
            access = Access(token or new_key(), owner, session.identity)
            self._accesses[access.token] = access
            while len(self._accesses) > 1000:
                oldest = min(self._accesses.values(), key=lambda each: each.last_used)
                del self._accesses[oldest.token]
            return access

    def leave(self, token: str) -> None:
        """A tab was closed: its token ends, the project stays."""
        with self._lock:
            self._accesses.pop(token, None)

    def create(
        self, owner: str, document: Document | None = None, name: str = "Untitled"
    ) -> Session:
        """A new project in memory; it reaches the disk with its first edit."""
        key = new_key()
        session = Session(
            key,
            _hashed(owner),
            self._folder(key),
            document or self._empty_document(),
            name,
        )
        return self._take_in(session)

    def replace_state(self, session: Session, state: dict[str, Any]) -> Session:
        """A fresh session of the same key and owner that continues from a state."""
        opened = session_from_state(session.identity, session.folder, state)
        opened.owner = session.owner
        self._take_in(opened)
        self._autosave.mark(opened)
        return opened

    def forget(self, session: Session) -> None:
        """Let a fresh project go that came to nothing."""
        self._let_go(session.identity)
        self._remove(session.folder.path)

    def live(self, project: str) -> Session | None:
        return self._sessions.get(project)

    @property
    def sessions(self) -> list[Session]:
        with self._lock:
            return list(self._sessions.values())

    def open_project(self, key: str) -> tuple[Session, tuple[str, ...]]:
        """The session of a project, read from disk if it is not open."""
        with self._lock:
            session = self._sessions.get(key)
            if session is not None:
                return session, ()
            is_here = key not in self._gone and (self.root / key).is_dir()
            if not _KEY.fullmatch(key) or not is_here:
                raise SessionError("The project is no longer here.")
            folder = self._folder(key)
            try:
                body, notices = folder.load()
                if body is None:
                    raise SessionError(
                        "This project was never saved, or all its saves are damaged."
                    )
                session = session_from_state(key, folder, body)
            except ProjectFileError as fault:
                raise SessionError(str(fault)) from fault
            session.resume_undo()
            folder.sweep(session.needed)
            for crash in self.crashes.of(key):
                session.keep_job(failed_job(key, crash.kind, crash.sentence))
                notices = (*notices, crash.sentence)
            return self._take_in(session), notices

    def projects(self, owner: str) -> list[ProjectSummary]:
        """A person's projects, the newest first."""
        return projects_of(self.root, _hashed(owner), self._sessions)

    @property
    def has_projects(self) -> bool:
        """Anybody's."""
        return any(self.root.glob("*/about.json"))

    def owns(self, owner: str, key: str) -> bool:
        return any(summary.identity == key for summary in self.projects(owner))

    def delete(self, owner: str, key: str) -> None:
        """Move a project to the bin in the projects' folder."""
        if not self.owns(owner, key):
            raise SessionError("There is no such project of yours.")
        session = self._let_go(key)
        try:
            (self.root / ".bin").mkdir(exist_ok=True)
            shutil.move(self.root / key, self.root / ".bin" / f"{key}-{new_key()[:6]}")
        except OSError as fault:
            self._take_back(key, session)
            raise StorageError(
                "The project was not moved to the bin: {reason}.", reason=fault.strerror
            ) from fault

    def bin_of(self, owner: str) -> list[Path]:
        """The folders of a person's deleted projects."""
        return binned_of(self.root, _hashed(owner))

    def empty_bin(self, owner: str) -> int:
        """Delete a person's deleted projects for ever; returns the bytes that came free."""
        return sum(self._remove(folder) for folder in self.bin_of(owner))

    def save_all(self) -> None:
        self._autosave.save_all()

    def close(self) -> None:
        """Save what is unsaved and let the folder go."""
        self._autosave.close()
        self.crashes.close()
        self._lock_file.release()

    def _folder(self, key: str) -> ProjectFolder:
        return ProjectFolder(self.root / key, self.disk.add)

    def _let_go(self, key: str) -> Session | None:
        """Neither a job nor a save of the project must bring it back; both may be under way."""
        with self._lock:
            self._gone.add(key)
            session = self._sessions.pop(key, None)
        if session is not None:
            with session.lock:
                session.on_dirty = lambda session: None
        self._autosave.forget(key)
        if session is not None:
            session.folder.give_up()
        return session

    def _take_back(self, key: str, session: Session | None) -> None:
        with self._lock:
            self._gone.discard(key)
            if session is not None:
                session.folder.give_up(False)
                self._take_in(session)
                self._autosave.mark(session)

    def _remove(self, folder: Path) -> int:
        size = bytes_in(folder)
        shutil.rmtree(folder, ignore_errors=True)
        self.disk.add(-size)
        return size

    def _take_in(self, session: Session) -> Session:
        with self._lock:
            session.on_dirty = self._autosave.mark
            self._sessions[session.identity] = session
            self._close_idle(but=session)
            return session

    def _close_idle(self, but: Session) -> None:
        """Sessions beyond the limit go back to disk, the longest unused first."""
        spare = [
            session
            for session in self._sessions.values()
            if session is not but
            and not session.is_busy
            and not self._autosave.is_unsaved(session.identity)
            and time.monotonic() - session.last_used > 1.0
        ]
        spare.sort(key=lambda session: session.last_used)
        for session in spare[: max(0, len(self._sessions) - self._most_open)]:
            del self._sessions[session.identity]

    def _save(self, session: Session) -> bool:
        is_saved = session.save()
        if is_saved and not session.folder.is_given_up:
            write_about(session)
        return is_saved


def session_from_state(key: str, folder: ProjectFolder, body: dict[str, Any]) -> Session:
    """Raises ProjectFileError for a body that is no project."""
    try:
        document = document_from_json(body["document"])
        session = Session(key, str(body.get("owner", "")), folder, document)
        session.take_state(body)
    except (KeyError, TypeError, ValueError) as fault:
        raise ProjectFileError("The project is damaged: {fault}.", fault=fault) from fault
    return session


def _hashed(owner: str) -> str:
    return hashlib.sha256(owner.encode()).hexdigest()
