"""`python -m studio segment --frames FOLDER`: a click on one frame, masks on all."""

from __future__ import annotations

import argparse
import sys
import time

from studio.config import settings_from
from studio.recognition.frames.folder import FrameFolder
from studio.recognition.frames.following import follow_thing
from studio.recognition.frames.results import FrameResults
from studio.recognition.frames.tracker import Mask
from studio.recognition.loading import load_tracker
from studio.scene.errors import BadInput, PromptError, StudioError
from studio.scene.region import Click


def follow(given: argparse.Namespace, clicks: tuple[Click, ...]) -> int:
    """Write each frame's mask and scene as it is found, and tell how far it is."""
    if given.box or given.everything or given.similar or given.find is not None:
        raise PromptError("--frames goes with --point and --not.")
    if given.out.is_file():
        raise PromptError(f"--out {given.out} is a file; with --frames it is a folder.")
    frames = FrameFolder.open(given.frames)
    results = FrameResults(given.out, given.caption or "")
    known = _with(results.read_clicks(), given.frame, clicks, len(frames))
    tracker = load_tracker(settings_from(given))
    results.keep_clicks(known)
    teller = _Teller(frames, time.monotonic())
    try:
        follow_thing(frames, tracker, known, results, teller)
    except (StudioError, KeyboardInterrupt) as fault:
        kept = f"{teller.done} frames were finished now and are kept; the same command goes on."
        teller.clear()
        if isinstance(fault, BadInput) and teller.done:
            raise type(fault)(f"{fault} {kept}") from fault
        if teller.done:
            print(kept, file=sys.stderr)
        raise
    teller.clear()
    left_out = len(frames) - teller.done
    before = f", {left_out} were finished already" if left_out else ""
    print(f"{given.out}: masks of {len(frames)} frames{before}, by {tracker.name}")
    return 0


def _with(
    known: dict[int, tuple[Click, ...]],
    frame: int | None,
    clicks: tuple[Click, ...],
    count: int,
) -> dict[int, tuple[Click, ...]]:
    """The clicks of the runs before, with those of this one in place of its frame's."""
    if frame is not None and not 1 <= frame <= count:
        raise PromptError(f"--frame is {frame}; the folder has frames 1 to {count}.")
    if not clicks:
        if frame is None and known:
            return known
        raise PromptError("Give --point on the thing, and --frame if it is not on the first one.")
    return {**known, (frame or 1) - 1: clicks}


class _Teller:
    """A line on a terminal that says how far it is."""

    def __init__(self, frames: FrameFolder, began: float) -> None:
        self.done = 0
        self._frames = frames
        self._began = began

    def __call__(self, number: int, mask: Mask) -> None:
        self.done += 1
        if sys.stderr.isatty():
            each = (time.monotonic() - self._began) / self.done
            seen = f"{mask.mean():.1%}" if mask.any() else "out of sight"
            text = f"{self._frames.name(number)}: {seen}, {each:.2f} s a frame"
            sys.stderr.write(f"\r[{self.done}/{len(self._frames)}] {text} \033[K")
            sys.stderr.flush()

    def clear(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")
