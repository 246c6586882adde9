"""How much a region looks as it does in the project's other pictures of the same caption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from studio.files.picture_decoder import decode_picture
from studio.project.fidelity import Fidelity, owned_in
from studio.project.history import Node
from studio.project.session import Session
from studio.recognition.features import FeatureReader, mean_feature
from studio.scene.scene import Scene
from studio.service.studio import Studio

MOST_OTHERS = 3  # the newest finished pictures that are compared with

_Features = Mapping[tuple[str, str], np.ndarray]  # by region and caption


def with_likeness(
    studio: Studio, session: Session, node: Node, scene: Scene, measured: Mapping[str, Fidelity]
) -> dict[str, Fidelity]:
    """What was measured, with a cosine to the mean of the region's features in other pictures.

    Nothing is added without a model of features, or for a region whose caption was never drawn
    before. Runs on the device thread.
    """
    found = dict(measured)
    reader = studio.recognition.features
    if reader is None:
        return found
    others = [
        other
        for other in reversed(list(session.history))
        if other.kind == "final" and other.identity != node.identity
    ][:MOST_OTHERS]
    if not others:
        return found
    own = _features(reader, session, node.images[0], scene)
    known = [
        _features(reader, session, other.images[0], session.document_of(other).scene)
        for other in others
    ]
    for (identity, caption), feature in own.items():
        same = [each[identity, caption] for each in known if (identity, caption) in each]
        if same and identity in found:
            mean = np.mean(same, axis=0)
            cosine = float(feature @ mean / max(float(np.linalg.norm(mean)), 1e-9))
            found[identity] = replace(found[identity], likeness=round(cosine, 4))
    return found


def _features(reader: FeatureReader, session: Session, reference: str, scene: Scene) -> _Features:
    picture = decode_picture(session.folder.get(reference)).convert("RGB")
    features = reader.read(np.asarray(picture, np.uint8))
    owned = owned_in(scene, picture)
    return {
        (region.identity, region.caption): mean_feature(features, pixels)
        for region in scene.visible_regions
        if (pixels := owned[region.identity]) is not None
    }
