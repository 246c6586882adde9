"""scripts/pythons.py: which Pythons it finds, and what it tells of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.pythons import Outcome, find_python, table


def test_the_newest_patch_that_pyenv_has_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for version in ("3.10.9", "3.10.13", "3.1.2"):
        program = tmp_path / version / "bin" / "python3"
        program.parent.mkdir(parents=True)
        program.touch(mode=0o755)
    assert find_python("3.10", tmp_path) == str(tmp_path / "3.10.13" / "bin" / "python3")
    assert find_python("3.13", tmp_path) is None
    (tmp_path / "python3.13").touch(mode=0o755)
    assert find_python("3.13", tmp_path) == str(tmp_path / "python3.13")


def test_the_table_has_a_line_for_each() -> None:
    outcomes = [Outcome("3.10", 61.2, 99.6, "700 passed in 99 s", True)]
    assert table(outcomes).splitlines() == [
        "Python   install    tests  result",
        "3.10        61 s    100 s  700 passed in 99 s",
    ]
