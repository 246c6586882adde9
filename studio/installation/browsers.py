"""The browsers of the Chrome family on this computer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable

CHROMIUM_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
CHROMIUM_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
    "C:/Program Files/Chromium/Application/chrome.exe",
)
# what can show a page in a window without tabs and address bar
WINDOW_NAMES = (
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
    "chromium",
    "chromium-browser",
    "brave-browser",
    "brave",
)
WINDOW_PLACES = (
    *CHROMIUM_PLACES,
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Brave Browser.app/Contents/MacOS/Brave Browser",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
    "C:/Program Files/Microsoft/Edge/Application/msedge.exe",
    "C:/Program Files/BraveSoftware/Brave-Browser/Application/brave.exe",
)


def find_browser(
    names: Iterable[str] = CHROMIUM_NAMES, places: Iterable[str] = CHROMIUM_PLACES
) -> str | None:
    """The first that is there: by its name on the PATH, then by its place."""
    found = (shutil.which(name) for name in names)
    installed = (place for place in places if os.path.exists(place))
    return next(filter(None, (*found, *installed)), None)
