"""The running studio: one engine, one segmenter, one device, and everybody's sessions."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from studio.config import Settings
from studio.jobs.cache import Budget, BudgetCache
from studio.jobs.jobs import Job, JobSpec, Priority
from studio.jobs.pace import Pace
from studio.jobs.patience import Patience
from studio.jobs.queue import JobQueue
from studio.project.document import Document
from studio.project.model_facts import ModelFacts, facts_of
from studio.project.session import Session
from studio.project.store.store import SessionStore
from studio.scene.errors import SessionError
from studio.scene.scene import Scene

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.installation.graphics_card import UnusedCard
    from studio.segmentation.segmenter import Segmenter

log = logging.getLogger(__name__)
T = TypeVar("T")

STUDIO_OWNER = "studio"  # owner of the jobs that belong to nobody


@dataclass(frozen=True)
class Builders:
    """How weights become objects; wiring knows."""

    engine: Callable[[Settings], Engine]
    segmenter: Callable[[Settings], Segmenter]


@dataclass(frozen=True)
class Loaded:
    """What is in memory now, and the settings it was loaded with."""

    engine: Engine
    segmenter: Segmenter
    settings: Settings
    facts: ModelFacts


class Studio:
    """Owns what all sessions share. Nothing is loaded until `start`."""

    def __init__(
        self, settings: Settings, builders: Builders, patience: Patience | None = None
    ) -> None:
        self.settings = settings
        self.pace = Pace()
        megabytes = settings.cache_megabytes, settings.device_cache_megabytes
        self.conditions = BudgetCache(*(Budget.of_megabytes(each) for each in megabytes))
        self.embeddings = BudgetCache(*(Budget.of_megabytes(each, share=2) for each in megabytes))
        self.load_error: str | None = None
        self.unused_card: UnusedCard | None = None  # known once a model is loaded
        self._builders = builders
        self._loaded: Loaded | None = None
        self._loading = threading.Lock()
        self._after_loading: list[Callable[[], None]] = []
        self._segmenting = threading.Lock()
        most_bytes = int(settings.disk_gigabytes * 2**30)
        self.store = SessionStore(settings.projects, self._empty_document, most_bytes=most_bytes)
        self.queue = JobQueue(self._job_changed, patience, around=self.store.crashes.remember)

    @property
    def loaded(self) -> Loaded | None:
        return self._loaded

    @property
    def facts(self) -> ModelFacts:
        return self._loaded.facts if self._loaded else ModelFacts()

    @property
    def engine(self) -> Engine:
        return self._ready().engine

    @property
    def segmenter(self) -> Segmenter:
        return self._ready().segmenter

    def start(self) -> Job:
        """Load the models on the device thread; the page is usable meanwhile."""
        return self._submit_load(self.settings, STUDIO_OWNER)

    def when_loaded(self, work: Callable[[], None]) -> None:
        """Do it now, or as soon as there is a model."""
        with self._loading:
            if self._loaded is None:
                self._after_loading.append(work)
                return
        work()

    def use(self, owner: str, **changes: Any) -> Job:
        """Switch base, adapters, segmenter, device or memory mode.

        Earlier jobs still run with the old model; a model that does not load changes nothing.
        """
        return self._submit_load(replace(self.settings, **changes), owner, is_forced=True)

    def risk_of(self, *work: Any) -> str:
        """A key for work with the models as they are set now; see JobSpec."""
        return risk_of(self.settings, *work)

    def on_device(self, work: Callable[[], T]) -> T:
        """Run what the segmenter does where it belongs: on the device thread, or beside it."""
        if self.segmenter.needs_device:
            return self.queue.run_now(work)
        with self._segmenting:
            return work()

    def make_room(self, session: Session) -> None:
        """Give back what other sessions keep, and what this one does not need for rendering."""
        self.conditions.forget(but=session.identity)
        self.embeddings.forget()

    def close(self) -> bool:
        """Stop at the next step, save everything, let the folder go.

        False if the device was in a step so long that it was not waited for.
        """
        has_ended = self.queue.close()
        self.store.close()
        return has_ended

    def _submit_load(self, settings: Settings, owner: str, *, is_forced: bool = False) -> Job:
        def work(job: Job) -> None:
            job.report("load")
            self._load(settings)

        return self.queue.submit(
            JobSpec(
                owner,
                "load",
                Priority.FINAL,
                work,
                key="load",
                is_barrier=True,
                risk=risk_of(settings, "load"),
                is_forced=is_forced,
            )
        )

    def _ready(self) -> Loaded:
        if self._loaded is None:
            raise SessionError(
                self.load_error or "The model is still being loaded; try again in a moment."
            )
        return self._loaded

    def _load(self, settings: Settings) -> None:
        old = self._loaded
        wanted = _model_settings(settings)
        if old is None or wanted != _model_settings(old.settings):
            engine = self._builders.engine(settings)
        else:
            engine = old.engine
        if old is None or _segmenter_settings(settings) != _segmenter_settings(old.settings):
            segmenter = self._builders.segmenter(settings)
        else:
            segmenter = old.segmenter
        with self._loading:
            self._loaded = Loaded(engine, segmenter, settings, facts_of(engine))
            awaiting, self._after_loading = self._after_loading, []
        self.settings = settings
        if old is not None and old.engine is not engine:
            self.conditions.forget()
        for session in self.store.sessions:
            self._fit(session)
        for work in awaiting:
            work()

    def _fit(self, session: Session) -> None:
        """A project that nobody has touched takes the size the model likes."""
        if session.is_untouched:
            with session.lock:
                if session.is_untouched:
                    session.begin_with(self._empty_document())

    def _empty_document(self) -> Document:
        size = self.facts.size
        return Document(Scene(size.width, size.height))

    def _job_changed(self, job: Job) -> None:
        if job.spec.kind == "load" and job.has_ended:
            self.load_error = job.error
            self._tell_all("status")
        session = self.store.live(job.spec.owner)
        if session is not None:
            session.keep_job(job)
        if job.spec.kind != "live" and (job.has_ended or job.state == "running"):
            for other in self.store.sessions:  # their place in the queue has changed
                if other is not session and other.is_busy:
                    other.tell("jobs")

    def _tell_all(self, what: str) -> None:
        for session in self.store.sessions:
            session.tell(what)


def risk_of(settings: Settings, *work: Any) -> str:
    text = repr((_model_settings(settings), settings.segmenter, *work))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _model_settings(settings: Settings) -> tuple[Any, ...]:
    return (
        settings.base,
        settings.adapters,
        settings.device,
        settings.dtype,
        settings.offload,
        settings.quantize,
    )


def _segmenter_settings(settings: Settings) -> tuple[Any, ...]:
    return settings.segmenter, settings.device
