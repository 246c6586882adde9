"""Runs pip with its pages in a log and one line of progress on the terminal."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import get_terminal_size
from typing import TextIO

from studio.installation.pip_progress import Progress, read_line, told

_DRAW_SECONDS = 0.5
_PLAIN_SECONDS = 30  # between two lines where there is no terminal
_MOST_REASONS = 3


@dataclass
class Screen:
    """One line that is written over on a terminal; elsewhere a plain line now and then."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    _stage: str = ""
    _last: float = float("-inf")

    def show(self, progress: Progress, now: float) -> None:
        text = told(progress, now)
        if self.out.isatty():
            width = get_terminal_size().columns - 1
            self.out.write(f"\r{text[:width]:<{width}}")
        elif progress.stage != self._stage or now - self._last >= _PLAIN_SECONDS:
            self.out.write(f"   {text}\n")
            self._last = now
        self._stage = progress.stage
        self.out.flush()

    def close(self) -> None:
        if self.out.isatty() and self._stage:
            self.out.write("\n")
            self.out.flush()


def run_pip(
    python: Path, arguments: list[str], log: Path, expected_bytes: float, screen: Screen
) -> list[str] | None:
    """None when all is installed; else why not, in pip's words. All it says is added to `log`."""
    command = [str(python), "-u", "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", *_progress_option(python), *arguments]
    began = time.monotonic()
    shown = [Progress(began, expected_bytes)]
    reasons: list[str] = []
    with log.open("a", encoding="utf-8") as pages:
        pages.write(f"$ {' '.join(command)}\n")
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                shown[0] = read_line(shown[0], line, time.monotonic())
                if not line.startswith("Progress "):
                    pages.write(line)
                if line.startswith("ERROR:"):
                    reasons.append(line.removeprefix("ERROR:").strip())

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            while reader.is_alive():
                screen.show(_with_installed(shown[0], python), time.monotonic())
                reader.join(_DRAW_SECONDS)
            code = process.wait()
            if code == 0:
                screen.show(shown[0], time.monotonic())
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait()
            reader.join(10)
            screen.close()
            assert process.stdout is not None
            process.stdout.close()
    return None if code == 0 else reasons[-_MOST_REASONS:]


def installed_count(packages: tuple[str, ...], site_packages: Path) -> int:
    """How many of the packages are in place; pip itself is silent meanwhile."""
    there = {_plain(folder.name.split("-")[0]) for folder in site_packages.glob("*.dist-info")}
    return sum(_plain(name) in there for name in packages)


def _with_installed(progress: Progress, python: Path) -> Progress:
    if progress.stage != "installing":
        return progress
    libraries = python.parent.parent
    found = (*libraries.glob("lib/python*/site-packages"), libraries / "Lib" / "site-packages")
    return replace(progress, installed=installed_count(progress.packages, found[0]))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _progress_option(python: Path) -> list[str]:
    """From pip 24.1 on the bytes can be read along."""
    answer = subprocess.run(
        [str(python), "-c", "import pip; print(pip.__version__)"],
        capture_output=True,
        text=True,
        check=False,
    )
    version = tuple(int(part) for part in re.findall(r"\d+", answer.stdout)[:2])
    return ["--progress-bar", "raw" if version >= (24, 1) else "off"]
