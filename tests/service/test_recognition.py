"""What recognises things is built when first asked for, and anew for other settings."""

from __future__ import annotations

from dataclasses import replace

from studio.config import Settings
from studio.recognition.captioner import Captioner
from studio.recognition.measured_captioner import MeasuredCaptioner
from studio.recognition.recognisers import Recognisers
from studio.service.recognition import Recognition
from tests.scripted_engine import FlatSegmenter


class Shelf:
    """Settings that can be changed, and a count of what was built."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.segmenter = FlatSegmenter()
        self.built = 0
        self.recognition = Recognition(
            Recognisers(captioner=self._captioner), lambda: self.settings, lambda: self.segmenter
        )

    def _captioner(self, settings: Settings) -> Captioner:
        self.built += 1
        return MeasuredCaptioner(name=settings.captioner or "measured")


def test_a_part_is_built_when_it_is_first_asked_for_and_kept() -> None:
    shelf = Shelf()
    assert shelf.built == 0

    first, second = shelf.recognition.captioner, shelf.recognition.captioner

    assert first is second
    assert shelf.built == 1


def test_other_settings_build_the_part_anew() -> None:
    shelf = Shelf()
    before = shelf.recognition.captioner
    shelf.settings = replace(shelf.settings, captioner="another")

    assert shelf.recognition.captioner is not before
    assert shelf.recognition.captioner.name == "another"


def test_settings_of_the_model_alone_keep_what_recognises() -> None:
    shelf = Shelf()
    before = shelf.recognition.captioner
    shelf.settings = replace(shelf.settings, base="another")

    assert shelf.recognition.captioner is before


def test_what_was_forgotten_is_built_again() -> None:
    shelf = Shelf()
    before = shelf.recognition.captioner
    shelf.recognition.forget()

    assert shelf.recognition.captioner is not before
