"""An edited photo as a file to take away, and what differs in it outside the regions."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studio.files.layers_file import NamedLayer, openraster_photo, psd_photo
from studio.files.photo_file import read_photo
from studio.files.photo_writer import write_photo
from studio.files.recipe import request_to_json
from studio.scene.errors import SceneError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.photo import Pixels
from studio.scene.photo_edit import PhotoName
from studio.scene.photo_layer import Outside, outside
from studio.scene.region import Region
from studio.scene.request import RenderRequest
from studio.scene.scene import Scene, check_room
from studio.scene.sentences import say
from studio.service.photo_composites import Composite, at_photo_size

_FORMATS = {"original": None, "png": "PNG", "jpeg": "JPEG", "tiff": "TIFF"}


@dataclass(frozen=True)
class ExportedPhoto:
    """A file's bytes and ending, and what was measured on these very bytes."""

    content: bytes
    suffix: str
    outside: Outside
    notices: tuple[str, ...]


def exported(made: Composite, kind: str) -> ExportedPhoto:
    """In the photo's own format, in another, or as OpenRaster or PSD with layers."""
    opened = made.photo_file
    if kind in _FORMATS:
        recipe, notices = _recipe(made)
        written = write_photo(opened, made.pixels(), _FORMATS[kind], recipe)
        notices, suffix, content = (*notices, *written.notices), written.suffix, written.content
        stored = read_photo(content).photo.pixels
    else:
        layers = [NamedLayer(*each) for each in made.named_layers()]
        notices = ()
        if kind == "psd":
            content, suffix = psd_photo(opened, layers), "psd"
            stored = _merged_of_psd(content, opened.photo.pixels)
        else:
            content, suffix = openraster_photo(opened, layers), "ora"
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                stored = read_photo(archive.read("mergedimage.png")).photo.pixels
    found = outside(opened.photo.pixels, _alike(stored, opened.photo.pixels), made.changed())
    return ExportedPhoto(content, suffix, found, notices)


def _recipe(made: Composite) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """What the file is made from, at the photo's own size; the photo is named by its digest."""
    document, work = made.document, made.work
    if not made.regions:
        return None, ()
    try:
        check_room(work.extent, len(made.regions))
        regions = [_at_photo(region, work.extent) for region in made.regions]
        scene = Scene(*work.extent, document.scene.caption, regions)
    except SceneError as fault:
        return None, (say("The file carries no recipe: {fault}", fault=fault),)
    name = PhotoName(work.original.partition(".")[0])
    is_world = any(work.made[region.identity].is_around for region in made.regions)
    edit = work.photo_edit(name, document.scene.extent, makes_the_world=is_world)
    request = RenderRequest(scene, document.sampling, edit)
    return {**request_to_json(request), "index": 0, "made_with": {}}, ()


def _at_photo(region: Region, extent: Extent) -> Region:
    return replace(region, mask=Mask(at_photo_size(region.mask.pixels, extent)), clicks=())


def _merged_of_psd(content: bytes, like: Pixels) -> Pixels:
    """The picture of all layers, which ends the file: one channel after the other."""
    channels = 1 if like.ndim == 2 else like.shape[2]
    kind = np.dtype(f">u{like.dtype.itemsize}")
    flat: Any = np.frombuffer(content[-like.nbytes :], kind)
    planes = flat.reshape(channels, *like.shape[:2])
    return np.moveaxis(planes, 0, -1).astype(like.dtype).reshape(like.shape)


def _alike(stored: Pixels, photo: Pixels) -> Pixels:
    """As they can be compared: a file may have another depth, or lack opacity."""
    if stored.shape == photo.shape and stored.dtype == photo.dtype:
        return stored
    if stored.dtype != photo.dtype:
        stored = (stored.astype(np.uint16) * 257).astype(photo.dtype)
    colours = stored if stored.ndim == 3 else stored[..., None]
    alike: Any = np.array(photo if photo.ndim == 3 else photo[..., None])
    shared = min(colours.shape[2], alike.shape[2])
    alike[..., :shared] = colours[..., :shared]
    return alike.reshape(photo.shape)
