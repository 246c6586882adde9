"""Two studios on one folder, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.files.lock_file import FolderLock
from studio.scene.errors import StorageError

HOLD = """
import sys
from pathlib import Path
from studio.files.lock_file import FolderLock

lock = FolderLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_folder_held_by_another_process_is_refused_until_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StorageError) as refusal:
            FolderLock(tmp_path)
        assert str(refusal.value).startswith(f"Another studio is using the projects in {tmp_path}.")
        assert "\n" not in str(refusal.value)
        other.kill()
        other.wait(10)
        FolderLock(tmp_path).release()
    assert (tmp_path / ".lock").exists()
