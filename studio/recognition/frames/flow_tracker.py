"""Follow a thing without weights: the click segmenter finds it where it is clicked; from frame to
frame optical flow and matching say where it went, and its own colours say what of it is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.recognition.finder import Pixels
from studio.recognition.frames.alignment import (
    Keyframe,
    Move,
    Picture,
    after,
    aligned,
    flowed,
    shifted,
    turned,
)
from studio.recognition.frames.tracker import Mask, Step
from studio.scene.geometry import Extent
from studio.scene.region import Click
from studio.segmentation.click.click_segmenter import ClickSegmenter
from studio.segmentation.click.outline import at_size, sharpened
from studio.segmentation.segmenter import Segmenter

Floats = NDArray[Any]  # float32; OpenCV's stubs lose the type
_SIDE = 384  # pixels of the longer side of the picture that is looked at
_UNLIKE = 30.0  # of Lab: a pixel so far from the thing's colour there is something before it
_SMALLEST = 20  # pixels: less of a thing than that is out of sight
_CHANGED = 14.0  # of 255: the thing itself has changed so much that it is looked at anew
_WHOLE = 0.9  # of the thing has to be seen for that


@dataclass(frozen=True)
class FlowTracker:
    """Promises the same masks for the same frames and clicks."""

    segmenter: Segmenter = field(default_factory=ClickSegmenter)
    name: str = "click segmenter with optical flow"
    memory: int = 1

    @property
    def digest(self) -> str:
        return f"flow-1:{self.segmenter.digest}"

    @property
    def needs_device(self) -> bool:
        return self.segmenter.needs_device

    def begin(self, extent: Extent, step: Step) -> FlowTrack:
        del step  # motion is looked for from any frame to any other
        return FlowTrack(self.segmenter, extent)


class FlowTrack:
    """It remembers the frame in which the thing was clicked, and the last one."""

    def __init__(self, segmenter: Segmenter, extent: Extent) -> None:
        self._segmenter = segmenter
        self._extent = extent
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._key: Keyframe | None = None
        self._move: Move = np.eye(3)[:2]  # from the keyframe to the last frame
        self._last: Picture | None = None
        self._within: Floats | None = None  # what of the thing was seen in the last frame, 0..1

    def follow(self, number: int, image: Pixels, clicks: Sequence[Click] = ()) -> Mask:
        del number
        working = _working(image)
        within = None if self._key is None else self._found(working)
        if not clicks:
            assert within is not None
            self._last, self._within = working, within
            return at_size(within, self._extent)
        mask = self._clicked(image, clicks, within)
        self._look_anew(working, _resized(mask, working))
        return mask

    def recall(self, number: int, image: Pixels, mask: Mask, *, was_clicked: bool) -> None:
        """The thing is looked for again from where it was clicked: so nothing is lost."""
        del number
        working = _working(image)
        if was_clicked or self._key is None:
            self._look_anew(working, _resized(mask, working))
            return
        self._last, self._within = working, _resized(mask, working)
        if mask.any():
            self._move = self._best(working, turned(self._key, self._within))[0]

    def _clicked(self, image: Pixels, clicks: Sequence[Click], within: Floats | None) -> Mask:
        return self._segmenter.segment(
            self._segmenter.embed(image),
            points=[(click.x, click.y) for click in clicks],
            labels=[click.label for click in clicks],
            mask=None if within is None or not (within > 0.5).any() else 20 * (within - 0.5),
        )[0].mask

    def _look_anew(self, working: Picture, within: Floats) -> None:
        if (within > 0.5).any():
            self._key, self._move = Keyframe.of(working, within), np.eye(3)[:2]
        self._last, self._within = working, within

    def _found(self, working: Picture) -> Floats:
        """What of the thing is seen in the next frame."""
        key = self._key
        assert key is not None
        self._move, off = self._best(working, self._starts(working))
        height, width = working.shape[:2]
        whole = cv2.warpAffine(key.within, self._move, (width, height))
        looks = np.asarray(cv2.warpAffine(key.picture, self._move, (width, height)), np.uint8)
        seen = whole * (_apart(working, looks) < _UNLIKE)
        if int((seen > 0.5).sum()) < _SMALLEST:
            return np.zeros_like(whole)
        within = sharpened(seen > 0.5, working)
        share = float((within > 0.5).sum()) / max(1.0, float((whole > 0.5).sum()))
        if off > _CHANGED and _WHOLE < share < 1 / _WHOLE:
            self._key, self._move = Keyframe.of(working, within), np.eye(3)[:2]
        return within

    def _starts(self, working: Picture) -> list[Move]:
        """Where the thing may have gone: nowhere, as it flowed, as it matches."""
        assert self._last is not None
        assert self._within is not None
        starts = [self._move]
        if int((self._within > 0.5).sum()) < _SMALLEST:
            return starts
        lights = [cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (self._last, working)]
        estimator: Any = self._flow  # its types do not say that the flow may be left out
        flow = estimator.calc(lights[0], lights[1], None)
        moves = [flowed(self._within, flow), shifted(self._last, self._within, working)]
        return [*starts, *(after(self._move, move) for move in moves if move is not None)]

    def _best(self, working: Picture, starts: list[Move]) -> tuple[Move, float]:
        assert self._key is not None
        found = [aligned(self._key, working, start) for start in starts]
        return min(found, key=lambda each: each[1])


def _working(image: Pixels) -> Picture:
    height, width = image.shape[:2]
    scale = _SIDE / max(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=kind), np.uint8)


def _apart(one: Picture, other: Picture) -> Floats:
    """(h, w) of Lab: how far apart two pictures are, pixel by pixel, without their noise."""
    labs = [
        cv2.GaussianBlur(
            cv2.cvtColor(each.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), (0, 0), 1.5
        )
        for each in (one, other)
    ]
    return cv2.GaussianBlur(np.linalg.norm(labs[0] - labs[1], axis=2), (0, 0), 2)


def _resized(mask: Mask, working: Picture) -> Floats:
    height, width = working.shape[:2]
    return cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
