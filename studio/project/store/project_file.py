"""A project as one file: a zip of its state and of everything the state refers to."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from studio.files.limits import (
    LARGEST_GROWTH,
    LARGEST_PROJECT,
    LARGEST_STATE,
    MOST_PROJECT_FILES,
)
from studio.files.zip_file import DAMAGED_ZIP, check_entries, read_entry
from studio.project.session import Session
from studio.project.store.project_folder import (
    REFERENCE,
    ProjectFolder,
    pack_state,
    reference_to,
    unpack_state,
)
from studio.project.store.store import session_from_state
from studio.scene.errors import ProjectFileError

ENDING = "s2a"
_STATE = "project.json"
_FOLDER = "content/"


def pack_project(session: Session) -> bytes:
    """The zip's bytes; the same project at the same time gives the same file."""
    body = session.to_json()
    body["owner"] = ""  # whoever opens it owns it
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        _write(archive, _STATE, pack_state(body), zipfile.ZIP_DEFLATED)
        for reference in sorted(session.references):
            if session.folder.has(reference):
                kind = zipfile.ZIP_DEFLATED if reference.endswith(".json") else zipfile.ZIP_STORED
                _write(archive, _FOLDER + reference, session.folder.get(reference), kind)
    return file.getvalue()


def is_project_file(content: bytes) -> bool:
    if not content.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _STATE in archive.namelist()
    except DAMAGED_ZIP:
        return False


def unpack_project(content: bytes, into: ProjectFolder) -> dict[str, Any]:
    """Check everything, then put it into a project's folder; returns the state.

    Names are never used as paths: only content whose digest is its name is taken.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            most = min(LARGEST_PROJECT, LARGEST_STATE + LARGEST_GROWTH * len(content))
            check_entries(archive.infolist(), MOST_PROJECT_FILES, most, ProjectFileError)
            state = _read_state(archive)
            session_from_state("0" * 32, into, state)  # refuses before anything is kept
            for reference, piece in _contents(archive):
                into.put(piece, reference.rpartition(".")[2])
    except DAMAGED_ZIP as fault:
        raise ProjectFileError("The project file is damaged: {fault}.", fault=fault) from fault
    if not all(map(into.has, session_from_state("0" * 32, into, state).references)):
        raise ProjectFileError("The project file is incomplete: pictures are missing.")
    return state


def _read_state(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        entry = archive.getinfo(_STATE)
    except KeyError as fault:
        raise ProjectFileError("This zip file is no project of the studio.") from fault
    texts = [each for each in archive.infolist() if each.filename.endswith(".json")]
    if max(each.file_size for each in texts) > LARGEST_STATE:
        raise ProjectFileError(
            "The project file holds a text of over {megabytes} MB; that is no project of the "
            "studio.",
            megabytes=LARGEST_STATE // 2**20,
        )
    return unpack_state(read_entry(archive, entry))


def _contents(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    for entry in archive.infolist():
        if entry.filename == _STATE or entry.is_dir():
            continue
        reference = entry.filename.removeprefix(_FOLDER)
        if entry.filename != _FOLDER + reference or not REFERENCE.fullmatch(reference):
            raise ProjectFileError("The project file holds a file that does not belong there.")
        piece = read_entry(archive, entry)
        if reference_to(piece, reference.rpartition(".")[2]) != reference:
            raise ProjectFileError("The project file is damaged: a picture does not fit its name.")
        yield reference, piece


def _write(archive: zipfile.ZipFile, name: str, content: bytes, kind: int) -> None:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = kind
    archive.writestr(entry, content)
