"""Which changes a further click can mean: it lies in the middle of what is wrong."""

from __future__ import annotations

import cv2
import numpy as np

from studio.segmentation.click.change_shapes import framed
from studio.segmentation.click.click_options import CENTRAL, Options
from studio.segmentation.click.landscape import Landscape, Pieces, WorkingClick

OUTLINE = 3  # pixels: a click so near the outline means it, or something as thin
BESIDE = 8  # pixels: a click so near the outline means nothing far larger
THIN = 1.5  # pixels that a thin part may be deeper than the click is
SMALLEST_THIN_PART = 150  # pixels; smaller, it is not seen as a part
LEAST_CENTRAL, LEAST_CENTRAL_BESIDE = 0.1, 0.25  # of a change's depth, where the click lies


def meant(land: Landscape, options: Options, click: WorkingClick, chosen: Pieces) -> Options:
    """The options that a click on the selection `chosen` can mean; none if it means the outline.

    A user clicks the middle of an error, so an option in whose change the click lies near the rim
    is too large, and beside the outline all but thin ones are.
    """
    wrong = (chosen != click.adds)[land.labels]
    depth = cv2.distanceTransform(wrong.astype(np.uint8), cv2.DIST_L2, 3)[click.y, click.x]
    if depth <= OUTLINE:
        kept = [i for i, node in enumerate(options.nodes) if _is_thin(land, node, wrong, depth)]
    else:
        least = LEAST_CENTRAL_BESIDE if depth <= BESIDE else LEAST_CENTRAL
        kept = [i for i in range(len(options.nodes)) if options.features[i, CENTRAL] >= least]
        kept = kept or list(range(len(options.nodes)))
    return Options([options.nodes[i] for i in kept], options.features[kept])


def _is_thin(land: Landscape, node: int, wrong: Pieces, depth: float) -> bool:
    """Whether what the node would change is a part no deeper than the click is."""
    left, top, right, bottom = land.boxes[node]
    window = np.s_[top:bottom, left:right]
    places = land.starts[land.labels[window]]
    change = (places >= land.starts[node]) & (places < land.ends[node]) & wrong[window]
    if np.count_nonzero(change) < SMALLEST_THIN_PART:
        return False
    return float(cv2.distanceTransform(framed(change), cv2.DIST_L2, 3).max()) <= depth + THIN
