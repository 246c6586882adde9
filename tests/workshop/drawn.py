"""Three drawings that tests cut things out of, so that none has to be downloaded."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

RED_HEART, GREY_DOG, YELLOW_BEE = "2764-fe0f", "1f436", "1f41d"


def draw(folder: Path) -> Path:
    """A red heart (a disc), a dog (a grey ring with a brown nose) and a bee, 48 x 48 each."""
    folder.mkdir(parents=True, exist_ok=True)
    heart = _blank()
    cv2.circle(heart, (24, 24), 18, (30, 30, 210, 255), -1)
    heart[2:4, 2:4] = 255  # a crumb
    dog = _blank()
    cv2.circle(dog, (24, 24), 16, (150, 150, 150, 255), 9)
    cv2.circle(dog, (24, 40), 4, (20, 60, 110, 255), -1)
    bee = _blank()
    cv2.ellipse(bee, (24, 24), (20, 12), 0, 0, 360, (40, 210, 240, 255), -1)
    for name, picture in ((RED_HEART, heart), (GREY_DOG, dog), (YELLOW_BEE, bee)):
        lossless = [cv2.IMWRITE_WEBP_QUALITY, 101]
        assert cv2.imwrite(str(folder / f"{name}.webp"), picture, lossless)
    return folder


def _blank() -> np.ndarray:
    return np.zeros((48, 48, 4), np.uint8)
