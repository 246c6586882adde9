"""Fit the judge that names materials in photos: python -m scripts.materials"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from studio.evaluation.benchmark import material_scenes, truth
from studio.evaluation.judge import Judge
from studio.scene.geometry import Extent
from studio.scene.region_look import features_of
from studio.workshop.painting.materials import BY_NAME

FILE = Path(__file__).parent.parent / "studio" / "project" / "materials.npz"
EACH = 12  # painted patches of a material
SCALES = (0.7, 1.0)


def main() -> None:
    features, names = [], []
    for trial in truth(material_scenes(EACH, Extent(256, 256), 200_000)):
        for scale in SCALES:
            size = round(trial.picture.shape[1] * scale), round(trial.picture.shape[0] * scale)
            picture = cv2.resize(trial.picture, size, interpolation=cv2.INTER_AREA)
            for region in trial.scene.regions[1:]:
                mask = cv2.resize(region.mask.astype(np.uint8), size) > 0
                features.append(features_of(np.asarray(picture, np.uint8), mask))
                names.append(region.subject.name)
    judge = Judge(features, names)
    shown = np.array(features)[:, 1:3] * 20
    tints = [shown[[own == name for own in names]].mean(axis=0) for name in judge.names]
    np.savez_compressed(
        FILE,
        names=np.array(judge.names),
        takes_colour=np.array([BY_NAME[name].takes_colour for name in judge.names]),
        weights=judge.weights.astype(np.float32),
        offsets=judge.offsets.astype(np.float32),
        tints=np.array(tints, np.float32),
    )
    print(f"{len(judge.names)} materials from {len(features)} patches: {FILE}")


if __name__ == "__main__":
    main()
