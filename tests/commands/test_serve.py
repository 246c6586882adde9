"""`python -m studio serve`: starts, answers, and ends as one expects of a server."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from studio.ui.web.opened import read_note

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
        with urllib.request.urlopen(request(tmp_path / "projects", ""), timeout=30) as page:
            assert page.status == 200
        asked = time.monotonic()
        process.send_signal(number)
        process.wait(30)
        assert time.monotonic() - asked < 10
        assert is_free(port)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def request(projects: Path, path: str, body: bytes | None = None) -> urllib.request.Request:
    """As a script asks: with the token that a second start would find."""
    address, _, token = (read_note(projects) or "").partition("?token=")
    headers = {"content-type": "application/json", "authorization": f"token {token}"}
    return urllib.request.Request(address + path, body, headers)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and signals")
def test_what_it_writes_is_private_and_nothing_stays_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    projects = tmp_path / "projects"
    log = tmp_path / "logs" / "studio.log"
    monkeypatch.setenv("STUDIO_LOG_FILE", str(log))
    with serving(projects, free_port()) as process:
        visitor = Visitor(projects)
        visitor.ask("set_scene", caption="a lawn")
        visitor.wait(lambda: visitor.ask("poll")["saved_at"] is not None)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    written = [each for each in projects.rglob("*") if not each.is_symlink()]
    assert len(written) > 3
    open_to_others = [each for each in (projects, log, *written) if each.stat().st_mode & 0o077]
    assert open_to_others == []
    assert not (projects / ".open.json").exists()
    assert list(temporary.rglob("*")) == []


class Visitor:
    """Does by HTTP what the page does."""

    def __init__(self, projects: Path, **known: str) -> None:
        self.projects = projects
        self.fields: dict[str, Any] = {}
        opened = self.ask("open", **known)
        self.fields = {"session": opened["session"]}
        self.owner, self.project = opened["owner"], opened["project"]["id"]
        self.notices, self.document = opened["notices"], opened["document"]

    def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        body = json.dumps({"data": [{**self.fields, **fields}]}).encode()
        asked = request(self.projects, f"gradio_api/run/{action}", body)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            found = json.load(answer)["data"][0]
        assert found["ok"], found
        return found

    def job(self) -> dict[str, Any]:
        return self.ask("poll")["jobs"][-1]

    def wait(self, claim: Callable[[], bool], seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not claim():
            assert time.monotonic() < end
            time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_service_that_is_stopped_in_mid_render_keeps_all_edits_and_blames_nobody(
    tmp_path: Path,
) -> None:
    known: dict[str, str] = {}
    for stop in range(2):
        port = free_port()
        with serving(tmp_path / "projects", port) as process:
            visitor = Visitor(tmp_path / "projects", **known)
            assert not visitor.notices
            known = {"owner": visitor.owner, "project": visitor.project}
            visitor.wait(lambda asked=visitor: asked.ask("status")["ready"])
            visitor.ask("set_scene", caption="a lawn")
            visitor.ask("set_sampling", steps=900, gamma=1.0)
            started = visitor.ask("render")["job"]["id"]
            visitor.wait(lambda asked=visitor: asked.job()["step"] > 0)
            assert visitor.job()["id"] == started
            visitor.ask("set_sampling", gamma=0.25 * (stop + 1))
            process.send_signal(signal.SIGTERM)
            process.wait(20)
            assert process.stderr is not None
            assert process.returncode == 0, process.stderr.read()
    port = free_port()
    with serving(tmp_path / "projects", port):
        visitor = Visitor(tmp_path / "projects", **known)
        assert visitor.notices == []
        assert visitor.document["sampling"]["gamma"] == 0.5
        assert visitor.document["caption"] == "a lawn"
        visitor.wait(lambda: visitor.ask("status")["ready"])
        visitor.ask("set_sampling", gamma=1.0)
        started = visitor.ask("render")["job"]
        visitor.wait(lambda: visitor.job()["step"] > 0)
        assert visitor.job()["state"] == "running"


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
