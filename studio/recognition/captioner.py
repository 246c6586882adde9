"""The seam between a picture and words for it and for its regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.recognition.finder import Asked, Pixels, Recall, anew
from studio.recognition.recogniser import Recogniser


@dataclass(frozen=True)
class Descriptions:
    """Suggested captions: of the picture, and of each region that was asked about, in order."""

    picture: str
    regions: tuple[str, ...] = ()


class LanguageModel(Protocol):
    """A model that answers a question in words, with or without a picture before it."""

    @property
    def name(self) -> str: ...

    def answer(self, question: str, image: Pixels | None = None, cancel: Asked = None) -> str: ...


class Captioner(Recogniser, Protocol):
    """Holds weights and nothing else."""

    @property
    def language(self) -> LanguageModel | None:
        """The language model that writes the captions, where it can be asked other things too."""
        ...

    def describe(
        self,
        image: Pixels,
        masks: Sequence[NDArray[np.bool_]] = (),
        cancel: Asked = None,
        recall: Recall = anew,
    ) -> Descriptions:
        """Masks have the picture's size. A caption is empty where nothing can be said."""
        ...
