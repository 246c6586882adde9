"""`python -m studio serve`: the studio in the browser."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from studio.commands.log_lines import also_write_to
from studio.config import Settings, add_model_arguments, settings_from
from studio.scene.errors import RequestError
from studio.ui.web.addresses import is_loopback, shown_address
from studio.ui.web.entries import entries_file, read_lock
from studio.ui.web.login import Credentials, Password, StartToken, read_login
from studio.ui.web.opened import read_note
from studio.ui.web.prefix import read_prefix
from studio.ui.web.way import Way
from studio.ui.web.window import find_window_browser, is_open, open_window


def add_arguments(parser: argparse.ArgumentParser) -> None:
    _add_way(parser)
    _add_keeping(parser)
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


def _add_way(parser: argparse.ArgumentParser) -> None:
    """How browsers come here, and who may enter."""
    parser.add_argument("--host", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="(default: 7860)")
    parser.add_argument(
        "--login",
        metavar="USER:PASSWORD",
        help="who may enter; USER alone makes up a password, none lets everyone in",
    )
    parser.add_argument(
        "--password-file",
        metavar="FILE",
        help="holds the password of --login USER in its first line; - asks for it",
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
        "--path-prefix",
        metavar="/PATH",
        help="the path beneath which a proxy shows the studio",
    )


def _add_keeping(parser: argparse.ArgumentParser) -> None:
    """Where things are, and how much of them."""
    parser.add_argument(
        "--log-file", type=Path, metavar="FILE", help="keep the log there too, three times 1 MB"
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


def run(given: argparse.Namespace) -> int:
    settings = settings_from(given)
    login = read_login(settings.login, settings.password_file)
    way = _way(settings, login)
    browser = find_window_browser() if given.window else None
    if given.window and (address := _open_already(settings, way)):
        print(f"Seg2Any Studio is open already at {address}", flush=True)
        open_window(address, browser)
        return 0
    if login is not None and login.is_made_up:
        print(f"Log in as {login.user} with the password {login.password}", flush=True)

    def tell(address: str) -> None:
        print(f"Seg2Any Studio is open at {address} (Ctrl-C ends it)", flush=True)
        if given.window:
            open_window(address, browser)

    from studio.wiring import serve

    os.umask(0o077)  # projects, pictures and the log are for nobody else on this machine
    if settings.log_file is not None:
        also_write_to(settings.log_file)
    opens_page = not (given.no_browser or given.window)
    serve(settings, way, opens_browser=opens_page, on_ready=tell)
    return 0


def _way(settings: Settings, login: Credentials | None) -> Way:
    """How browsers come here; refused if others could come in without a login."""
    if not is_loopback(settings.host) or settings.names:
        _check_door(settings, login)
    if settings.login == "none":
        lock = None
    elif login is None:
        lock = StartToken()
    else:
        lock = Password(login, read_lock(entries_file(settings.projects)))
    return Way(
        host=settings.host,
        port=settings.port,
        names=settings.names,
        prefix=read_prefix(settings.path_prefix),
        trusted_proxy=settings.trusted_proxy,
        lock=lock,
    )


def _open_already(settings: Settings, way: Way) -> str | None:
    """The address of a studio that was started before, from the same shortcut."""
    address = shown_address(settings.host, settings.port)
    if not is_open(f"{address}{way.prefix}/"):
        return None
    noted = read_note(settings.projects)
    return noted if noted and noted.startswith(address) else f"{address}{way.prefix}"


def _check_door(settings: Settings, login: Credentials | None) -> None:
    """Whoever can reach the port can use the machine and see its projects' names."""
    if settings.login is None:
        option = f"--names {settings.names}" if settings.names else f"--host {settings.host}"
        raise RequestError(
            f"{option} opens the studio to everyone who can reach this machine. Say "
            "who may enter with --login USER:PASSWORD (or STUDIO_LOGIN), or --login none if "
            "everyone may."
        )
    if login is None:
        print("Everyone who can reach this machine can use the studio: there is no login.")
    elif not settings.trusted_proxy:
        print("The login and all pictures travel unencrypted; use a proxy with TLS outside home.")
