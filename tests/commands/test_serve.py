"""`python -m studio serve`: starts, answers, and ends as one expects of a server."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BASE = Path(__file__).parent.parent / "data" / "parity" / "base"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def command(projects: Path, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "studio", "serve", "--no-browser", "--segmenter", "click"),
        *("--base", str(BASE), "--device", "cpu", "--projects", str(projects)),
        *("--port", str(port)),
    ]


@contextmanager
def serving(projects: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command(projects, port), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert f"http://127.0.0.1:{port}" in line, line + (process.stderr and process.stderr.read())
        try:
            yield process
        finally:
            process.kill()


def is_free(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_and_frees_the_port(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    with serving(tmp_path / "projects", port) as process:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
            assert page.status == 200
        asked = time.monotonic()
        process.send_signal(number)
        process.wait(30)
        assert time.monotonic() - asked < 10
        assert is_free(port)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


@pytest.mark.slow
def test_a_second_studio_is_told_of_the_first(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path / "projects", port):
        same_port = subprocess.run(
            command(tmp_path / "other", port), capture_output=True, text=True, check=False
        )
        same_folder = subprocess.run(
            command(tmp_path / "projects", free_port()), capture_output=True, text=True, check=False
        )
    assert same_port.returncode in (1, 2)
    assert f"Port {port}" in same_port.stderr
    assert same_folder.returncode in (1, 2)
    for answer in (same_port, same_folder):
        assert "Traceback" not in answer.stderr
        assert len(answer.stderr.strip().splitlines()) <= 2
