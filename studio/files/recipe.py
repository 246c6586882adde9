"""Scenes and requests as JSON and back: what travels inside a picture and a project file."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.scene.errors import RequestError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.photo_edit import PhotoEdit, PhotoName
from studio.scene.region import Click, Region
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import Scene, check_room
from studio.scene.style import style_from_json, style_to_json

VERSION = 1


def request_to_json(request: RenderRequest) -> dict[str, Any]:
    """The same request always gives the same JSON: no identities, no times."""
    sampling = sampling_to_json(request.sampling)
    recipe = {"version": VERSION, "scene": scene_to_json(request.scene), "sampling": sampling}
    if request.edit is not None:
        recipe["edit"] = {"photo": request.edit.digest, **request.edit.settings()}
    return recipe


def request_from_json(content: Any) -> RenderRequest:
    """Raises RequestError for what is not a request, or one of a newer studio.

    The photo of an edit is known by its digest alone; `PhotoEdit.of_photo` puts it in.
    """
    _check_version(content)
    given = _entry(content, "sampling", dict)
    known = {field.name for field in fields(Sampling)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise RequestError(
            "The recipe holds settings that are not known: {unknown}.", unknown=", ".join(unknown)
        )
    try:
        scene = scene_from_json(_entry(content, "scene", dict))
        edit = _edit(_optional(content, "edit", dict))
        return RenderRequest(scene, sampling_from_json(given), edit)
    except (TypeError, ValueError, OverflowError) as fault:
        raise RequestError("The recipe's settings are damaged: {fault}.", fault=fault) from fault


def _edit(entry: Any) -> PhotoEdit | None:
    if entry is None:
        return None
    settings = {name: value for name, value in entry.items() if name != "photo"}
    return PhotoEdit.from_settings(PhotoName(_entry(entry, "photo", str)), settings)


def sampling_to_json(sampling: Sampling) -> dict[str, Any]:
    """Styles are written where there are any, so that what has none is written as before."""
    settings = dict(vars(sampling))
    styles = [style_to_json(style) for style in settings.pop("styles")]
    return {**settings, "styles": styles} if styles else settings


def sampling_from_json(given: Mapping[str, Any]) -> Sampling:
    """What was written before thin regions had a setting was made the published way, and stays."""
    settings: dict[str, Any] = {"thin_regions": "published", **given}
    return Sampling(**settings)


def scene_to_json(scene: Scene, *, with_identities: bool = False) -> dict[str, Any]:
    """Masks share label layers as far as they do not overlap; each layer is a PNG in base64."""
    layers, places = _to_layers(tuple(region.mask for region in scene.regions), scene.extent)
    regions: list[dict[str, Any]] = []
    for region, (layer, label) in zip(scene.regions, places, strict=True):
        entry: dict[str, Any] = {"caption": region.caption, "layer": layer, "label": label}
        if region.name is not None:
            entry["name"] = region.name
        for name in _NUMBERS:
            if getattr(region, name) is not None:
                entry[name] = getattr(region, name)
        if region.style is not None:
            entry["style"] = style_to_json(region.style)
        if not region.is_visible:
            entry["is_visible"] = False
        if region.is_locked:
            entry["is_locked"] = True
        if region.clicks:
            entry["clicks"] = [list(click) for click in region.clicks]
        if with_identities:
            entry["identity"] = region.identity
        regions.append(entry)
    return {
        "width": scene.width,
        "height": scene.height,
        "caption": scene.caption,
        "regions": regions,
        "layers": list(layers),
    }


def scene_from_json(content: Any) -> Scene:
    """Raises a BadInput that names what is wrong."""
    width, height = _entry(content, "width", int), _entry(content, "height", int)
    empty = Scene(width, height, _optional(content, "caption", str))
    entries, layers = _entry(content, "regions", list), _entry(content, "layers", list)
    check_room(empty.extent, max(len(entries), len(layers)))
    places = [_place(entry, len(layers)) for entry in entries]
    masks: dict[tuple[int, int], Mask] = {}
    for number, layer in enumerate(layers):  # one after the other: each is as large as a mask
        pixels = _from_base64(layer, empty.extent)
        masks |= {place: Mask(pixels == place[1]) for place in places if place[0] == number}
    pairs = zip(entries, places, strict=True)
    return empty.with_regions(_to_region(entry, masks[place]) for entry, place in pairs)


@lru_cache(maxsize=4)  # a render and its saves write the same masks several times
def _to_layers(
    masks: tuple[Mask, ...], extent: Extent
) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """8-bit label layers as text, and for each mask its layer and its label there; 0 is none."""
    layers: list[NDArray[np.uint8]] = []
    used: list[int] = []
    places: list[tuple[int, int]] = []
    for mask in masks:
        pixels = mask.pixels
        free = (at for at, layer in enumerate(layers) if not layer[pixels].any())
        number = next(free, len(layers))
        if number == len(layers):
            layers.append(np.zeros(extent.shape, np.uint8))
            used.append(0)
        used[number] += 1
        layers[number][pixels] = used[number]
        places.append((number, used[number]))
    return tuple(_to_base64(layer) for layer in layers), tuple(places)


def _place(entry: Any, layers: int) -> tuple[int, int]:
    """The layer of a region's mask, and its label there."""
    layer, label = _entry(entry, "layer", int), _entry(entry, "label", int)
    if not 0 <= layer < layers:
        raise RequestError(
            "A region's mask is in layer {layer}; there are {layers}.", layer=layer, layers=layers
        )
    return layer, label


