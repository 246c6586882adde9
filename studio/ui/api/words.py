"""Find by word and by likeness, and what is suggested: captions, worlds, a layout."""

from __future__ import annotations

from studio.jobs.jobs import Job
from studio.project import edits
from studio.project.document import Document
from studio.scene.errors import SceneError
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.run_lengths import pixels_of
from studio.service.recognising import (
    submit_captions,
    submit_find,
    submit_layout,
    submit_similar,
    submit_worlds,
)
from studio.ui.api.edits import edit
from studio.ui.api.registry import Answer, Call, Change, Registry
from studio.ui.api.views import job_view
from studio.ui.api.word_requests import (
    AddRegions,
    DrawnRegion,
    Find,
    Similar,
    SuggestCaptions,
    SuggestLayout,
    SuggestWorlds,
)

registry = Registry()


@registry.action
def find(call: Call, given: Find) -> Answer:
    return _started(call, submit_find(call.studio, call.session, given.on, given.words))


@registry.action
def similar(call: Call, given: Similar) -> Answer:
    return _started(call, submit_similar(call.studio, call.session, given.on, given.region))


@registry.action
def suggest_captions(call: Call, given: SuggestCaptions) -> Answer:
    return _started(call, submit_captions(call.studio, call.session, given.on, given.regions))


@registry.action
def suggest_worlds(call: Call, given: SuggestWorlds) -> Answer:
    return _started(call, submit_worlds(call.studio, call.session, given.on, given.region))


@registry.action
def suggest_layout(call: Call, given: SuggestLayout) -> Answer:
    return _started(call, submit_layout(call.studio, call.session, given.sentence))


@edit
def add_regions(call: Call, given: AddRegions) -> Change:
    """All in one step of undo."""
    made = [_region(call, each) for each in given.regions]

    def change(document: Document) -> Document:
        if given.place == "instead":
            document = edits.delete_regions(document, document.identities)
        lowest = next(iter(document.identities), None) if given.place == "below" else None
        for region in made:
            document = edits.add_region(document, region, lowest)
        if given.caption is not None:
            document = edits.set_caption(document, given.caption)
        return document

    return Change(change, f"make {len(made)} regions")


def _region(call: Call, drawn: DrawnRegion) -> Region:
    shape = {"box": drawn.shape.box, "counts": drawn.shape.counts}
    mask = Mask(pixels_of(shape, call.document.scene.extent))
    if not mask.area:
        raise SceneError("The shape is empty; draw it first.")
    return Region(mask, drawn.caption, gamma=drawn.gamma)


def _started(call: Call, job: Job) -> Answer:
    call.session.keep_job(job)
    return {"job": job_view(call.studio, job)}
