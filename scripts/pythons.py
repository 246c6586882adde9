"""The quick tests on every Python that the studio promises, each in an environment of its own.

    python -m scripts.pythons                  # those that are found: on the PATH, or in pyenv
    python -m scripts.pythons 3.10 3.13        # these alone
    python -m scripts.pythons -- -x tests/ui   # what follows is for pytest

An environment takes 2 GB and some minutes the first time; they stay in runs/pythons.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import launch

VERSIONS = ("3.10", "3.11", "3.12", "3.13")
FOLDER = launch.ROOT / "runs" / "pythons"
QUICK = ["-q", "-m", "not browser and not slow and not gpu and not weights"]


@dataclass(frozen=True)
class Outcome:
    """What came of one Python."""

    version: str
    install_seconds: float
    test_seconds: float
    summary: str
    is_good: bool


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("versions", nargs="*", help=f"of {', '.join(VERSIONS)}; else all found")
    ours, pytest_options = _split(arguments)
    wanted = parser.parse_args(ours).versions or list(VERSIONS)
    outcomes: list[Outcome] = []
    for version in wanted:
        python = find_python(version)
        if python is None:
            print(f"Python {version} is not installed; skipped.", flush=True)
            continue
        outcomes.append(try_python(version, python, pytest_options or QUICK))
    print(table(outcomes))
    return 0 if outcomes and all(outcome.is_good for outcome in outcomes) else 1


def find_python(version: str, pyenv: Path | None = None) -> str | None:
    """An interpreter of this version: by its name on the PATH, or the newest that pyenv has."""
    pyenv = pyenv or Path.home() / ".pyenv" / "versions"
    folders = sorted(pyenv.glob(f"{version}.*"), key=lambda folder: _numbers(folder.name))
    for folder in reversed(folders):
        if (folder / "bin" / "python3").exists():
            return str(folder / "bin" / "python3")
    return shutil.which(f"python{version}")


def try_python(version: str, python: str, pytest_options: list[str]) -> Outcome:
    """Make the environment, or go on with the one that is there, and run the tests in it."""
    venv = FOLDER / version
    log = FOLDER / f"{version}.log"
    FOLDER.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    own = str(launch.venv_python(venv, os.name))
    requirements = ["requirements.txt", "requirements-dev.txt"]
    install = [own, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    install += [part for name in requirements for part in ("-r", name)]
    print(f"Python {version}: installing into {venv} ...", flush=True)
    if not Path(own).exists() and not _passes([python, "-m", "venv", str(venv)], log):
        return Outcome(version, 0, 0, f"no environment, see {log}", False)
    if not _passes(install, log):
        return Outcome(version, time.monotonic() - began, 0, f"not installed, see {log}", False)
    installed = time.monotonic()
    print(f"Python {version}: testing ...", flush=True)
    is_good = _passes([own, "-m", "pytest", *pytest_options], log)
    summary = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1]
    seconds = time.monotonic() - installed
    return Outcome(version, installed - began, seconds, summary.strip("= "), is_good)


def table(outcomes: list[Outcome]) -> str:
    lines = ["Python   install    tests  result"]
    for outcome in outcomes:
        lines.append(
            f"{outcome.version:7} {outcome.install_seconds:6.0f} s {outcome.test_seconds:6.0f} s  "
            f"{outcome.summary}"
        )
    return "\n".join(lines)


def _passes(command: list[str], log: Path) -> bool:
    with log.open("a", encoding="utf-8") as pages:
        pages.write(f"$ {' '.join(command)}\n")
        pages.flush()
        return subprocess.call(command, cwd=launch.ROOT, stdout=pages, stderr=pages) == 0


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Ours, and pytest's after `--`."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split(".") if part.isdigit())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
