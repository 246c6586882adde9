"""The seam between a sentence and a first layout of it, to be corrected by hand."""

from __future__ import annotations

from typing import Protocol

from studio.scene.geometry import Extent
from studio.scene.scene import Scene


class Layouter(Protocol):
    @property
    def name(self) -> str: ...

    def lay_out(self, sentence: str, extent: Extent) -> Scene:
        """Regions with captions from back to front, and the sentence as the scene's caption.

        PromptError for a sentence in which no thing is named.
        """
        ...