def _to_region(entry: Any, mask: Mask) -> Region:
    optional: dict[str, Any] = {}
    for name, kind in _OPTIONAL.items():
        value = _optional(entry, name, kind)
        if value is not None:
            optional[name] = value
    if "clicks" in optional:
        optional["clicks"] = tuple(_to_click(click) for click in optional["clicks"])
    if "style" in optional:
        optional["style"] = style_from_json(optional["style"])
    return Region(mask, _entry(entry, "caption", str), **optional)


def _to_click(click: Any) -> Click:
    try:
        x, y, label = click
        return Click(float(x), float(y), int(label))
    except (TypeError, ValueError, OverflowError) as fault:
        raise RequestError("A click is (x, y, label), not {click!r:.60}.", click=click) from fault


def _to_base64(layer: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    # runs are all that a flat layer has: a fifth of the time of optimize=True, a fifth more bytes
    Image.fromarray(layer).save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    return base64.b64encode(file.getvalue()).decode("ascii")


def _from_base64(text: Any, extent: Extent) -> NDArray[np.uint8]:
    try:
        image = Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=("PNG",))
        if image.size != extent or image.mode != "L":
            raise RequestError(
                "A mask layer is {size}; the scene is {extent}.",
                size=Extent(*image.size),
                extent=extent,
            )
        return np.array(image)
    except (OSError, ValueError, TypeError, SyntaxError, Image.DecompressionBombError) as fault:
        raise RequestError("A mask in the recipe is damaged.") from fault


def _check_version(content: Any) -> None:
    version = _entry(content, "version", int)
    if version > VERSION:
        raise RequestError(
            "The recipe is of version {version}; this studio reads up to {known}. Update it.",
            version=version,
            known=VERSION,
        )


def _entry(content: Any, name: str, kind: type) -> Any:
    value = _optional(content, name, kind)
    if value is None:
        raise RequestError("The recipe lacks {name!r}.", name=name)
    return value


def _optional(content: Any, name: str, kind: type | tuple[type, ...]) -> Any:
    if not isinstance(content, dict):
        raise RequestError("The recipe is not what the studio writes.")
    value = cast("dict[str, Any]", content).get(name)
    if value is None:
        return None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise RequestError(
            "The recipe's {name!r} is {value!r:.60}, which it cannot be.", name=name, value=value
        )
    return value


_NUMBERS = ("gamma", "seed", "strength", "feather")
_OPTIONAL: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "gamma": (int, float),
    "seed": int,
    "strength": (int, float),
    "feather": (int, float),
    "is_visible": bool,
    "is_locked": bool,
    "clicks": list,
    "identity": str,
    "style": dict,
}
