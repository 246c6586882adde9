"""pip's pages as one line: what it does now, how much of it is done, and how long still."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

Stage = Literal["looking", "downloading", "installing", "done"]

_COLLECTING = re.compile(r"\s*(?:Collecting|Processing) (\S+)")
_DOWNLOADING = re.compile(r"\s*Downloading (\S+) \(([\d.]+) (bytes|kB|MB|GB)\)")
_BYTES = re.compile(r"Progress (\d+) of (\d+)\s*$")
_INSTALLING = re.compile(r"\s*Installing collected packages: (.+)")
_UNITS = {"bytes": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
_INSTALL_SECONDS_PER_BYTE = 40e-9  # unpacking; a guess until the first packages are in place
_SILENT_SECONDS = 8  # before that a time left would be a guess


@dataclass(frozen=True)
class Download:
    """A file that is coming in. Where pip does not tell the bytes, its speed is the others'."""

    name: str
    size: float
    began: float
    received: float = 0.0


@dataclass(frozen=True)
class Progress:
    """How far pip is. Times are seconds on one clock."""

    began: float
    expected_bytes: float  # of all downloads, guessed before pip knows
    stage: Stage = "looking"
    found: int = 0
    current: Download | None = None
    received: float = 0.0  # by the files before the current one
    downloading_since: float | None = None
    packages: tuple[str, ...] = ()
    installed: int = 0
    installing_since: float | None = None


def read_line(progress: Progress, line: str, now: float) -> Progress:
    """The progress after a line of pip's output."""
    if _COLLECTING.match(line):
        return replace(_arrived(progress), found=progress.found + 1)
    if told := _BYTES.match(line):
        if progress.current is None:
            return progress
        return replace(progress, current=replace(progress.current, received=float(told[1])))
    if told := _DOWNLOADING.match(line):
        if told[1].endswith(".metadata"):
            return progress
        return replace(
            _arrived(progress),
            stage="downloading",
            current=Download(_package(told[1]), float(told[2]) * _UNITS[told[3]], now),
            downloading_since=progress.downloading_since or now,
        )
    if told := _INSTALLING.match(line):
        names = tuple(name.strip() for name in told[1].split(","))
        return replace(_arrived(progress), stage="installing", packages=names, installing_since=now)
    if line.startswith("Successfully installed"):
        return replace(progress, stage="done", installed=len(progress.packages))
    return progress


def seconds_left(progress: Progress, now: float) -> float | None:
    """None while nothing can be said."""
    if progress.stage == "installing":
        return _left_to_install(progress, now)
    if progress.stage != "downloading" or progress.downloading_since is None:
        return None
    seconds = now - progress.downloading_since
    received = received_bytes(progress, now)
    if seconds < _SILENT_SECONDS or received <= 0:
        return None
    total = total_bytes(progress)
    return (total - received) * seconds / received + total * _INSTALL_SECONDS_PER_BYTE


def received_bytes(progress: Progress, now: float) -> float:
    current = progress.current
    if current is None:
        return progress.received
    received = current.received
    if not received and progress.downloading_since is not None:
        before = current.began - progress.downloading_since
        speed = progress.received / before if before > 0 else 0.0
        received = min(speed * (now - current.began), 0.95 * current.size)
    return progress.received + received


def total_bytes(progress: Progress) -> float:
    current = progress.current.size if progress.current else 0.0
    return max(progress.expected_bytes, progress.received + current)


def told(progress: Progress, now: float) -> str:
    """One line for the user."""
    left = seconds_left(progress, now)
    ending = f", {_duration(left)} left" if left is not None else ""
    if progress.stage == "downloading":
        name = f" {progress.current.name}" if progress.current else ""
        received, total = received_bytes(progress, now), total_bytes(progress)
        return f"Downloading{name}: {_size(received)} of about {_size(total)}{ending}"
    if progress.stage == "installing":
        count = len(progress.packages)
        at = min(progress.installed, count - 1)
        return f"Installing {progress.packages[at]}: {at + 1} of {count} packages{ending}"
    if progress.stage == "done":
        return f"Installed {len(progress.packages)} packages in {_duration(now - progress.began)}"
    found = f": {progress.found} so far" if progress.found else ""
    return f"Looking up packages{found}"


def _arrived(progress: Progress) -> Progress:
    """The current file, if any, is here."""
    if progress.current is None:
        return progress
    return replace(progress, current=None, received=progress.received + progress.current.size)


def _left_to_install(progress: Progress, now: float) -> float | None:
    since = progress.installing_since
    if since is None or now - since < _SILENT_SECONDS or not progress.installed:
        return None
    each = (now - since) / progress.installed
    return each * (len(progress.packages) - progress.installed)


def _package(file: str) -> str:
    return re.split(r"-\d", file.rsplit("/", 1)[-1])[0]


def _size(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min"
