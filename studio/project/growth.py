"""Whether a kept subject grew: the world drawn around it may go on with its fur, cloth or metal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.scene.request import Picture, RenderRequest
from studio.scene.sentences import say

if TYPE_CHECKING:
    from studio.segmentation.segmenter import Segmenter

MOST_GROWTH = 0.03  # of the subject's area
ROUNDS = 3
MOST_POINTS = 4
_SEEN_SIDE = 512  # pixels of the longer side at which the subject is looked for
_EDGE = 2  # pixels at the subject's border that belong to either side

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Round:
    """One world around the subject, drawn with this seed, and what it added to the subject."""

    seed: int
    growth: float


def seeds_tried(request: RenderRequest) -> tuple[RenderRequest, ...]:
    """The request with each seed that its world may be drawn with; itself where none is kept."""
    is_chosen = request.edit is not None and request.edit.keep_subject
    if not is_chosen or request.sampling.draft:
        return (request,)
    first = request.sampling.seed
    return tuple(request.with_sampling(seed=(first + number) % 2**63) for number in range(ROUNDS))


def draw_world(
    render: Callable[[RenderRequest], Picture], segmenter: Segmenter, request: RenderRequest
) -> Picture:
    """An edit that keeps its subject, drawn with the seed whose draft leaves the subject alone.

    Its notice tells by how much the subject has grown in the finished picture.
    """
    subject = request.scene.visible_regions[0].mask.pixels

    def measured(picture: Picture) -> float:
        return growth(segmenter, np.asarray(picture.images[0].convert("RGB")), subject)

    rounds = best_world(render, request, measured)
    picture = render(request.with_sampling(seed=rounds[0].seed))
    notice = say(
        "The subject grew by {percent:.1f} % of its area; the best of {count} drafts, seed {seed}.",
        percent=100 * measured(picture),
        count=len(rounds),
        seed=rounds[0].seed,
    )
    return replace(picture, notices=(*picture.notices, notice))


def growth(segmenter: Segmenter, picture: Pixels, subject: Mask) -> float:
    """(new area outside the old) / (old area) of the subject as it is found in the picture.

    It is asked for by points inside the old mask. What lies within two pixels of its border is
    an edge, not growth.
    """
    pixels, old = _seen(picture, subject)
    found = segmenter.segment(segmenter.embed(Image.fromarray(pixels)), points=_points_in(old))
    new = max(found, key=lambda each: each.score).mask
    side = 2 * _EDGE + 1
    near = cv2.dilate(old.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
    return float(np.count_nonzero(new & ~near)) / max(1, int(np.count_nonzero(old)))


def best_world(
    render: Callable[[RenderRequest], Picture],
    request: RenderRequest,
    measured: Callable[[Picture], float],
) -> tuple[Round, ...]:
    """Drafts with one seed after the other until one leaves the subject alone; the best is first.

    Three at most. A draft has half the size and few steps, so that all of them together cost less
    than half a render.
    """
    rounds: list[Round] = []
    for each in seeds_tried(request):
        draft = each.with_sampling(count=1, draft=True, steps=None, sigmas=None)
        rounds.append(Round(each.sampling.seed, round(measured(render(draft)), 4)))
        if rounds[-1].growth <= MOST_GROWTH:
            break
    return tuple(sorted(rounds, key=lambda each: each.growth))


def _seen(picture: Pixels, subject: Mask) -> tuple[Pixels, Mask]:
    height, width = subject.shape
    scale = min(1.0, _SEEN_SIDE / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    if picture.shape[:2] != (size[1], size[0]):
        smaller: Any = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        picture = smaller
    if scale == 1.0:
        return picture, subject
    small: Any = cv2.resize(subject.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    return picture, small > 0 if small.any() else np.ones((size[1], size[0]), np.bool_)


def _points_in(mask: Mask) -> Sequence[tuple[float, float]]:
    """Up to four places deep inside the mask and away from each other."""
    depth: Any = cv2.distanceTransform(np.pad(mask.astype(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    apart = round(0.25 * float(np.sqrt(np.count_nonzero(mask)))) + 1
    points: list[tuple[float, float]] = []
    while len(points) < MOST_POINTS:
        row, column = np.unravel_index(int(depth.argmax()), depth.shape)
        if depth[row, column] <= 0 or (points and depth[row, column] < 3):
            break
        points.append((float(column), float(row)))
        cv2.circle(depth, (int(column), int(row)), apart, 0.0, -1)
    return points
