"""What all seams of this room have in common."""

from __future__ import annotations

from typing import Protocol


class Recogniser(Protocol):
    """Holds weights and nothing else, so several users may share one."""

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    @property
    def needs_device(self) -> bool:
        """Whether it must wait its turn where a render may be running."""
        ...
