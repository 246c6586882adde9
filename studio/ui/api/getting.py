"""Published models: what can be had, and getting it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from studio.inventory.getting.model import PUBLISHED, bytes_there, part_is_here
from studio.inventory.known import Known, folder_of
from studio.inventory.stock import take_stock
from studio.service.downloads import Download, Downloads
from studio.ui.api.fields import Fields
from studio.ui.api.registry import Answer, Call, Registry
from studio.ui.api.requests import GetModel, GiveToken

registry = Registry()


@registry.action
def models(call: Call, given: Fields) -> Answer:
    """All published models that the studio knows, and how far each is."""
    del given
    weights, downloads = call.studio.settings.weights, call.studio.downloads
    ready = {found.name for found in take_stock(weights) if found.is_ready}
    return {
        "models": [
            _model_view(
                known,
                weights,
                downloads,
                is_ready=known.name in ready or part_is_here(known, weights),
            )
            for known in PUBLISHED
        ],
        "free": _free(weights),
        "active": downloads.are_active,
        "has_token": downloads.hub.has_token,
        "tokens_page": f"{downloads.hub.address}/settings/tokens",
    }


@registry.action
def get_model(call: Call, given: GetModel) -> Answer:
    """Begin, or go on where it was paused."""
    call.studio.downloads.start(given.name)
    return models(call, given)


@registry.action
def pause_model(call: Call, given: GetModel) -> Answer:
    call.studio.downloads.pause(given.name)
    return models(call, given)


@registry.action
def give_token(call: Call, given: GiveToken) -> Answer:
    """The hub library checks the token and keeps it; the studio does not."""
    owner = call.studio.downloads.hub.keep_token(given.token.strip())
    return {"owner": owner, **models(call, given)}


def _model_view(
    known: Known, weights: Path, downloads: Downloads, *, is_ready: bool
) -> dict[str, Any]:
    download = downloads.of(known)
    return {
        "name": known.name,
        "kind": known.kind,
        "gigabytes": known.gigabytes,
        "licence": known.licence,
        "gated": known.is_gated,
        "page": downloads.hub.page_of(known),
        "folder": folder_of(known, weights).name,
        "ready": is_ready or (download is not None and download.state == "done"),
        **_progress_view(known, weights, download),
    }


def _progress_view(known: Known, weights: Path, download: Download | None) -> dict[str, Any]:
    if download is None:
        there = bytes_there(weights, known)
        total = round(known.gigabytes * 1e9)
        state = "paused" if there else None
        return {"state": state, "phase": None, "done": there, "total": total} | _NOTHING
    progress = download.progress
    return {
        "state": download.state,
        "phase": progress.phase,
        "done": progress.done,
        "total": progress.total or round(known.gigabytes * 1e9),
        "seconds_left": progress.seconds_left,
        "error": download.error,
        "wants_token": download.wants_token,
    }


_NOTHING: dict[str, Any] = {"seconds_left": None, "error": None, "wants_token": False}


def _free(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
