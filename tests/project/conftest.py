"""Projects are tested in a running studio too."""

from __future__ import annotations

from tests.service.conftest import engine, session, studio

__all__ = ["engine", "session", "studio"]
