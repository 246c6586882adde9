"""The README's commands and its Python work as they stand."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """What can be run here: not what clones, opens the page, or needs downloads."""
    lines = [line for block in blocks("bash") for line in block.splitlines()]
    return [line for line in lines if line.startswith("python -m studio")]


def run(arguments: list[str], folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(
        arguments, cwd=folder, capture_output=True, text=True, env=environment, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.slow
def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    for name in ("assets", "weights"):
        (tmp_path / name).symlink_to(ROOT / name)
    for line in commands():
        run([sys.executable, *shlex.split(line)[1:]], tmp_path)
    first, again = tmp_path / "out" / "example.png", tmp_path / "out" / "again.png"
    assert first.read_bytes() == again.read_bytes()


@pytest.mark.slow
def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    for block in blocks("python"):
        run([sys.executable, "-c", block], tmp_path)
    assert (tmp_path / "out" / "ball.png").exists()


def test_the_two_commands_are_the_ones_that_exist() -> None:
    assert "python launch.py\n" in README
    assert "`python launch.py test`" in README
