"""From clicks on a photo or a result to masks of the scene."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from studio.files.picture_decoder import decode_picture
from studio.jobs.jobs import Job, JobSpec, Priority
from studio.project.session import Session, StaleEdit
from studio.scene.errors import PromptError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.region import Click
from studio.service.studio import Studio

if TYPE_CHECKING:
    from studio.segmentation.segmenter import ImageEmbedding

MOST_PROPOSALS = 60
_SIZES = ("part", "object", "group")


@dataclass(frozen=True)
class Embedded:
    """What was done to make a picture ready for clicks."""

    seconds: float
    was_cached: bool
    extent: Extent


@dataclass(frozen=True)
class Choice:
    """One answer to a click."""

    mask: Mask
    score: float
    name: str


@dataclass(frozen=True)
class Choices:
    """Candidates from small to large."""

    choices: tuple[Choice, ...]
    best: int
    seconds: float


def picture_reference(session: Session, on: str) -> str:
    """The file of "photo", or of a node's first picture."""
    if on == "photo":
        photo = session.document.photo
        if photo is None:
            raise PromptError("There is no photo to click on; upload one, or click on a result.")
        return photo
    return session.history.node(on).images[0]


def embed(studio: Studio, session: Session, on: str) -> Embedded:
    """Read the picture for clicks; later calls find it read."""
    reference, extent = picture_reference(session, on), session.document.scene.extent
    start = time.perf_counter()
    was_cached = studio.embeddings.holds(
        session.identity, _key(studio.segmenter.digest, reference, extent)
    )
    studio.on_device(lambda: embedding_of(studio, session, reference, extent))
    return Embedded(time.perf_counter() - start, was_cached, extent)


def embedding_of(
    studio: Studio, session: Session, reference: str, extent: Extent | None
) -> ImageEmbedding:
    """Of a picture scaled to `extent`, or as it is. Runs where the segmenter runs."""
    segmenter = studio.segmenter

    def make() -> ImageEmbedding:
        image = decode_picture(session.folder.get(reference))
        if extent is not None and image.size != extent:
            image = image.resize((extent.width, extent.height), Image.Resampling.LANCZOS)
        return segmenter.embed(image)

    with studio.embeddings.memo(session.identity) as memo:
        return memo.fetch(_key(segmenter.digest, reference, extent), make)


def choose(
    studio: Studio,
    session: Session,
    on: str,
    clicks: Sequence[Click],
    box: Sequence[float] | None = None,
    *,
    is_hover: bool = False,
) -> Choices:
    """Masks for clicks and a box in scene pixels. An older hover is dropped: StaleEdit."""
    reference, extent = picture_reference(session, on), session.document.scene.extent
    _check(clicks, box, extent)
    session.hover_number += 1
    number = session.hover_number

    def work() -> Choices:
        if is_hover and number != session.hover_number:
            raise StaleEdit("A newer preview is on its way.")
        start = time.perf_counter()
        embedding = embedding_of(studio, session, reference, extent)
        found = studio.segmenter.segment(
            embedding,
            points=[(click.x, click.y) for click in clicks] or None,
            labels=[click.label for click in clicks] or None,
            box=box,
        )
        found = [each for each in found if each.mask.any()]
        if not found:
            raise PromptError("Nothing was found there; click on the thing itself.")
        best = max(found, key=lambda candidate: candidate.score)
        found.sort(key=lambda candidate: int(candidate.mask.sum()))
        names = _SIZES if len(found) == 3 else ("",) * len(found)
        return Choices(
            tuple(
                Choice(Mask(each.mask), float(each.score), name)
                for each, name in zip(found, names, strict=True)
            ),
            next(place for place, each in enumerate(found) if each is best),
            time.perf_counter() - start,
        )

    return studio.on_device(work)


def submit_proposals(studio: Studio, session: Session, on: str) -> Job:
    """Find everything in a picture, as a job; its result is a list of masks."""
    reference, extent = picture_reference(session, on), session.document.scene.extent

    def work(job: Job) -> list[Mask]:
        job.report("embed")
        embedding = embedding_of(studio, session, reference, extent)

        def progress(share: float) -> None:
            job.report("everything", round(100 * share), 100)

        masks = studio.segmenter.everything(embedding, progress, lambda: job.is_cancelled)
        smallest = 0.0005 * extent.width * extent.height
        found = [Mask(mask) for mask in masks if np.count_nonzero(mask) >= smallest]
        return found[:MOST_PROPOSALS]

    key = f"proposals:{reference}"
    return studio.queue.submit(
        JobSpec(
            session.identity,
            "proposals",
            Priority.DRAFT,
            work,
            key,
            replaces=("proposals",),
            risk=studio.risk_of("proposals", reference),
        )
    )


def _check(clicks: Sequence[Click], box: Any, extent: Extent) -> None:
    if not clicks and box is None:
        raise PromptError("Click on the thing, or draw a box around it.")
    for click in clicks:
        if not (0 <= click.x < extent.width and 0 <= click.y < extent.height):
            raise PromptError(
                "The click ({x:g}, {y:g}) is outside the picture.", x=click.x, y=click.y
            )


def _key(segmenter: str, reference: str, extent: Extent | None) -> str:
    return f"embedding:{segmenter}:{reference}:{extent}"
