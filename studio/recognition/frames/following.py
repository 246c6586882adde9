"""Follow one thing through all frames: forward from the first click, then back to the beginning."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Protocol

from studio.recognition.finder import Asked, Pixels
from studio.recognition.frames.results import Clicks
from studio.recognition.frames.tracker import FrameTracker, Mask, Track
from studio.scene.errors import PromptError
from studio.scene.geometry import Extent
from studio.scene.region import Click
from studio.segmentation.segmenter import check_cancel

OnFrame = Callable[[int, Mask], None]  # the frame's number and its mask


class Frames(Protocol):
    """Where frames come from, by number from 0."""

    @property
    def extent(self) -> Extent: ...

    def __len__(self) -> int: ...

    def name(self, number: int) -> str: ...

    def identity(self, number: int) -> str: ...

    def read(self, number: int) -> Pixels: ...


class Results(Protocol):
    """Where masks go; what is there is not made again."""

    def is_done(self, name: str, key: str) -> bool: ...

    def mask(self, name: str) -> Mask: ...

    def put(self, name: str, mask: Mask, key: str, clicks: tuple[Click, ...] = ()) -> None: ...


def follow_thing(
    frames: Frames,
    tracker: FrameTracker,
    clicks: Clicks,
    results: Results,
    on_frame: OnFrame | None = None,
    cancel: Asked = None,
) -> None:
    """Every frame's mask into `results`. A correction changes its frame and those after it.

    Frames that are finished with these clicks are left as they are; `on_frame` hears of the others.
    A frame that cannot be read ends the run, and what is finished stays.
    """
    _check(frames, clicks)
    first = min(clicks)
    for step in (1, -1):
        numbers = range(first, len(frames)) if step == 1 else range(first, -1, -1)
        keys = _keys(frames, tracker, clicks, numbers)
        done = 0
        while done < len(numbers) and results.is_done(frames.name(numbers[done]), keys[done]):
            done += 1
        if done == len(numbers):
            continue
        track = tracker.begin(frames.extent, step)
        _take_up(track, frames, results, numbers[:done], clicks, tracker.memory)
        for number, key in zip(numbers[done:], keys[done:], strict=True):
            check_cancel(cancel)
            own = tuple(clicks.get(number, ()))
            mask = track.follow(number, frames.read(number), own)
            results.put(frames.name(number), mask, key, own)
            if on_frame is not None:
                on_frame(number, mask)


def _take_up(
    track: Track,
    frames: Frames,
    results: Results,
    finished: Sequence[int],
    clicks: Clicks,
    memory: int,
) -> None:
    """Remind a track of the clicked frames, and of the last ones."""
    recent = set(finished[-memory:]) if memory else set[int]()
    for number in finished:
        if number in clicks or number in recent:
            mask = results.mask(frames.name(number))
            track.recall(number, frames.read(number), mask, was_clicked=number in clicks)


def _keys(
    frames: Frames, tracker: FrameTracker, clicks: Clicks, numbers: Sequence[int]
) -> list[str]:
    """For each frame a digest of all that decides its mask: the tracker and the clicks so far."""
    content = hashlib.blake2b(repr((tracker.digest, tuple(frames.extent))).encode(), digest_size=12)
    keys: list[str] = []
    for number in numbers:
        own = [tuple(each) for each in clicks.get(number, ())]
        if own:
            content.update(repr((number, own)).encode())
        each = content.copy()
        each.update(frames.identity(number).encode())
        keys.append(each.hexdigest())
    return keys


def _check(frames: Frames, clicks: Clicks) -> None:
    if not clicks or not any(clicks.values()):
        raise PromptError("Click on the thing in one of the frames.")
    for number, own in clicks.items():
        if not 0 <= number < len(frames):
            raise PromptError(
                "There is no frame {number}; the series has {count}.",
                number=number + 1,
                count=len(frames),
            )
        for click in own:
            if not (0 <= click.x < frames.extent.width and 0 <= click.y < frames.extent.height):
                raise PromptError(
                    "The click ({x:g}, {y:g}) is outside the frames of {extent} pixels.",
                    x=click.x,
                    y=click.y,
                    extent=frames.extent,
                )
    if not any(click.label for click in clicks[min(clicks)]):
        raise PromptError("The first click has to be on the thing itself.")
