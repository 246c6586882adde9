"""Seg2Any Studio's front door. Nothing heavy is imported until it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.domain.errors import StudioError as StudioError
    from studio.domain.picture_file import read_request as read_request
    from studio.domain.picture_file import save_picture as save_picture
    from studio.domain.region import Region as Region
    from studio.domain.request import Picture as Picture
    from studio.domain.request import RenderRequest as RenderRequest
    from studio.domain.request import Sampling as Sampling
    from studio.domain.scene import Scene as Scene
    from studio.domain.scene_file import read_scene as read_scene
    from studio.domain.scene_file import write_scene as write_scene
    from studio.wiring import load_engine as load_engine
    from studio.wiring import load_segmenter as load_segmenter

__version__ = "0.1.0"

_HOMES = {
    "Picture": "studio.domain.request",
    "Region": "studio.domain.region",
    "RenderRequest": "studio.domain.request",
    "Sampling": "studio.domain.request",
    "Scene": "studio.domain.scene",
    "StudioError": "studio.domain.errors",
    "load_engine": "studio.wiring",
    "load_segmenter": "studio.wiring",
    "read_request": "studio.domain.picture_file",
    "read_scene": "studio.domain.scene_file",
    "save_picture": "studio.domain.picture_file",
    "write_scene": "studio.domain.scene_file",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'studio' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
