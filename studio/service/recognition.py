"""What recognises things in pictures, shared by all sessions and built when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

from studio.config import Settings
from studio.recognition.recognisers import Recognisers, recognition_settings, similar_finder

if TYPE_CHECKING:
    from studio.recognition.agreement import Agreement
    from studio.recognition.captioner import Captioner
    from studio.recognition.features import FeatureReader
    from studio.recognition.finder import Finder, SimilarFinder
    from studio.segmentation.segmenter import Segmenter

T = TypeVar("T")


class Recognition:
    """Asked on the device thread, where its weights are loaded; `forget` gives them back.

    Each part belongs to the settings and the segmenter it was built for and is built anew for
    others.
    """

    def __init__(
        self,
        recognisers: Recognisers,
        settings: Callable[[], Settings],
        segmenter: Callable[[], Segmenter],
    ) -> None:
        self._recognisers = recognisers
        self._settings = settings
        self._segmenter = segmenter
        self._parts: dict[str, tuple[object, object]] = {}  # by name: what for, and the part
        self._building = threading.RLock()

    @property
    def finder(self) -> Finder:
        return self._part(
            "finder", lambda: self._recognisers.finder(self._settings(), self._segmenter())
        )

    @property
    def similar(self) -> SimilarFinder:
        return self._part("similar", lambda: similar_finder(self.features, self._segmenter()))

    @property
    def captioner(self) -> Captioner:
        return self._part("captioner", lambda: self._recognisers.captioner(self._settings()))

    @property
    def features(self) -> FeatureReader | None:
        return self._part("features", lambda: self._recognisers.features(self._settings()))

    @property
    def agreement(self) -> Agreement:
        return self._part("agreement", lambda: self._recognisers.agreement(self._settings()))

    def forget(self) -> None:
        with self._building:
            self._parts.clear()

    def _part(self, name: str, build: Callable[[], T]) -> T:
        with self._building:
            wanted = (recognition_settings(self._settings()), self._segmenter().digest)
            kept = self._parts.get(name)
            if kept is not None and kept[0] == wanted:
                return cast("T", kept[1])
            self._parts.pop(name, None)  # so that two are never held together
            part = build()
            self._parts[name] = (wanted, part)
            return part
