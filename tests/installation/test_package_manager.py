"""Another program holds the package manager's lock."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.installation.package_manager import run_when_free

pytestmark = pytest.mark.skipif(os.name == "nt", reason="package managers of Linux")

REFUSALS = [
    "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711 (apt-get)",
    "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another "
    "process using it?",
]


@pytest.fixture
def manager(tmp_path: Path) -> Path:
    """Refuses once for each line in `refusals`, then does its work."""
    program = tmp_path / "apt-get"
    program.write_text(
        '#!/bin/sh\ncd "$(dirname "$0")"\necho x >> calls\n'
        'line=$(sed -n "$(wc -l < calls)p" refusals)\n'
        '[ -z "$line" ] && { echo done "$@"; exit 0; }\necho "$line" >&2; exit 100\n'
    )
    program.chmod(0o755)
    return program


def test_its_lock_is_waited_for_and_told_once(manager: Path) -> None:
    manager.with_name("refusals").write_text("\n".join(REFUSALS) + "\n")
    said: list[str] = []
    answer = run_when_free([str(manager), "install"], said.append, pause_seconds=0.01)
    assert (answer.returncode, answer.stdout) == (0, "done install\n")
    assert len(said) == 1
    assert "waiting" in said[0]


def test_any_other_failure_is_no_reason_to_wait(manager: Path) -> None:
    manager.with_name("refusals").write_text("E: Unable to locate package chromium\n")
    answer = run_when_free([str(manager), "install"], print, pause_seconds=60)
    assert answer.returncode == 100
    assert "Unable to locate" in answer.stdout


def test_patience_ends(manager: Path) -> None:
    manager.with_name("refusals").write_text("\n".join(REFUSALS * 50) + "\n")
    answer = run_when_free([str(manager)], lambda text: None, patience_seconds=0, pause_seconds=0.1)
    assert answer.returncode == 100
    assert manager.with_name("calls").read_text().count("x") == 1
