"""Parts of an edited photo for the page: sharp where it is zoomed in, and what the model sees."""

from __future__ import annotations

from studio.engine.photo.plan import plan_boxes
from studio.project.document import Document
from studio.project.photo_changes import work_of
from studio.project.photo_incoming import shown_bytes
from studio.project.photo_work import scaled_box
from studio.scene.errors import BadInput, RequestError
from studio.scene.geometry import Bounds, Extent
from studio.service.photo_composites import Composite
from studio.service.photo_plan import plan_edit
from studio.service.studio import Studio


def tile(made: Composite, box: Bounds, size: int, *, is_original: bool) -> tuple[bytes, Bounds]:
    """A PNG of a box of the photo, at most `size` pixels long, and the box as far as it lies in."""
    extent = made.work.extent
    part = box.overlap(Bounds(0, 0, *extent))
    if part.left >= part.right or part.top >= part.bottom:
        raise BadInput("The box lies outside the photo of {extent} pixels.", extent=extent)
    opened = made.photo_file
    if is_original:
        pixels = opened.photo.pixels[part.top : part.bottom, part.left : part.right]
    else:
        pixels = made.pixels(part)
    scale = min(1.0, size / max(part.extent))
    shown = Extent(*(max(1, round(side * scale)) for side in part.extent))
    return shown_bytes(pixels, shown, opened.icc), part


def context_boxes_of(studio: Studio, document: Document) -> list[Bounds]:
    """What the model would see if the edit began now, in pixels of the scene."""
    work = work_of(document)
    if isinstance(work.context, tuple):
        return [Bounds(*work.context)]
    try:
        plan = plan_edit(document, "final", makes_new=False)
    except RequestError:
        return []
    boxes = plan_boxes(studio.engine.resolve(plan.rough_request))
    return [scaled_box(box, work.extent, document.scene.extent) for box in boxes]
