"""How the parts of recognition are built; by default those that need no weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio.config import Settings
from studio.recognition.agreement import Agreement
from studio.recognition.captioner import Captioner
from studio.recognition.feature_finder import FeatureFinder
from studio.recognition.features import FeatureReader
from studio.recognition.finder import Finder, SimilarFinder
from studio.recognition.measured_captioner import MeasuredCaptioner
from studio.recognition.measured_finder import MeasuredFinder
from studio.recognition.similar_finder import LooksFinder
from studio.recognition.word_agreement import WordAgreement
from studio.segmentation.segmenter import Segmenter

MEASURED = "measured"  # the name of every default


def measured_finder(settings: Settings, segmenter: Segmenter) -> Finder:
    del settings, segmenter
    return MeasuredFinder()


def measured_captioner(settings: Settings) -> Captioner:
    del settings
    return MeasuredCaptioner()


def no_features(settings: Settings) -> FeatureReader | None:
    del settings


def measured_agreement(settings: Settings) -> Agreement:
    del settings
    return WordAgreement()


def similar_finder(features: FeatureReader | None, segmenter: Segmenter) -> SimilarFinder:
    """By features where there are some, else by how the click segmenter's parts look."""
    del segmenter  # both take the click segmenter's parts
    return LooksFinder() if features is None else FeatureFinder(features)


@dataclass(frozen=True)
class Recognisers:
    """One builder a part. Those that read weights are in `loading.py`; wiring puts them in."""

    finder: Callable[[Settings, Segmenter], Finder] = measured_finder
    captioner: Callable[[Settings], Captioner] = measured_captioner
    features: Callable[[Settings], FeatureReader | None] = no_features
    agreement: Callable[[Settings], Agreement] = measured_agreement


def recognition_settings(settings: Settings) -> tuple[str | None, ...]:
    """What decides which parts are built."""
    return (
        settings.finder,
        settings.captioner,
        settings.features,
        settings.agreement,
        settings.device,
    )
