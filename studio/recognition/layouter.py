"""The seam between a sentence and a first layout of it, to be corrected by hand."""

from __future__ import annotations

from typing import Protocol

from studio.scene.errors import PromptError
from studio.scene.geometry import Extent
from studio.scene.scene import Scene

LONGEST_SENTENCE = 1000  # letters


class Layouter(Protocol):
    @property
    def name(self) -> str: ...

    def lay_out(self, sentence: str, extent: Extent) -> Scene:
        """Regions with captions from back to front, and the sentence as the scene's caption.

        PromptError for a sentence in which no thing is named.
        """
        ...


def check_sentence(sentence: str) -> str:
    """On one line; PromptError for an empty or a very long one."""
    said = " ".join(sentence.split())
    if not said:
        raise PromptError(
            "Say in a sentence what the picture shows: a red house on a green hill, the sun above "
            "it."
        )
    if len(said) > LONGEST_SENTENCE:
        raise PromptError(
            "The sentence is {length} letters long; {most} at most.",
            length=len(said),
            most=LONGEST_SENTENCE,
        )
    return said


def too_many(most: int) -> PromptError:
    return PromptError("The sentence names more than {most} things; name fewer.", most=most)
