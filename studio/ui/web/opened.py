"""A private note beside the projects of where the studio is open, for whoever starts it again."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.scene.errors import StorageError
from studio.ui.web.entries import write_private

log = logging.getLogger(__name__)

NAME = ".open.json"


@contextlib.contextmanager
def noted(projects: Path | None, address: str) -> Iterator[None]:
    """While the block runs `address`, with its token, stands in the note."""
    if projects is None:
        yield
        return
    path = projects / NAME
    try:
        write_private(path, json.dumps({"address": address}).encode())
    except StorageError as fault:
        log.warning("a second start will not find this one: %s", fault)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def read_note(projects: Path) -> str | None:
    """The address that opens the studio of these projects, if it says that it runs."""
    try:
        found: Any = json.loads((projects / NAME).read_bytes())
        return str(found["address"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
