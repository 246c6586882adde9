"""Two pictures against each other, and outlines for the canvas."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

from studio.files.limits import Limits
from studio.files.picture_decoder import decode_picture
from studio.project.history import Node
from studio.project.session import Session
from studio.scene.mask import Mask

_ANY_SIZE = Limits(smallest_side=1)
_AMPLIFIED = 4  # differences are shown brighter than they are


def difference_file(session: Session, first: Node, second: Node) -> tuple[str, int, float]:
    """A heat map's reference, the largest difference of any channel, and the mean (0..255)."""
    before, after = (
        decode_picture(session.folder.get(node.images[0]), _ANY_SIZE) for node in (first, second)
    )
    if before.size != after.size:
        before = before.resize(after.size, Image.Resampling.BICUBIC)
    delta = np.abs(np.asarray(before, np.int16) - np.asarray(after, np.int16)).max(axis=2)
    shown = np.minimum(delta * _AMPLIFIED, 255).astype(np.uint8)
    heat = cv2.applyColorMap(shown, cv2.COLORMAP_INFERNO)[:, :, ::-1]
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(heat)).save(file, "PNG")
    reference = session.folder.pass_on(file.getvalue(), "png")
    return reference, int(delta.max()), round(float(delta.mean()), 3)


def outlines(mask: Mask) -> list[list[list[int]]]:
    """Closed polygons in pixels, outer and inner."""
    found, _ = cv2.findContours(
        mask.pixels.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE
    )
    return [[[int(x), int(y)] for x, y in outline.reshape(-1, 2)] for outline in found]
