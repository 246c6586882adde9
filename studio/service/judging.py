"""How a picture's regions agree with the captions: which of them shows its neighbour's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from studio.files.picture_decoder import decode_picture
from studio.project.fidelity import Fidelity, owned_in
from studio.project.session import Session
from studio.recognition.agreement import Leak, find_leaks
from studio.scene.region import Region
from studio.scene.scene import Scene
from studio.scene.sentences import Sentence, say
from studio.service.studio import Studio

_LONGEST = 60  # letters of a caption in a warning


def with_leaks(
    studio: Studio,
    session: Session,
    reference: str,
    scene: Scene,
    measured: Mapping[str, Fidelity],
) -> dict[str, Fidelity]:
    """What was measured, with a warning where a region looks like another's words. Runs on the
    device thread."""
    picture = decode_picture(session.folder.get(reference))
    owned = owned_in(scene, picture)
    judged = [
        (region, pixels)
        for region in scene.visible_regions
        if region.caption.strip() and (pixels := owned.get(region.identity)) is not None
    ]
    if len(judged) < 2:
        return dict(measured)
    agreement = studio.recognition.agreement
    captions = [region.caption for region, _ in judged]
    rows = agreement.compare(
        np.asarray(picture.convert("RGB"), np.uint8), [pixels for _, pixels in judged], captions
    )
    regions = [region for region, _ in judged]
    found = {name: each for name, each in measured.items()}
    for leak in find_leaks(rows, captions, agreement.margin):
        identity = regions[leak.region].identity
        if identity in found:
            found[identity] = replace(
                found[identity],
                shows=regions[leak.shows].identity,
                warning=_warning(scene, regions, leak),
            )
    return found


def _warning(scene: Scene, regions: list[Region], leak: Leak) -> Sentence:
    identities = [region.identity for region in scene.regions]
    region, other = regions[leak.region], regions[leak.shows]
    return say(
        "Region {number} looks like {other_caption} (region {other}) rather than {caption}.",
        number=identities.index(region.identity) + 1,
        other=identities.index(other.identity) + 1,
        caption=_quoted(region.caption),
        other_caption=_quoted(other.caption),
    )


def _quoted(caption: str) -> str:
    short = caption if len(caption) <= _LONGEST else caption[: _LONGEST - 1].rstrip() + "\u2026"
    return f"\u201c{short}\u201d"
