"""How far a run of several scenes is: a line for people, JSON lines for machines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from studio.scene.request import Picture


class Proof(NamedTuple):
    """What differs outside the regions of a saved photo: by how much at most, in how many."""

    largest: int
    most: int  # 255 or 65535
    differing: int
    of: int

    def __str__(self) -> str:
        return f"{self.largest} of {self.most} in {self.differing:,} of {self.of:,} pixels"


@dataclass
class Reporter:
    """Progress on stderr for people, or one JSON object a line on stdout for machines."""

    count: int
    is_jsonl: bool
    done: int = 0
    name: str = ""
    notices: list[str] = field(default_factory=list)
    rendered: int = 0
    seconds: float = 0.0
    began: float = 0.0
    failures: list[str] = field(default_factory=list)

    def begin(self, name: str) -> None:
        self.name, self.began = name, time.monotonic()
        self.notices.clear()

    def step(self, step: Any) -> None:
        left = self._seconds_left(step.index / step.count)
        if self.is_jsonl:
            self._line(event="step", step=step.index, steps=step.count, seconds_left=round(left, 1))
        elif sys.stderr.isatty():
            filled = round(24 * step.index / step.count)
            bar = "#" * filled + "." * (24 - filled)
            text = f"[{self.done + 1}/{self.count}] {self.name} {bar} {step.index}/{step.count}"
            sys.stderr.write(f"\r{text}  {clock(left)} left \033[K")
            sys.stderr.flush()

    def notice(self, text: str) -> None:
        self.notices.append(text)
        if not self.is_jsonl:
            self.say(f"{self.name}: {text}")

    def finished(self, paths: list[Path], picture: Picture, proofs: Sequence[Proof] = ()) -> None:
        """proofs: of an edited photo, what differs outside its regions, picture by picture."""
        self.seconds += time.monotonic() - self.began
        self.rendered += 1
        more: dict[str, Any] = {"seconds": picture.seconds}
        if proofs:
            more["outside"] = [proof._asdict() for proof in proofs]
        self._close("rendered", paths, f"in {picture.seconds:.1f} s", **more)
        if not self.is_jsonl:
            for path, proof in zip(paths, proofs, strict=False):
                print(f"{path}: outside: {proof}", flush=True)

    def skipped(self, paths: list[Path]) -> None:
        self._close("skipped", paths, "was finished already")

    def failed(self, problem: str) -> None:
        self.done += 1
        self.failures.append(self.name)
        if self.is_jsonl:
            self._line(event="failed", error=problem, notices=self.notices)
        else:
            self.say(f"{self.name}: {problem}")

    def stopped(self) -> None:
        if self.is_jsonl:
            self._line(event="stopped", finished=self.done)
        self.say(
            f"Stopped. {self.done} of {self.count} are finished and kept; the same command goes on."
        )

    def end(self) -> None:
        failed = len(self.failures)
        if self.is_jsonl:
            self._line(event="end", finished=self.done - failed, failed=failed)
        elif self.count > 1:
            names = f": {', '.join(self.failures)}" if failed else ""
            self.say(f"{self.done - failed} of {self.count} finished, {failed} failed{names}.")

    def say(self, text: str) -> None:
        if self.is_jsonl:
            return
        start = "\r\033[K" if sys.stderr.isatty() else ""
        print(f"{start}{text}", file=sys.stderr, flush=True)

    def _close(self, event: str, paths: list[Path], words: str, **more: Any) -> None:
        self.done += 1
        files = [str(path) for path in paths]
        if self.is_jsonl:
            self._line(event=event, files=files, notices=self.notices, **more)
        else:
            self.say(f"[{self.done}/{self.count}] {', '.join(files)} {words}")

    def _seconds_left(self, share: float) -> float:
        """Of all scenes: those before took so long, and this one is so far."""
        own = time.monotonic() - self.began
        each = (self.seconds + own) / (self.rendered + share)
        return each * (self.count - self.done) - own

    def _line(self, **content: Any) -> None:
        print(json.dumps({"scene": self.name, **content}), flush=True)


def clock(seconds: float) -> str:
    minutes, seconds = divmod(max(0, round(seconds)), 60)
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
