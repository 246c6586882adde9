"""The page in a window of its own: Chrome, Edge and their kin without tabs and address bar."""

from __future__ import annotations

import os
import subprocess
import threading
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable, Mapping

from studio.installation.browsers import WINDOW_NAMES, WINDOW_PLACES, find_browser

TITLE = b"Seg2Any Studio"  # in the page, and in the one that asks for the login
NO_BROWSER = (
    "No Chrome, Edge, Chromium or Brave was found for a window of its own; the page opens in your "
    "usual browser."
)
_START_SECONDS = 2.0  # a browser that refuses does so at once


def find_window_browser(environment: Mapping[str, str] | None = None) -> str | None:
    """A browser that can show a page in a window of its own."""
    environment = os.environ if environment is None else environment
    own = environment.get("LOCALAPPDATA")  # Chrome installed for one user of Windows
    places = [f"{own}/Google/Chrome/Application/chrome.exe"] if own else []
    return find_browser(WINDOW_NAMES, (*WINDOW_PLACES, *places))


def is_open(address: str) -> bool:
    """Whether a studio answers there."""
    try:
        with urllib.request.urlopen(address, timeout=3) as page:
            return TITLE in page.read(200_000)
    except urllib.error.HTTPError as refusal:
        return TITLE in refusal.read(200_000)
    except OSError:
        return False


def open_window(
    address: str,
    browser: str | None,
    tell: Callable[[str], None] = print,
    open_page: Callable[[str], object] = webbrowser.open,
) -> None:
    """A window of the browser, or a page of the usual one with a sentence why."""
    if browser is None:
        tell(NO_BROWSER)
        open_page(address)
        return
    if not _starts([browser, f"--app={address}"]):
        tell(f"{browser} opened no window; the page opens in your usual browser.")
        open_page(address)


def _starts(command: list[str]) -> bool:
    """Whether the program goes on, or hands its work to one that runs already and ends well."""
    silent = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            command, stdin=silent, stdout=silent, stderr=silent, start_new_session=True
        )
    except OSError:
        return False
    try:
        return process.wait(_START_SECONDS) == 0
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, daemon=True).start()  # takes note of its end
        return True
