"""Which finder, captioner and features a name means, and reading their weights."""

from __future__ import annotations

from collections.abc import Sequence

from studio.config import Settings
from studio.recognition.captioner import Captioner
from studio.recognition.features import FeatureReader
from studio.recognition.finder import Finder
from studio.recognition.measured_captioner import MeasuredCaptioner
from studio.recognition.measured_finder import MeasuredFinder
from studio.recognition.recognizers import MEASURED
from studio.scene.errors import MissingWeights
from studio.segmentation.segmenter import Segmenter


def load_finder(settings: Settings, segmenter: Segmenter) -> Finder:
    """`settings.finder`: None is the best that is found, "measured" needs no weights."""
    del segmenter
    _check(settings.finder, ())
    return MeasuredFinder()


def load_captioner(settings: Settings) -> Captioner:
    """`settings.captioner`: None is the best that is found, "measured" needs no weights."""
    _check(settings.captioner, ())
    return MeasuredCaptioner()


def load_features(settings: Settings) -> FeatureReader | None:
    """`settings.features`: None is the best that is found; "measured" is none of them."""
    _check(settings.features, ())


def _check(name: str | None, known: Sequence[str]) -> None:
    if name not in (None, MEASURED, *known):
        raise MissingWeights(
            "There is nothing called {name!r} to recognise with. Give {names}.",
            name=name,
            names=", ".join((MEASURED, *known)),
        )
