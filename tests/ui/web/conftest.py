"""The whole application over real HTTP, for every test of this folder."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from studio.config import HOME
from studio.ui.web.login import Credentials

ANNA = Credentials("anna", "a long password")
FORM = {"username": ANNA.user, "password": ANNA.password}

SERVER = """
import asyncio, json, socket, sys
from pathlib import Path
from starlette.routing import Mount
from studio.ui.api.client import ACTIONS, Client
from studio.ui.web.app import build_app, server_config
from studio.ui.web.bodies import ComponentCalls
from studio.ui.web.connections import PatientServer
from studio.ui.web.login import Credentials, Password, StartToken
from studio.ui.web.pages import read_page_files
from studio.ui.web.way import Way
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import open_studio

def paths_of(routes, before=""):
    for route in routes:
        if isinstance(route, Mount):
            yield from paths_of(route.routes, before + route.path)
        elif hasattr(route, "original_router"):  # included by Gradio under its prefix
            yield from paths_of(route.original_router.routes, before + "/gradio_api")
        elif hasattr(route, "path"):
            parts = ["x" if part.startswith("{") else part for part in route.path.split("/")]
            for method in getattr(route, "methods", None) or {"GET"}:
                yield method, before + "/".join(parts)

client = Client(open_studio(Path(sys.argv[1]), ScriptedEngine()))
lock = Password(Credentials("anna", "a long password"))
app = build_app(client, ACTIONS, Way("0.0.0.0", names="studio.lan", lock=lock))
token = StartToken()
own = build_app(client, ACTIONS, Way(lock=token))
routes = sorted(set(paths_of(app.routes)))
component = next(each for each in app.user_middleware if each.cls is ComponentCalls)
listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
address, own_address = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in listeners)
print(json.dumps({"address": address, "routes": routes, "version": read_page_files().version,
                  "component": component.kwargs["component"],
                  "own": own_address, "token": token.token}), flush=True)

async def serve():
    servers = [PatientServer(server_config(each)) for each in (app, own)]
    await asyncio.gather(*(server.serve([listener])
                           for server, listener in zip(servers, listeners)))

asyncio.run(serve())
"""


class Served(NamedTuple):
    """The whole application as it is for others, with a login, and as it is for oneself."""

    address: str
    routes: list[tuple[str, str]]  # method and path, with something for each {field}
    version: str  # of the page's own files
    component: int  # the id of the page's component
    own: str  # where the one for oneself is
    token: str  # that opens it
    log: Path  # all that the server says


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """In a process of its own, as Gradio leaves event loops open."""
    folder = tmp_path_factory.mktemp("door")
    log = folder / "log.txt"
    command = [sys.executable, "-c", SERVER, str(folder / "projects")]
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, cwd=HOME, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        assert process.stdout is not None
        yield Served(**json.loads(process.stdout.readline()), log=log)
        process.terminate()


@pytest.fixture
def own(served: Served) -> Iterator[httpx.Client]:
    """A browser that was let in by the address of this start."""
    with httpx.Client(base_url=served.own, follow_redirects=True) as client:
        assert client.get(f"/?token={served.token}").status_code == 200
        yield client


@pytest.fixture
def inside(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.address) as client:
        assert client.post("/login", data=FORM).json() == {"success": True}
        yield client
