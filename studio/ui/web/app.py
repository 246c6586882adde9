"""The page: Gradio round one canvas component, with its own routes and a guard in front."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import webbrowser
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.routing import Mount
from starlette.types import ASGIApp

from studio.scene.errors import StudioError
from studio.ui.api.client import Client
from studio.ui.web.addresses import WILDCARDS, host_names, proxy_addresses, shown_address
from studio.ui.web.bodies import ComponentCalls
from studio.ui.web.canvas import RegionCanvas
from studio.ui.web.connections import (
    MOST_AT_ONCE,
    BoundedProtocol,
    PatientServer,
    raise_descriptors,
)
from studio.ui.web.door import Door
from studio.ui.web.door_routes import add_door_routes
from studio.ui.web.entries import Entries
from studio.ui.web.gate import Gate
from studio.ui.web.guard import Guard
from studio.ui.web.lanes import Lanes
from studio.ui.web.opened import noted
from studio.ui.web.pages import read_page_files
from studio.ui.web.prefix import Prefix
from studio.ui.web.routes import add_routes
from studio.ui.web.way import Way

log = logging.getLogger(__name__)

_MOST_STATES = 64  # that Gradio keeps for its sessions; ours keep nothing there
_MOST_CALLS = 64  # of gradio_client at once; what they wait for has bounds of its own
_WORDS = {
    "en": {"title": "Seg2Any Studio", "call": "One action of the studio"},
    "zh-CN": {"title": "Seg2Any 工作室", "call": "工作室的一个操作"},
}


def build_app(
    client: Client,
    actions: Iterable[str] = (),
    way: Way | None = None,
    entries: Entries | None = None,
) -> FastAPI:
    """The whole web application. `actions` are also offered by name to gradio_client.

    entries: where it is kept who was let in; None: in memory alone.
    """
    way = way or Way()
    entries = entries or Entries()
    pages, lanes = read_page_files(), Lanes(client)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_routes(app, lanes, pages)
    add_door_routes(app, entries if way.lock is not None else None)
    words = gr.I18n(**_WORDS)
    with gr.Blocks(
        title="Seg2Any Studio", fill_height=True, fill_width=True, analytics_enabled=False
    ) as page:
        page.state_session_capacity = _MOST_STATES
        page.queue(max_size=_MOST_CALLS, default_concurrency_limit=_MOST_CALLS)
        canvas = RegionCanvas(elem_id="studio", label=words("title"))
        for action in actions:
            gr.api(_endpoint(lanes, action), api_name=action, queue=False)
    font = ["system-ui", "sans-serif"]
    app = gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=gr.themes.Base(font=font, font_mono=["ui-monospace", "monospace"]),
        head=pages.head,
        i18n=words,
        root_path=way.prefix or None,
        run_history=False,
        footer_links=[],
        allowed_paths=[],
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        max_file_size="50mb",
        favicon_path=str(Path(__file__).parent.parent / "page" / "icon.svg"),
    )
    _mend_refusals(app)
    app.add_middleware(ComponentCalls, component=canvas._id, lanes=lanes)
    app.add_middleware(Gate)
    if way.lock is not None:
        app.add_middleware(Door, lock=way.lock, entries=entries)
    if way.prefix:
        app.add_middleware(Prefix, prefix=way.prefix)
    is_wild = way.host in WILDCARDS
    app.add_middleware(Guard, hosts=host_names(way.host, way.names), takes_addresses=is_wild)
    return app


def serve(
    app: FastAPI,
    way: Way,
    *,
    projects: Path | None = None,
    fragment: str = "",
    opens_browser: bool = True,
    on_ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Listen until stopped. A busy port is an error, never silently another one.

    fragment: "#..." of the page that is opened. projects: where a second start looks for this one.
    """
    listener = _listen(way.host, way.port)
    address = shown_address(way.host, listener.getsockname()[1])
    raise_descriptors()
    server = PatientServer(server_config(app, way.trusted_proxy))

    def announce() -> None:
        shown = way.entrance(address, fragment)
        on_ready(shown)
        if opens_browser:
            webbrowser.open(shown)

    if hasattr(signal, "SIGHUP"):  # the terminal was closed: end in good order

        def hang_up(*_: Any) -> None:
            server.should_exit = True

        signal.signal(signal.SIGHUP, hang_up)
    threading.Timer(0.3, announce).start()
    with listener, noted(projects, way.entrance(address)):
        server.run(sockets=[listener])


def server_config(app: ASGIApp, trusted_proxy: str | None = None) -> uvicorn.Config:
    """Who asks is who is connected; X-Forwarded-For is heard from a trusted proxy alone."""
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        backlog=MOST_AT_ONCE,
        ws="none",
        log_level="warning",
        timeout_graceful_shutdown=2,
        proxy_headers=trusted_proxy is not None,
        forwarded_allow_ips=proxy_addresses(trusted_proxy),
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only where the protocol is named does asyncio send small answers at once (TCP_NODELAY);
    # without it the end of each answer waits some 40 ms for the browser's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise StudioError(
            "Port {port} on {host} cannot be used ({reason}). Is the studio open already? Choose "
            "another with --port.",
            port=port,
            host=host,
            reason=error.strerror,
        ) from error
    return listener


def _mend_refusals(app: FastAPI) -> None:
    """Gradio tells in JSON what it refuses and fails where that is NaN or no text."""

    def refuse(request: Request, fault: Exception) -> JSONResponse:
        del request, fault
        return JSONResponse({"detail": "This is not what the address takes."}, 422)

    for route in app.routes:
        if isinstance(route, Mount) and isinstance(route.app, FastAPI):
            route.app.add_exception_handler(RequestValidationError, refuse)


def _endpoint(lanes: Lanes, action: str) -> Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]:
    async def endpoint(payload: dict) -> dict:
        return await lanes.call(action, payload)

    endpoint.__name__ = action
    endpoint.__doc__ = f"The studio's action {action!r}; takes and answers one JSON object."
    return endpoint
