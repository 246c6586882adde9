"""The page: Gradio round one canvas component, with its own routes and a guard in front."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterable
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
from studio.scene.sentences import say
from studio.ui.api.client import Client
from studio.ui.web.addresses import WILDCARDS, host_names, proxy_addresses, shown_address
from studio.ui.web.bodies import StrictBodies
from studio.ui.web.canvas import RegionCanvas
from studio.ui.web.guard import Guard
from studio.ui.web.login import Credentials, Login
from studio.ui.web.pages import read_page_files
from studio.ui.web.routes import add_routes

log = logging.getLogger(__name__)

_WORDS = {
    "en": {"title": "Seg2Any Studio", "call": "One action of the studio"},
    "zh-CN": {"title": "Seg2Any 工作室", "call": "工作室的一个操作"},
}


def build_app(
    client: Client,
    actions: Iterable[str] = (),
    host: str = "127.0.0.1",
    names: str | None = None,
    login: Credentials | None = None,
) -> FastAPI:
    """The whole web application. `actions` are also offered by name to gradio_client.

    host: where it will listen; names: what else it is called, by commas.
    """
    pages = read_page_files()
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_routes(app, client, pages)
    words = gr.I18n(**_WORDS)
    with gr.Blocks(
        title="Seg2Any Studio",
        fill_height=True,
        fill_width=True,
        analytics_enabled=False,
        delete_cache=(3600, 86400),
    ) as page:
        canvas = RegionCanvas(_answering(client), elem_id="studio", label=words("title"))
        for action in actions:
            gr.api(_endpoint(client, action), api_name=action, queue=False)
    font = ["system-ui", "sans-serif"]
    app = gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=gr.themes.Base(font=font, font_mono=["ui-monospace", "monospace"]),
        head=pages.head,
        i18n=words,
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
    app.add_middleware(StrictBodies, component=canvas._id)
    if login is not None:
        app.add_middleware(Login, credentials=login)
    app.add_middleware(Guard, hosts=host_names(host, names), takes_addresses=host in WILDCARDS)
    return app


def serve(
    app: FastAPI,
    host: str,
    port: int,
    *,
    fragment: str = "",
    opens_browser: bool = True,
    on_ready: Callable[[str], None] = lambda address: None,
    trusted_proxy: str | None = None,
) -> None:
    """Listen until stopped. A busy port is an error, never silently another one.

    fragment: "/#..." of the page that is opened.
    """
    listener = _listen(host, port)
    address = shown_address(host, listener.getsockname()[1]) + fragment
    server = uvicorn.Server(server_config(app, trusted_proxy))

    def announce() -> None:
        on_ready(address)
        if opens_browser:
            webbrowser.open(address)

    if hasattr(signal, "SIGHUP"):  # the terminal was closed: end in good order

        def hang_up(*_: Any) -> None:
            server.should_exit = True

        signal.signal(signal.SIGHUP, hang_up)
    threading.Timer(0.3, announce).start()
    with listener:
        server.run(sockets=[listener])


def server_config(app: ASGIApp, trusted_proxy: str | None = None) -> uvicorn.Config:
    """Who asks is who is connected; X-Forwarded-For is heard from a trusted proxy alone."""
    return uvicorn.Config(
        app,
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


def _answering(client: Client) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The component's server function: `action` and the fields of its payload in one dict."""

    def call(request: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(request, dict) or not isinstance(request.get("action"), str):
            return {"ok": False, "kind": "BadInput", "error": say("The request names no action.")}
        payload = {name: value for name, value in request.items() if name != "action"}
        return client.call(request["action"], payload)

    return call


def _endpoint(client: Client, action: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def endpoint(payload: dict) -> dict:
        return client.call(action, payload)

    endpoint.__name__ = action
    endpoint.__doc__ = f"The studio's action {action!r}; takes and answers one JSON object."
    return endpoint
