"""The system's package manager, which one program at a time may use: wait for it, do not fail."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable

_TAKEN = re.compile(
    r"could not get lock|unable to lock|unable to acquire the dpkg|is another process using it",
    re.IGNORECASE,
)


def run_when_free(
    command: list[str],
    tell: Callable[[str], None],
    patience_seconds: float = 900,
    pause_seconds: float = 5,
) -> subprocess.CompletedProcess[str]:
    """Run it, again and again while another program holds the package manager's lock."""
    end = time.monotonic() + patience_seconds
    has_told = False
    while True:
        answer = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        )
        is_taken = answer.returncode != 0 and _TAKEN.search(answer.stdout)
        if not is_taken or time.monotonic() > end:
            return answer
        if not has_told:
            tell(f"Another program is using {command[0]}; waiting until it is done ...")
            has_told = True
        time.sleep(pause_seconds)
