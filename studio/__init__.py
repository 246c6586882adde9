"""Seg2Any Studio's front door. Nothing heavy is imported until it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.files.picture_file import read_request as read_request
    from studio.files.picture_file import save_picture as save_picture
    from studio.files.scene_file import read_scene as read_scene
    from studio.files.scene_file import write_scene as write_scene
    from studio.project.loosest_gamma import loosest_gamma as loosest_gamma
    from studio.recognition.frames.folder import FrameFolder as FrameFolder
    from studio.recognition.frames.following import follow_thing as follow_thing
    from studio.recognition.frames.results import FrameResults as FrameResults
    from studio.scene.errors import StudioError as StudioError
    from studio.scene.photo_edit import PhotoEdit as PhotoEdit
    from studio.scene.region import Click as Click
    from studio.scene.region import Region as Region
    from studio.scene.request import Picture as Picture
    from studio.scene.request import RenderRequest as RenderRequest
    from studio.scene.request import Sampling as Sampling
    from studio.scene.scene import Scene as Scene
    from studio.scene.style import Style as Style
    from studio.wiring import load_agreement as load_agreement
    from studio.wiring import load_captioner as load_captioner
    from studio.wiring import load_engine as load_engine
    from studio.wiring import load_features as load_features
    from studio.wiring import load_finder as load_finder
    from studio.wiring import load_segmenter as load_segmenter
    from studio.wiring import load_similar_finder as load_similar_finder
    from studio.wiring import load_tracker as load_tracker

__version__ = "0.1.0"

_HOMES = {
    "Click": "studio.scene.region",
    "FrameFolder": "studio.recognition.frames.folder",
    "FrameResults": "studio.recognition.frames.results",
    "PhotoEdit": "studio.scene.photo_edit",
    "Picture": "studio.scene.request",
    "Region": "studio.scene.region",
    "RenderRequest": "studio.scene.request",
    "Sampling": "studio.scene.request",
    "Scene": "studio.scene.scene",
    "StudioError": "studio.scene.errors",
    "Style": "studio.scene.style",
    "follow_thing": "studio.recognition.frames.following",
    "load_agreement": "studio.wiring",
    "load_captioner": "studio.wiring",
    "load_engine": "studio.wiring",
    "load_features": "studio.wiring",
    "load_finder": "studio.wiring",
    "load_segmenter": "studio.wiring",
    "load_tracker": "studio.wiring",
    "load_similar_finder": "studio.wiring",
    "loosest_gamma": "studio.project.loosest_gamma",
    "read_request": "studio.files.picture_file",
    "read_scene": "studio.files.scene_file",
    "save_picture": "studio.files.picture_file",
    "write_scene": "studio.files.scene_file",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'studio' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
