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
import json, socket, sys
from pathlib import Path
import uvicorn
from starlette.routing import Mount
from studio.ui.api.client import ACTIONS, Client
from studio.ui.web.app import build_app
from studio.ui.web.bodies import StrictBodies
from studio.ui.web.login import Credentials
from studio.ui.web.pages import read_page_files
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

studio = open_studio(Path(sys.argv[1]), ScriptedEngine())
login = Credentials("anna", "a long password")
app = build_app(Client(studio), ACTIONS, "0.0.0.0", "studio.lan", login)
listener = socket.create_server(("127.0.0.1", 0))
address = f"http://127.0.0.1:{listener.getsockname()[1]}"
routes = sorted(set(paths_of(app.routes)))
version = read_page_files().version
component = next(each for each in app.user_middleware if each.cls is StrictBodies)
print(json.dumps({"address": address, "routes": routes, "version": version,
                  "component": component.kwargs["component"]}), flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
"""


class Served(NamedTuple):
    """The whole application as it is for others, with a login."""

    address: str
    routes: list[tuple[str, str]]  # method and path, with something for each {field}
    version: str  # of the page's own files
    component: int  # the id of the page's component
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
def inside(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.address) as client:
        assert client.post("/login", data=FORM).json() == {"success": True}
        yield client
