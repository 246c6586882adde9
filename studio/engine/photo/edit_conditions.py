"""What the model sees of an edit before the first step: its crops, each with its conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.photo.changes import Change, changes
from studio.engine.photo.looking import inner_request, meets, pixels_seen
from studio.engine.photo.plan import Crop, plan_of
from studio.engine.sampling.conditions import Conditions, PrepareReport, without_steps
from studio.engine.sampling.prepare import Fetch
from studio.files.photo_file import open_photo
from studio.scene.errors import RequestError
from studio.scene.geometry import Bounds
from studio.scene.request import RenderRequest, ResolvedRequest


class Look(NamedTuple):
    """A crop, its conditions, and the photo's latents where it is seen as it was given."""

    crop: Crop
    conditions: Conditions
    photo: Tensor | None  # (1, tokens, c)


@dataclass(frozen=True)
class EditConditions:
    """What the model sees of an edit, apart from the noise."""

    request: ResolvedRequest
    changed: tuple[Change, ...]
    looks: tuple[Look, ...]
    notices: tuple[str, ...]
    report: PrepareReport

    def serving(self, request: ResolvedRequest) -> EditConditions:
        """The same conditions for a request that differs in the noise or steps alone."""
        if without_steps(request) != without_steps(self.request):
            raise RequestError(
                "These conditions were prepared for another request; prepare this one as well."
            )
        looks = tuple(look._replace(conditions=_serving(look, request)) for look in self.looks)
        return replace(self, request=request, looks=looks)


class Preparing(Protocol):
    """What preparing an edit asks of an engine."""

    def resolve(self, request: RenderRequest) -> ResolvedRequest: ...

    def conditions(self, request: ResolvedRequest, fetch: Fetch) -> Conditions: ...

    def encode(self, pixels: NDArray[np.uint8]) -> Tensor: ...


def prepare_edit(engine: Preparing, request: ResolvedRequest, fetch: Fetch) -> EditConditions:
    """Captions, contours and the photo's latents are fetched, so that only what is new is made."""
    edit = request.edit
    assert edit is not None
    opened = open_photo(edit)
    changed = changes(request)
    looks: list[Look] = []
    made: list[Bounds] = []
    for crop, inner in inner_requests(request, changed):
        resolved = engine.resolve(inner)
        extent, photo = resolved.rendered.extent, None
        if not crop.tile and not any(meets(box, crop.box) for box in made):
            key = f"photo:{request.model}:{edit.digest}:{tuple(crop.box)}:{extent}"
            photo = fetch(key, lambda: engine.encode(pixels_seen(opened.photo, crop, (), extent)))  # noqa: B023
        looks.append(Look(crop, engine.conditions(resolved, fetch), photo))
        made += [changed[number].box for number in crop.changes]
    told = [*opened.notices, *(note for look in looks for note in look.conditions.notices)]
    report = _sum([look.conditions.report for look in looks])
    return EditConditions(request, changed, tuple(looks), tuple(dict.fromkeys(told)), report)


def inner_requests(
    request: ResolvedRequest, changed: Sequence[Change]
) -> list[tuple[Crop, RenderRequest]]:
    """Each crop in which something changes, as a scene of its own."""
    pairs = [(crop, inner_request(request, crop, changed)) for crop in plan_of(request, changed)]
    return [(crop, inner) for crop, inner in pairs if inner is not None]


def _serving(look: Look, request: ResolvedRequest) -> Conditions:
    old, new = look.conditions.request, request.sampling
    sampling = replace(
        old.sampling,
        seed=(new.seed + look.crop.tile) % 2**63,
        count=new.count,
        steps=new.steps,
        guidance=new.guidance,
        sigmas=new.sigmas,
    )
    return replace(look.conditions, request=replace(old, sampling=sampling))


def _sum(reports: Sequence[PrepareReport]) -> PrepareReport:
    total: dict[str, Any] = {
        each.name: sum(getattr(report, each.name) for report in reports)
        for each in fields(PrepareReport)
    }
    return PrepareReport(**total)
