"""The machine: what is loaded, what is found, and how it goes."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, get_args

from studio.config import Settings
from studio.inventory.bases import MINI, base_name
from studio.inventory.headers import SUFFIXES
from studio.inventory.stock import Found, take_stock
from studio.scene.errors import BadInput
from studio.scene.sentences import say
from studio.ui.api.fields import Fields, NumberType, Offload, Quantize
from studio.ui.api.machine_views import model_view_of, status_view
from studio.ui.api.registry import Answer, Call, Registry
from studio.ui.api.requests import LookIn, UseModel
from studio.ui.api.views import job_view

registry = Registry()
_KINDS = {"base": say("base"), "adapters": say("adapters"), "segmenter": say("segmenter")}
_THIS_COMPUTER = ("127.0.0.1", "localhost", "::1")
_PACKAGES = ("torch", "diffusers", "transformers", "gradio", "numpy", "opencv-python-headless")


@registry.action
def status(call: Call, given: Fields) -> Answer:
    del given
    return status_view(call.studio, call.session)


@registry.action
def model(call: Call, given: Fields) -> Answer:
    del given
    return {"model": model_view_of(call.studio)}


@registry.action
def settings(call: Call, given: Fields) -> Answer:
    del given
    now = call.studio.settings
    stock = take_stock(now.weights, now.comfyui)
    return {
        "current": {
            "base": _base_name(now),
            "comfyui": None if now.comfyui is None else str(now.comfyui),
            "adapters": now.adapters,
            "segmenter": now.segmenter or _segmenter_name(call),
            "device": now.device,
            "dtype": now.dtype,
            "offload": now.offload,
            "quantize": now.quantize,
        },
        "found": {
            f"{kind}s" if kind != "adapters" else kind: [
                _found_view(each) for each in stock if each.kind == kind
            ]
            for kind in ("base", "adapters", "segmenter")
        },
        "devices": _devices(call),
        "dtypes": list(get_args(NumberType)),
        "offloads": list(get_args(Offload)),
        "quantize": list(get_args(Quantize)),
        "may_look": _may_look(now),
    }


@registry.action
def look_in(call: Call, given: LookIn) -> Answer:
    """Name another tool's folder; only whoever sits at this computer may."""
    if not _may_look(call.studio.settings):
        raise BadInput(
            "Another tool's folder is named where the studio runs: start it with --comfyui FOLDER."
        )
    call.studio.look_in(Path(given.comfyui) if given.comfyui else None)
    return settings(call, Fields())


@registry.action
def use_model(call: Call, given: UseModel) -> Answer:
    """Only what was found can be chosen; a path or a web address cannot."""
    now = call.studio.settings
    stock = take_stock(now.weights, now.comfyui)
    changes = given.sent
    for kind in ("base", "adapters", "segmenter"):
        if kind in changes:
            changes[kind] = _chosen(kind, changes[kind], stock)
    devices = _devices(call)
    if changes.get("device", "auto") not in devices:
        known = ", ".join(devices)
        raise BadInput("device is one of {known}.", known=known)
    job = call.studio.use(call.session.identity, **changes)
    call.session.keep_job(job)
    return {"job": job_view(call.studio, job)}


@registry.action
def diagnostics(call: Call, given: Fields) -> Answer:
    """For a bug report: versions and counters, no captions, no pictures, no paths."""
    del given
    view = status_view(call.studio, call.session)
    scene = call.document.scene
    lines = [
        f"Seg2Any Studio {_version('seg2any-studio')}, Python {sys.version.split()[0]}, "
        f"{platform.system()} {platform.release()} {platform.machine()}",
        ", ".join(f"{name} {_version(name)}" for name in _PACKAGES),
        f"model {view['model']} {view['model_digest'][:12]} on {view['device']}, "
        f"segmenter {view['segmenter']}",
        f"scene {scene.extent}, {len(scene.regions)} regions, revision {call.session.revision}, "
        f"{len(call.session.history)} renders",
        f"queue {view['queue']}, busy {view['busy']}, cache {view['cache']}",
        f"saved {view['saved_at'] is not None}, trouble: {view['save_error'] or 'none'}",
        *(
            f"job {job.spec.kind} {job.state} {job.seconds:.2f} s {job.error or ''}".rstrip()
            for job in list(call.session.jobs.values())[-5:]
        ),
    ]
    return {"text": "\n".join(lines)}


def _found_view(found: Found) -> dict[str, Any]:
    return {
        "id": found.name,
        "name": found.name,
        "ready": found.is_ready,
        "missing": found.missing,
        "command": found.command,
        "note": found.note,
    }


def _chosen(kind: str, name: str | None, stock: list[Found]) -> str | None:
    if kind == "base" and name in (None, MINI):
        return MINI
    if name is None:
        return None
    found = next((each for each in stock if each.kind == kind and each.name == name), None)
    if found is None:
        raise BadInput("There is no {kind} of that name in the weights folder.", kind=_KINDS[kind])
    if kind == "base" and found.path is not None and found.path.is_file():
        if found.missing is not None:
            raise BadInput(found.missing)
        return str(found.path)
    if not found.is_ready:
        raise BadInput(
            "{name} is not ready: {missing}. Get it: {command}",
            name=found.name,
            missing=found.missing,
            command=found.command,
        )
    return found.name


def _base_name(now: Settings) -> str:
    """The name by which the page knows the base."""
    name = base_name(now.base, now.weights, now.comfyui)
    return Path(name).stem if name.lower().endswith(SUFFIXES) else name


def _may_look(now: Settings) -> bool:
    """Whether nobody can ask who does not sit at this computer."""
    return now.host in _THIS_COMPUTER and now.names is None and now.trusted_proxy is None


def _segmenter_name(call: Call) -> str | None:
    return call.studio.loaded.segmenter.name if call.studio.loaded else None


def _devices(call: Call) -> list[str]:
    """Without importing torch here: what the loaded engine runs on, and what may be asked for."""
    known = ["auto", "cpu", "cuda", "mps"]
    current = call.studio.settings.device
    return known if current in known else [*known, current]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "-"
