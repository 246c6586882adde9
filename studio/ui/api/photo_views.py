"""How the edit of a photo looks in JSON."""

from __future__ import annotations

from typing import Any

from studio.project.document import Document
from studio.project.photo_work import PhotoWork, outside_to_json
from studio.scene.region import Region


def edit_view(document: Document) -> dict[str, Any] | None:
    """None for a sketch."""
    work = document.edit
    if work is None:
        return None
    context = list(work.context) if isinstance(work.context, tuple) else work.context
    return {
        "name": work.name,
        "width": work.extent.width,
        "height": work.extent.height,
        "original": work.original,
        "strength": work.strength,
        "feather": work.feather,
        "context": context,
        "match_colours": work.match_colours,
        "subject": work.subject,
        "contact_shadow": work.contact_shadow,
        "fill": work.fill,
        "outside": outside_to_json(work.outside),
        "to_do": list(work.to_do(document.scene)),
        "layers": {
            region.identity: _layer(work, region, document) for region in document.scene.regions
        },
    }


def of_region(document: Document, region: Region) -> dict[str, Any]:
    """What a region's own view tells of it."""
    work = document.edit
    return {
        "seed": region.seed,
        "strength": region.strength,
        "feather": region.feather,
        "pinned": work is not None and region.identity in work.pinned,
    }


def _layer(work: PhotoWork, region: Region, document: Document) -> dict[str, Any]:
    made = work.made.get(region.identity)
    return {
        "ref": made.shown if made else None,
        "box": list(made.shown_box) if made else None,
        "opacity": work.opacity(region.identity),
        "seed": made.seed if made else None,
        "pinned": region.identity in work.pinned,
        "to_do": work.is_to_do(region, document.scene),
        "settled": region.identity in work.settled,
        "clip": made is not None and made.mask != region.mask.digest,
        "is_around": made is not None and made.is_around,
    }
