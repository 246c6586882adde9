"""The models in memory: loaded, and changed for others so that two are never held together."""

from __future__ import annotations

import gc
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from studio.config import Settings
from studio.project.model_facts import ModelFacts, facts_of
from studio.recognition.recognisers import Recognisers
from studio.scene.errors import Cancelled, SessionError, StudioError
from studio.scene.sentences import Sentence, say

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.segmentation.segmenter import Segmenter

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Builders:
    """How weights become objects; wiring knows."""

    engine: Callable[[Settings], Engine]
    segmenter: Callable[[Settings], Segmenter]
    recognisers: Recognisers = field(default_factory=Recognisers)


@dataclass(frozen=True)
class Loaded:
    """What is in memory now, and the settings it was loaded with."""

    engine: Engine
    segmenter: Segmenter
    settings: Settings
    facts: ModelFacts


class Models:
    """Changed by the device thread alone; everyone may read it.

    `release` is called when models are about to go, with whether the engine and the segmenter go,
    and forgets what was computed with them.
    """

    def __init__(self, builders: Builders, release: Callable[[bool, bool], None]) -> None:
        self.loaded: Loaded | None = None
        self.facts = ModelFacts()
        self._builders = builders
        self._release = release

    def change(self, wanted: Settings, check: Callable[[], None]) -> None:
        """Load what `wanted` names in place of what is there; `check` raises if it was cancelled.

        What has to go is released first. If the new does not load, the old is loaded again before
        the fault is told; if that fails too, nothing is loaded and the fault says so.
        """
        before = self.loaded.settings if self.loaded else None
        try:
            self._load(wanted, check)
            return
        except Exception as fault:
            if before is None or self.loaded is not None:
                raise
            log.warning("the model was not loaded", exc_info=fault)
            reason = _reason(fault)
            is_cancelled = isinstance(fault, Cancelled)
            traceback.clear_frames(fault.__traceback__)  # they hold half a model
        try:
            self._load(before, lambda: None)
        except Exception as fault:
            log.exception("the model before was not loaded again")
            raise SessionError(
                "{reason} Nor was the model before it loaded again: {again} Choose a model in the "
                "settings.",
                reason=reason,
                again=_reason(fault),
            ) from None
        if is_cancelled:
            raise Cancelled("Loading was stopped; the model before is loaded again.")
        raise SessionError("{reason} The model before is loaded again.", reason=reason)

    def _load(self, wanted: Settings, check: Callable[[], None]) -> None:
        engine, segmenter = self._kept(wanted)
        if engine is None or segmenter is None:
            self._let_go(engine is None, segmenter is None)
        check()
        if engine is None:
            engine = self._builders.engine(wanted)
            check()
        if segmenter is None:
            segmenter = self._builders.segmenter(wanted)
            check()
        self.facts = facts_of(engine)
        self.loaded = Loaded(engine, segmenter, wanted, self.facts)

    def _kept(self, wanted: Settings) -> tuple[Engine | None, Segmenter | None]:
        """What is loaded already just as it is wanted."""
        now = self.loaded
        if now is None:
            return None, None
        keeps_engine = model_settings(wanted) == model_settings(now.settings)
        keeps_segmenter = segmenter_settings(wanted) == segmenter_settings(now.settings)
        return now.engine if keeps_engine else None, now.segmenter if keeps_segmenter else None

    def _let_go(self, engine: bool, segmenter: bool) -> None:
        self.facts = replace(self.facts, read_caption=ModelFacts().read_caption)
        self.loaded = None
        self._release(engine, segmenter)
        gc.collect()  # models hold themselves in circles


def model_settings(settings: Settings) -> tuple[Any, ...]:
    """What the engine depends on; where else files are looked for does not matter to mini."""
    base = None if settings.is_mini else (settings.base, settings.comfyui)
    return (
        base,
        settings.adapters,
        settings.device,
        settings.dtype,
        settings.offload,
        settings.quantize,
    )


def segmenter_settings(settings: Settings) -> tuple[Any, ...]:
    return settings.segmenter, settings.device


def _reason(fault: Exception) -> Sentence | str:
    if isinstance(fault, StudioError):
        return str(fault)
    return say("The model could not be loaded ({kind}).", kind=type(fault).__name__)
