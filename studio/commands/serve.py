"""`python -m studio serve`: the studio in the browser."""

from __future__ import annotations

import argparse
from pathlib import Path

from studio.config import Settings, add_model_arguments, settings_from
from studio.scene.errors import RequestError
from studio.ui.web.addresses import is_loopback, shown_address
from studio.ui.web.login import Credentials, read_login
from studio.ui.web.window import find_window_browser, is_open, open_window


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="(default: 7860)")
    parser.add_argument(
        "--login",
        metavar="USER:PASSWORD",
        help="who may enter; USER alone makes up a password, none lets everyone in",
    )
    parser.add_argument(
        "--names",
        metavar="NAME,...",
        help="other names by which browsers may reach this machine",
    )
    parser.add_argument(
        "--trusted-proxy",
        metavar="ADDRESS,...",
        help="the proxy that may say in X-Forwarded-For who asks",
    )
    parser.add_argument(
        "--projects", type=Path, metavar="FOLDER", help="where work is kept (default: user data)"
    )
    parser.add_argument(
        "--weights", type=Path, metavar="FOLDER", help="where models are kept (default: weights/)"
    )
    parser.add_argument(
        "--cache-megabytes", type=int, help="memory for computed captions and contours, in all"
    )
    parser.add_argument(
        "--device-cache-megabytes", type=int, help="the same on each GPU (default: 256)"
    )
    parser.add_argument(
        "--disk-gigabytes",
        type=float,
        help="disk space for all projects; no more pictures are made beyond it (default: 20)",
    )
    parser.add_argument(
        "--segmenter", metavar="NAME", help="click, sam2.1-hiera-large, a folder or a hub id"
    )
    opening = parser.add_mutually_exclusive_group()
    opening.add_argument(
        "--no-browser", action="store_true", help="print the address and open no browser"
    )
    opening.add_argument(
        "--window",
        action="store_true",
        help="open in a window of its own (Chrome, Edge, Chromium or Brave), not in a tab",
    )
    add_model_arguments(parser)


def run(given: argparse.Namespace) -> int:
    from studio.wiring import serve

    settings = settings_from(given)
    login = read_login(settings.login)
    if not is_loopback(settings.host):
        _check_door(settings, login)
    if login is not None and login.is_made_up:
        print(f"Log in as {login.user} with the password {login.password}", flush=True)

    browser = find_window_browser() if given.window else None
    address = shown_address(settings.host, settings.port)
    if given.window and is_open(address):  # started a second time from its shortcut
        print(f"Seg2Any Studio is open already at {address}", flush=True)
        open_window(address, browser)
        return 0

    def tell(address: str) -> None:
        print(f"Seg2Any Studio is open at {address} (Ctrl-C ends it)", flush=True)
        if given.window:
            open_window(address, browser)

    opens_page = not (given.no_browser or given.window)
    serve(settings, login=login, opens_browser=opens_page, on_ready=tell)
    return 0


def _check_door(settings: Settings, login: Credentials | None) -> None:
    """Whoever can reach the port can use the machine and see its projects' names."""
    if settings.login is None:
        raise RequestError(
            f"--host {settings.host} opens the studio to everyone who can reach this machine. Say "
            "who may enter with --login USER:PASSWORD (or STUDIO_LOGIN), or --login none if "
            "everyone may."
        )
    if login is None:
        print("Everyone who can reach this machine can use the studio: there is no login.")
    else:
        print("The login and all pictures travel unencrypted; use a proxy with TLS outside home.")
