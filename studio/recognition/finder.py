"""The seam between a word, or one region, and all masks in a picture that answer to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from studio.recognition.recogniser import Recogniser
from studio.scene.errors import PromptError
from studio.segmentation.segmenter import Cancel

Pixels = NDArray[np.uint8]  # (height, width, 3)
Asked = Callable[[], bool] | Cancel | None  # whether to stop
LONGEST_WORDS = 200  # letters
MOST_FINDINGS = 60


@dataclass(frozen=True, eq=False)
class Finding:
    """One answer: where, how sure (0..1), and the caption that a region of it would get."""

    mask: NDArray[np.bool_]  # (height, width) of the picture
    score: float
    caption: str


class Recall(Protocol):
    """What was computed of this picture before, by kind; else it is made now.

    Values are arrays, tensors or objects with `nbytes`.
    """

    def __call__(self, kind: str, make: Callable[[], Any]) -> Any: ...


def anew(kind: str, make: Callable[[], Any]) -> Any:
    """Nothing is kept."""
    del kind
    return make()


class Finder(Recogniser, Protocol):
    """Holds weights and nothing else."""

    def find(
        self, image: Pixels, words: str, cancel: Asked = None, recall: Recall = anew
    ) -> list[Finding]:
        """Best first, each at the picture's size; none where nothing answers to the words.

        PromptError for words that it cannot read, with the nearest that it can.
        """
        ...


class SimilarFinder(Recogniser, Protocol):
    """Finds what looks like one region."""

    def find_similar(
        self, image: Pixels, mask: NDArray[np.bool_], cancel: Asked = None, recall: Recall = anew
    ) -> list[Finding]:
        """Best first, without the region itself; captions are empty."""
        ...


def read_words(words: str) -> str:
    """Without what surrounds them; PromptError for none, or for more than a phrase."""
    found = " ".join(words.split())
    if not found:
        raise PromptError("Say what to find: a word such as red, sky or trees.")
    if len(found) > LONGEST_WORDS:
        raise PromptError(
            "What to find is {length} letters long; {most} at most, a word or a short phrase.",
            length=len(found),
            most=LONGEST_WORDS,
        )
    return found


def check_region(image: Pixels, mask: NDArray[np.bool_]) -> None:
    """PromptError for a region that is not of this picture, or empty."""
    if mask.shape != image.shape[:2]:
        raise PromptError(
            "The region is {width} x {height} pixels, the picture {wide} x {high}; they must be "
            "the same size.",
            width=mask.shape[1],
            height=mask.shape[0],
            wide=image.shape[1],
            high=image.shape[0],
        )
    if not mask.any():
        raise PromptError("The region is empty; draw or click it first.")
