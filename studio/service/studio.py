"""The running studio: one engine, one segmenter, one device, and everybody's sessions."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from studio.config import Settings
from studio.inventory.bases import base_name
from studio.inventory.comfyui import models_folder
from studio.jobs.cache import Budget, BudgetCache
from studio.jobs.jobs import Job, JobSpec, Priority
from studio.jobs.pace import Pace
from studio.jobs.patience import Patience
from studio.jobs.queue import JobQueue
from studio.project.document import Document
from studio.project.model_facts import ModelFacts
from studio.project.session import Session
from studio.project.store.store import SessionStore
from studio.scene.errors import SessionError
from studio.scene.scene import Scene
from studio.scene.sentences import say
from studio.service.demo import Demos
from studio.service.downloads import Downloads
from studio.service.models import Builders, Loaded, Models, model_settings
from studio.service.photo_shelf import PhotoShelf
from studio.service.recognition import Recognition

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.installation.graphics_card import UnusedCard
    from studio.segmentation.segmenter import Segmenter

log = logging.getLogger(__name__)
T = TypeVar("T")

STUDIO_OWNER = "studio"  # owner of the jobs that belong to nobody


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
        self.photos = PhotoShelf()
        self.demos = Demos()
        self.downloads = Downloads(settings.weights, lambda: self._tell_all("status"))
        self.load_error: str | None = None
        self.unused_card: UnusedCard | None = None  # known once a model is loaded
        self._models = Models(builders, self._forget_what_they_made)
        self.recognition = Recognition(
            builders.recognisers, lambda: self.settings, lambda: self.segmenter
        )
        self._loading = threading.Lock()
        self._choosing = threading.Lock()
        self._choices: list[tuple[Job, Settings]] = []  # the loads that have not ended
        self._after_loading: list[Callable[[], None]] = []
        self._segmenting = threading.Lock()
        most_bytes = int(settings.disk_gigabytes * 2**30)
        self.store = SessionStore(settings.projects, self._empty_document, most_bytes=most_bytes)
        self.queue = JobQueue(self._job_changed, patience, around=self.store.crashes.remember)

    @property
    def loaded(self) -> Loaded | None:
        """None before the first model is there, and while one is changed for another."""
        return self._models.loaded

    @property
    def facts(self) -> ModelFacts:
        return self._models.facts

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
            if self.loaded is None:
                self._after_loading.append(work)
                return
        work()

    def use(self, owner: str, **changes: Any) -> Job:
        """Switch base, adapters, segmenter, device or memory mode.

        Earlier jobs still run with the old model; a model that does not load changes nothing. A
        choice is whole: what its owner chose before and is still being loaded, else what is loaded
        now, with these changes. So two people's choices are not mixed; the later one stays.
        """
        with self._choosing:
            self._choices = [
                (job, settings)
                for job, settings in self._choices
                if not job.has_ended and not job.is_cancelled
            ]
            own = [choice for choice in self._choices if choice[0].spec.owner == owner]
            wanted = replace(own[-1][1] if own else self.settings, **changes)
            if own and own[-1][1] == wanted:
                return own[-1][0]
            for job, _ in own:
                if job.state == "waiting":
                    self.queue.cancel(owner, job.identity)
            job = self._submit_load(wanted, owner, is_forced=True)
            self._choices.append((job, wanted))
            return job

    def look_in(self, comfyui: Path | None) -> None:
        """Find models in another tool's folder too, from now on; what is loaded stays."""
        now = self.settings
        if comfyui is not None:
            comfyui = models_folder(comfyui)
        base = base_name(now.base, now.weights, now.comfyui)
        with self._choosing:
            self.settings = replace(self.settings, comfyui=comfyui, base=base)

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
        self.downloads.close()
        has_ended = self.queue.close()
        self.store.close()
        return has_ended

    def _submit_load(self, settings: Settings, owner: str, *, is_forced: bool = False) -> Job:
        risk = risk_of(settings, "load")

        def work(job: Job) -> None:
            job.pace = risk
            job.report("load")
            self._load(settings, job.check)

        return self.queue.submit(
            JobSpec(
                owner,
                "load",
                Priority.FINAL,
                work,
                key=f"load:{risk}",
                is_barrier=True,
                risk=risk,
                is_forced=is_forced,
            )
        )

    def _ready(self) -> Loaded:
        loaded = self.loaded
        if loaded is None:
            reason = self.load_error or say(
                "The model is still being loaded; try again in a moment."
            )
            raise SessionError(reason)
        return loaded

    def _load(self, settings: Settings, check: Callable[[], None]) -> None:
        self.load_error = None
        try:
            self._models.change(settings, check)
            self._keep(settings)
        finally:
            if self.loaded is not None:
                self._go_on_with_models()

    def _keep(self, loaded: Settings) -> None:
        """As they were loaded, looking where one has asked to look meanwhile."""
        with self._choosing:
            if loaded.comfyui != self.settings.comfyui:
                base = base_name(loaded.base, loaded.weights, loaded.comfyui)
                loaded = replace(loaded, comfyui=self.settings.comfyui, base=base)
            self.settings = loaded

    def _go_on_with_models(self) -> None:
        with self._loading:
            awaiting, self._after_loading = self._after_loading, []
        for session in self.store.sessions:
            self._fit(session)
        for work in awaiting:
            work()

    def _forget_what_they_made(self, engine: bool, segmenter: bool) -> None:
        with self._segmenting:  # a click that still uses the segmenter has ended then
            if engine:
                self.conditions.forget()
            if segmenter:
                self.embeddings.forget()
            self.recognition.forget()

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
            is_there = self.loaded is not None
            stopped = say("No model is loaded; choose one in the settings.")
            told, self.load_error = self.load_error, None if is_there else job.error or stopped
            if self.load_error not in (None, told):
                log.error("No model is loaded: %s", self.load_error)  # for the terminal too
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
    text = repr((model_settings(settings), settings.segmenter, *work))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
