"""The projects in the folder, told from a small file that each one keeps beside its state."""

from __future__ import annotations

import json
import re
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.files.storage import write_atomic
from studio.project.document import as_entry
from studio.project.session import Session, parse
from studio.scene.errors import ProjectFileError

_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class ProjectSummary:
    """A line of the list of projects."""

    identity: str
    name: str
    saved_at: float
    thumbnail: str | None
    regions: int
    renders: int
    is_open: bool


def projects_of(root: Path, person: str, opened: Container[str]) -> list[ProjectSummary]:
    """Those of one owner (a digest), the newest first."""
    found: list[ProjectSummary] = []
    for file in root.glob("*/about.json"):
        about, key = _about(file), file.parent.name
        if about.get("owner") != person or not _KEY.fullmatch(key):
            continue
        with suppress(KeyError, TypeError, ValueError):
            thumbnail = about.get("thumbnail")
            found.append(
                ProjectSummary(
                    identity=key,
                    name=str(about["name"]),
                    saved_at=float(about["saved_at"]),
                    thumbnail=str(thumbnail) if thumbnail else None,
                    regions=int(about["regions"]),
                    renders=int(about["renders"]),
                    is_open=key in opened,
                )
            )
    return sorted(found, key=lambda each: -each.saved_at)


def binned_of(root: Path, person: str) -> list[Path]:
    """The folders of one owner's deleted projects."""
    files = root.glob(".bin/*/about.json")
    return [file.parent for file in files if _about(file).get("owner") == person]


def write_about(session: Session) -> None:
    latest = session.history.latest()
    about = {
        "owner": session.owner,
        "name": session.name,
        "saved_at": session.saved_at,
        "thumbnail": latest.thumbnail if latest else None,
        "regions": len(session.document.scene.regions),
        "renders": len(session.history),
    }
    write_atomic(session.folder.path / "about.json", json.dumps(about).encode())


def _about(file: Path) -> dict[str, Any]:
    try:
        return as_entry(parse(file.read_bytes()))
    except (OSError, ProjectFileError):
        return {}
