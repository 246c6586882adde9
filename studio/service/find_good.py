"""Find a good one: several drafts, scored; the best two are rendered fully, and all are kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from studio.files.picture_decoder import decode_picture
from studio.jobs.jobs import Job, JobSpec, Priority
from studio.project.agreement import colour_agreement, total_score
from studio.project.changes import request_key
from studio.project.document import Document
from studio.project.growth import growth
from studio.project.history import Node
from studio.project.photo_changes import with_seeds
from studio.project.session import Session
from studio.scene.coverage import coverage
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.mask_edits import resized
from studio.service.measures import mean_iou, measure_picture
from studio.service.photo_edits import finish_edit, keep_edit
from studio.service.photo_makers import make_picture
from studio.service.photo_plan import EditPlan, plan_edit
from studio.service.renders import (
    Outcome,
    Quality,
    check_room,
    keep_render,
    render_with_retry,
    request_for,
    summary_of,
)
from studio.service.studio import Studio

FEWEST, MOST = 2, 12
BEST = 2  # are rendered fully


def submit_find_good(studio: Studio, session: Session, count: int) -> Job:
    """The result is the best picture. Of an edited photo it is put on, as one edit."""
    check_room(studio, session)
    trial = _trial(studio, session)

    def tried(number: int, quality: Quality, job: Job) -> tuple[float, int, Node]:
        node = _scored(studio, session, trial, trial.make(number, quality, job), job)
        return total_score(node.scores), number, node

    def work(job: Job) -> Outcome:
        drafts = [tried(number, "draft", job) for number in range(count)]
        drafts.sort(key=lambda each: (-each[0], each[1]))
        finals = [tried(number, "final", job) for _, number, _ in drafts[:BEST]]
        _, number, node = max(finals, key=lambda each: (each[0], -each[1]))
        trial.finish(number, node)
        session.branch_from(node)
        return Outcome(node.identity, node.summary)

    return studio.queue.submit(
        JobSpec(
            session.identity,
            "find_good",
            Priority.FINAL,
            work,
            replaces=("find_good", "live", "peek"),
            risk=studio.risk_of("find_good", request_key(trial.document.request, ""), count),
        )
    )


class _Trial(Protocol):
    """The same document rendered with another seed for each number."""

    @property
    def document(self) -> Document: ...

    @property
    def subject(self) -> str | None:
        """The region that is kept, if the world around it is made."""
        ...

    def make(self, number: int, quality: Quality, job: Job) -> Node: ...

    def finish(self, number: int, node: Node) -> None: ...


def _trial(studio: Studio, session: Session) -> _Trial:
    document = session.document
    if document.edit is None:
        return _Sketch(studio, session, document)
    return _Photo(studio, session, plan_edit(document, "final", makes_new=False))


@dataclass(frozen=True)
class _Sketch:
    studio: Studio
    session: Session
    document: Document
    subject: str | None = None

    def make(self, number: int, quality: Quality, job: Job) -> Node:
        document = self._with_seed(number)
        request = request_for(document, quality).with_sampling(count=1)
        resolved = self.studio.engine.resolve(request)
        made = render_with_retry(self.studio, self.session, resolved, job)
        picture, memo, report = made
        job.check()
        summary = summary_of(memo, report, picture)
        return keep_render(self.studio, self.session, document, quality, picture, summary)

    def finish(self, number: int, node: Node) -> None:
        """A sketch's picture is in the history; the scene stays as it is."""
        del number, node

    def _with_seed(self, number: int) -> Document:
        sampling = self.document.sampling
        seed = (sampling.seed + number) % 2**63
        return replace(self.document, sampling=replace(sampling, seed=seed, count=1))


@dataclass(frozen=True)
class _Photo:
    studio: Studio
    session: Session
    plan: EditPlan

    @property
    def document(self) -> Document:
        return self.plan.document

    @property
    def subject(self) -> str | None:
        work = self.document.edit
        return work.subject if work is not None and self.plan.makes_the_world else None

    def make(self, number: int, quality: Quality, job: Job) -> Node:
        plan = replace(self._with_seed(number), quality=quality)
        made = make_picture(self.studio, self.session, plan, job, in_rounds=False)
        picture, memo, report = made
        summary = summary_of(memo, report, picture)
        return keep_edit(self.studio, self.session, plan, picture, summary)

    def finish(self, number: int, node: Node) -> None:
        finish_edit(self.session, self._with_seed(number), node)

    def _with_seed(self, number: int) -> EditPlan:
        document = self.plan.document
        seed = (document.sampling.seed + number) % 2**63
        sampling = replace(document.sampling, seed=seed, count=1)
        seeded = with_seeds(
            replace(document, sampling=sampling),
            {identity: seed for identity in self.plan.regions if identity != self.subject},
        )
        return replace(self.plan, document=seeded)


def _scored(studio: Studio, session: Session, trial: _Trial, node: Node, job: Job) -> Node:
    """The node with what was measured in its picture."""
    scene = trial.document.scene
    measured = measure_picture(studio, session, node.images[0], scene, job, gives_way=False)
    picture = decode_picture(session.folder.get(node.images[0]))
    pixels, extent = np.asarray(picture), Extent(*picture.size)
    covered = coverage(scene)
    regions = [
        (region.caption, resized(Mask(mask), extent).pixels)
        for region, mask in zip(covered.regions, covered.masks, strict=True)
        if region.identity != trial.subject
    ]
    scores: dict[str, float | None] = {
        "fidelity": mean_iou(measured),
        "colours": colour_agreement(pixels, regions),
    }
    if trial.subject is not None:
        subject = resized(scene.region(trial.subject).mask, extent).pixels
        scores["growth"] = growth(studio.segmenter, pixels, subject)
    known = {name: round(score, 4) for name, score in scores.items() if score is not None}
    return session.change_node(
        node.identity,
        scores={**known, "total": round(total_score(known), 4)},
        fidelity={key: each.fidelity for key, each in measured.items()},
    )
