"""Jobs that recognise: find by word and by likeness, suggest captions, worlds and layouts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.files.picture_decoder import decode_picture
from studio.jobs.jobs import Job, JobSpec, Priority
from studio.project.session import Session
from studio.recognition.finder import Finding, Recall, read_words
from studio.recognition.language_layouter import layouter
from studio.recognition.layouter import check_sentence
from studio.recognition.worlds import Worlds, suggester
from studio.scene.errors import PromptError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.scene import Scene
from studio.scene.sentences import say
from studio.service.clicks import MOST_PROPOSALS, picture_reference
from studio.service.studio import Studio

_SAME = 0.85  # IoU with a region above which a finding is that region
_SMALLEST = 0.0003  # of the picture


@dataclass(frozen=True)
class Found:
    """What answers to the words or to the region, best first, and who found it."""

    findings: tuple[FoundShape, ...]
    by: str


class FoundShape(NamedTuple):
    mask: Mask
    score: float
    caption: str


@dataclass(frozen=True)
class Suggested:
    """Captions that nobody has accepted yet."""

    picture: str
    regions: dict[str, str]
    by: str


def submit_find(studio: Studio, session: Session, on: str, words: str) -> Job:
    wanted = read_words(words)

    def find(image: NDArray[np.uint8], job: Job, recall: Recall) -> Found:
        finder = studio.recognition.finder
        job.report("find")
        found = finder.find(image, wanted, lambda: job.is_cancelled, recall)
        if not found:
            raise PromptError(
                "Nothing that looks like {words!r} was found in the picture.", words=wanted
            )
        return Found(_new(found, session.document.scene), finder.name)

    return _submit(studio, session, _Wish("find", on, (wanted,)), find)


def submit_similar(studio: Studio, session: Session, on: str, region: str) -> Job:
    given = session.document.scene.region(region)

    def find(image: NDArray[np.uint8], job: Job, recall: Recall) -> Found:
        finder = studio.recognition.similar
        job.report("find")
        found = finder.find_similar(image, given.mask.pixels, lambda: job.is_cancelled, recall)
        if not found:
            number = session.document.number(region)
            raise PromptError("Nothing else looks like region {number}.", number=number)
        named = [Finding(each.mask, each.score, given.caption) for each in found]
        return Found(_new(named, session.document.scene), finder.name)

    return _submit(studio, session, _Wish("similar", on, (given.mask.digest,)), find)


def submit_captions(
    studio: Studio, session: Session, on: str, regions: Sequence[str] | None
) -> Job:
    """For the picture and for these regions; None: for those that have no caption."""
    scene = session.document.scene
    wanted = (
        [each for each in scene.regions if not each.caption.strip()]
        if regions is None
        else [scene.region(identity) for identity in regions]
    )

    def describe(image: NDArray[np.uint8], job: Job, recall: Recall) -> Suggested:
        captioner = studio.recognition.captioner
        job.report("describe")
        masks = [each.mask.pixels for each in wanted]
        told = captioner.describe(image, masks, lambda: job.is_cancelled, recall)
        pairs = zip(wanted, told.regions, strict=True)
        captions = {region.identity: caption for region, caption in pairs if caption}
        return Suggested(told.picture, captions, captioner.name)

    keys = tuple(each.mask.digest for each in wanted)
    return _submit(studio, session, _Wish("captions", on, keys), describe)


def submit_worlds(studio: Studio, session: Session, on: str, region: str) -> Job:
    """Three prompts for the world around a kept subject."""
    subject = session.document.scene.region(region)

    def suggest(image: NDArray[np.uint8], job: Job, recall: Recall) -> Worlds:
        del recall
        job.report("describe")
        captioner = studio.recognition.captioner
        return suggester(captioner.language).suggest(
            subject.caption, _part(image, subject), lambda: job.is_cancelled
        )

    keys = (subject.mask.digest, subject.caption)
    return _submit(studio, session, _Wish("worlds", on, keys), suggest)


def submit_layout(studio: Studio, session: Session, sentence: str) -> Job:
    """The sentence as a scene of this one's size, to be looked at before it is taken over."""
    said, extent = check_sentence(sentence), session.document.scene.extent

    def lay_out(job: Job) -> Scene:
        job.report("layout")
        return layouter(studio.recognition.captioner.language).lay_out(said, extent)

    return studio.queue.submit(
        JobSpec(
            session.identity,
            "layout",
            Priority.DRAFT,
            lay_out,
            f"layout:{said}:{extent}",
            replaces=("layout",),
            risk=studio.risk_of("layout", said),
        )
    )


class _Wish(NamedTuple):
    """What is asked of a picture; the same wish is the same job."""

    kind: str
    on: str
    keys: tuple[str, ...]


def _submit(
    studio: Studio,
    session: Session,
    wish: _Wish,
    look: Callable[[NDArray[np.uint8], Job, Recall], Any],
) -> Job:
    reference, extent = picture_reference(session, wish.on), session.document.scene.extent

    def work(job: Job) -> Any:
        job.report("embed")
        image = _picture(session, reference, extent)
        with studio.embeddings.memo(session.identity) as memo:

            def recall(kind: str, make: Callable[[], Any]) -> Any:
                return memo.fetch(f"{kind}:{reference}:{extent}", make)

            return look(image, job, recall)

    key = ":".join((wish.kind, reference, *wish.keys))
    return studio.queue.submit(
        JobSpec(
            session.identity,
            wish.kind,
            Priority.DRAFT,
            work,
            key,
            replaces=(wish.kind,),
            risk=studio.risk_of(wish.kind, reference),
        )
    )


def _picture(session: Session, reference: str, extent: Extent) -> NDArray[np.uint8]:
    image = decode_picture(session.folder.get(reference)).convert("RGB")
    if image.size != extent:
        image = image.resize((extent.width, extent.height), Image.Resampling.LANCZOS)
    return np.asarray(image)


def _new(found: Iterable[Finding], scene: Scene) -> tuple[FoundShape, ...]:
    """What is no region yet, and no speck."""
    least = _SMALLEST * scene.width * scene.height
    shapes = [FoundShape(Mask(each.mask), each.score, each.caption) for each in found]
    regions = [each.mask for each in scene.regions]
    kept = [
        each
        for each in shapes
        if each.mask.area >= least and not any(_same(each.mask, mask) for mask in regions)
    ]
    if not kept:
        raise PromptError(say("All that was found is a region already."))
    return tuple(kept[:MOST_PROPOSALS])


def _same(one: Mask, other: Mask) -> bool:
    both = int(np.count_nonzero(one.pixels & other.pixels))
    return both > _SAME * (one.area + other.area - both)


def _part(image: NDArray[np.uint8], subject: Region) -> NDArray[np.uint8]:
    box = subject.mask.bounds
    assert box is not None
    left, top, right, bottom = box.grown(16, subject.mask.extent)
    return np.ascontiguousarray(image[top:bottom, left:right])
