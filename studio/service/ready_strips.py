"""Gamma strips that ship with the examples, so that a visitor scrubs before anything was rendered.

They are finals of one model; with another model they are not shown.
"""

from __future__ import annotations

import io
import json
import logging
import time
from pathlib import Path
from typing import Any

from PIL import Image

from studio.project.changes import request_key
from studio.project.document import Document, as_entry, document_bytes
from studio.project.session import Session
from studio.project.strips import Strip, StripItem, strip_from_json, strip_to_json
from studio.scene.errors import ProjectFileError, StudioError
from studio.service.studio import Studio

log = logging.getLogger(__name__)

_FOLDER, _INDEX = "strips", "index.json"
_QUALITY = 88  # of WebP


def put_ready_strip(studio: Studio, session: Session, example: str, folder: Path) -> None:
    """Give a fresh session the strip of its example, if the loaded model would make the same."""
    entry = read_strips(folder).get(example)
    if entry is None or session.strips:
        return
    try:
        if entry["key"] == _key(studio, session.document):
            session.put_strip(_taken_over(session, strip_from_json(entry["strip"]), folder))
    except (KeyError, OSError, StudioError) as fault:
        log.warning("the strip of the example %s is left out: %s", example, fault)


def _taken_over(session: Session, strip: Strip, folder: Path) -> Strip:
    put, document = session.folder.put, session.document
    items = tuple(
        StripItem(
            item.gamma, put((folder / _FOLDER / str(item.image)).read_bytes(), "webp"), item.iou
        )
        for item in strip.items
    )
    kept = put(document_bytes(document), "json")
    return Strip(kept, time.time(), document.sampling.seed, items, True)


def write_ready_strip(
    studio: Studio, session: Session, strip: Strip, example: str, folder: Path
) -> None:
    """Keep a finished strip of an example beside it."""
    (folder / _FOLDER).mkdir(exist_ok=True)
    items: list[StripItem] = []
    for item in strip.items:
        name = f"{example}-{item.gamma:g}.webp"
        picture = Image.open(io.BytesIO(session.folder.get(str(item.image))))
        picture.convert("RGB").save(folder / _FOLDER / name, quality=_QUALITY, method=6)
        items.append(StripItem(item.gamma, name, item.iou))
    kept = Strip("", 0.0, strip.seed, tuple(items), True, example)
    entry = {"key": _key(studio, session.document), "strip": strip_to_json(kept)}
    entries = {**read_strips(folder), example: entry}
    (folder / _FOLDER / _INDEX).write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")


def read_strips(folder: Path) -> dict[str, Any]:
    """Entries by example; none if the file is not there."""
    try:
        return as_entry(json.loads((folder / _FOLDER / _INDEX).read_text(encoding="utf-8")))
    except (OSError, ValueError, ProjectFileError):
        return {}


def _key(studio: Studio, document: Document) -> str:
    """A digest of everything that decides the strip's pictures, but for gamma."""
    request = document.request.with_sampling(gamma=1.0, count=1)
    return request_key(studio.engine.resolve(request), studio.engine.digest)
