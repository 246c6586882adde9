"""The seam between one clicked frame and the masks of those that follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from studio.recognition.finder import Pixels
from studio.recognition.recogniser import Recogniser
from studio.scene.geometry import Extent
from studio.scene.region import Click

Step = Literal[1, -1]  # forward in time, or back
Mask = NDArray[np.bool_]  # (height, width); empty where the thing is out of sight


class Track(Protocol):
    """One thing on its way through the frames; what it remembers does not grow with them."""

    def follow(self, number: int, image: Pixels, clicks: Sequence[Click] = ()) -> Mask:
        """The next frame. The first one of a track needs clicks; on a later one they correct."""
        ...

    def recall(self, number: int, image: Pixels, mask: Mask, *, was_clicked: bool) -> None:
        """A frame whose mask is known from before: how an interrupted track is taken up."""
        ...


class FrameTracker(Recogniser, Protocol):
    """Holds weights and nothing else."""

    @property
    def memory(self) -> int:
        """How many frames just before it are to be recalled when a track is taken up."""
        ...

    def begin(self, extent: Extent, step: Step) -> Track: ...
