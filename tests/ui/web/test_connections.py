"""Silent, trickling and deaf connections are ended, and disturb nobody meanwhile."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from studio.config import HOME
from studio.ui.web import connections
from studio.ui.web.app import server_config
from studio.ui.web.body_limits import Pace
from studio.ui.web.connections import PatientServer
from studio.ui.web.guard import Guard

HEAD = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n"


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def large(request: Request) -> Response:
    del request
    return Response(bytes(30_000_000))


async def careless(request: Request) -> PlainTextResponse:
    """Answers without reading what was sent."""
    del request
    return PlainTextResponse("done")


@contextmanager
def listening(pace: Pace | None = None) -> Iterator[int]:
    routes = [
        Route("/", echo, methods=["GET", "POST"]),
        Route("/large", large),
        Route("/careless", careless, methods=["POST"]),
    ]
    server = PatientServer(server_config(Guard(Starlette(routes=routes), pace=pace)))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


@contextmanager
def line(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        yield connection


def is_ended(connection: socket.socket) -> bool:
    """Waits for the end, and reads what comes before it."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def trickle(connection: socket.socket, piece: bytes) -> None:
    """For 5 s, unless it is ended."""
    started = time.monotonic()
    while time.monotonic() - started < 5:
        connection.sendall(piece)
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.4)
    monkeypatch.setattr(connections, "LEAVE_SECONDS", 0.4)
    monkeypatch.setattr(connections, "TAKE_SECONDS", 0.4)


def test_a_connection_that_says_nothing_is_ended() -> None:
    with listening() as port, line(port) as silent:
        assert is_ended(silent)


def test_a_head_that_trickles_is_ended_however_long_it_goes_on() -> None:
    with listening() as port, line(port) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(ConnectionError):
            trickle(slow, b"x: y\r\n")


def test_a_second_request_on_the_same_connection_may_not_trickle_either() -> None:
    with listening() as port, line(port) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b"200 OK" in slow.recv(65536)
        slow.sendall(b"GET / HTTP/1.1\r\n")
        assert is_ended(slow)


def test_a_body_that_stops_or_trickles_is_refused() -> None:
    silent = Pace(silence=0.3)
    with listening(silent) as port, line(port) as slow:
        slow.sendall(HEAD + b"x")
        assert b"408" in slow.recv(65536)
        assert is_ended(slow)
    slowest = Pace(silence=5, start=0.4, bytes_per_second=1000)
    with listening(slowest) as port, line(port) as slow:
        slow.sendall(HEAD)
        with pytest.raises(ConnectionError):
            trickle(slow, b"x")


def test_a_body_at_an_honest_pace_arrives() -> None:
    pace = Pace(silence=0.5, start=0.2, bytes_per_second=1000)

    def pieces() -> Iterator[bytes]:
        for _ in range(10):
            time.sleep(0.1)
            yield b"x" * 1000

    with listening(pace) as port:
        assert httpx.post(f"http://127.0.0.1:{port}/", content=pieces()).text == "10000"


def test_what_nobody_reads_of_a_request_may_not_go_on_for_ever() -> None:
    with listening() as port, line(port) as slow:
        slow.sendall(HEAD.replace(b"POST /", b"POST /careless") + b"x")
        answer = b""
        while not answer.endswith(b"done"):
            answer += slow.recv(65536)
        with pytest.raises(ConnectionError):
            trickle(slow, b"x")


def test_an_answer_that_nobody_takes_is_given_up() -> None:
    with listening() as port, line(port) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        time.sleep(1.2)
        received = 0
        with suppress(ConnectionError):
            while data := deaf.recv(65536):
                received += len(data)
        assert 0 < received < 30_000_000


def test_a_slow_reader_who_does_read_gets_all() -> None:
    with listening() as port, line(port) as slow:
        slow.sendall(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        received, started = 0, time.monotonic()
        while data := slow.recv(2_000_000):
            received += len(data)
            time.sleep(0.04)
        assert received > 30_000_000
        assert time.monotonic() - started > connections.TAKE_SECONDS


def test_thirty_stalled_connections_disturb_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_SECONDS", "LEAVE_SECONDS", "TAKE_SECONDS"):
        monkeypatch.setattr(connections, name, 30.0)
    with listening() as port, ExitStack() as stalled:
        for number in range(30):
            each = stalled.enter_context(line(port))
            each.sendall((b"", b"GET / HT", HEAD + b"half", b"GET /large HTTP/1.1\r\n")[number % 4])
        seconds: list[float] = []
        with httpx.Client() as http:
            for _ in range(50):
                start = time.perf_counter()
                assert http.get(f"http://127.0.0.1:{port}/").text == "0"
                seconds.append(time.perf_counter() - start)
        assert sorted(seconds)[47] < 0.3


FEW_FILES = """
import json, resource, socket, sys, threading
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from studio.commands.log_lines import write_lines
from studio.ui.web.app import server_config
from studio.ui.web.connections import PatientServer
from studio.ui.web.guard import Guard

write_lines(30)
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))

async def own_file(request):
    with open(__import__("os").devnull, "rb"):
        return PlainTextResponse("opened")

listener = socket.create_server(("127.0.0.1", 0))
print(json.dumps(listener.getsockname()[1]), flush=True)
app = Guard(Starlette(routes=[Route("/", own_file)]))
PatientServer(server_config(app)).run(sockets=[listener])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_with_few_file_descriptors_it_refuses_connections_and_goes_on() -> None:
    command = [sys.executable, "-c", FEW_FILES]
    with subprocess.Popen(
        command, cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        port = json.loads(process.stdout.readline())
        address = f"http://127.0.0.1:{port}/"
        try:
            with httpx.Client() as known:
                assert known.get(address).text == "opened"
                with ExitStack() as crowd:
                    for _ in range(200):
                        crowd.enter_context(line(port))
                    assert known.get(address).text == "opened"  # on its connection
                time.sleep(0.3)
                assert httpx.get(address).text == "opened"
            assert process.poll() is None
        finally:
            process.terminate()
        log = process.stderr.read()
    assert "Traceback" not in log
    assert len(log) < 5000
