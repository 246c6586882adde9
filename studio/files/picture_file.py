"""Pictures with their recipe inside: files that the studio writes and reads as requests."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import PngImagePlugin

from studio.files.jpeg_file import jpeg_recipe
from studio.files.json_file import parse_json
from studio.files.layers_file import NamedLayer, openraster_photo, psd_photo
from studio.files.limits import LARGEST_PICTURE
from studio.files.openraster import openraster_recipe
from studio.files.photo_file import PhotoFile, open_photo
from studio.files.photo_writer import SUFFIXES, WrittenPhoto, recipe_text, write_photo
from studio.files.picture_decoder import decode_picture as decode_picture
from studio.files.picture_decoder import shown
from studio.files.png_file import SIGNATURE, png_recipe, recipe_pieces
from studio.files.psd_file import psd_recipe
from studio.files.recipe import request_from_json, request_to_json
from studio.files.storage import write_atomic as write_atomic
from studio.files.tiff_file import tiff_recipe
from studio.scene.errors import BadInput, PictureFileError, RequestError
from studio.scene.photo import Photo
from studio.scene.photo_layer import composite
from studio.scene.request import Picture, RenderRequest

LAYERED = {"ORA": openraster_photo, "PSD": psd_photo}
FORMATS = {**SUFFIXES, ".ora": "ORA", ".psd": "PSD"}


def save_picture(picture: Picture, path: str | Path, index: int = 0) -> None:
    """Write image `index` with the recipe inside. The same recipe gives the same bytes.

    The path's ending says how: .jpg, .tif, of an edited photo .ora and .psd; otherwise PNG.
    """
    wanted = FORMATS.get(Path(path).suffix.lower(), "PNG")
    write_atomic(Path(path), picture_bytes(picture, index, wanted))


def picture_bytes(picture: Picture, index: int = 0, format: str = "PNG") -> bytes:
    """The file of image `index`: PNG, JPEG or TIFF. An edited photo has its own depth and notes,
    and may be written in layers: ORA or PSD."""
    if picture.request.edit is not None:
        return edited_photo(picture, index, format).content
    recipe = recipe_in(picture, index)
    if format in LAYERED:
        raise RequestError("Only an edited photo has layers; save this as PNG, JPEG or TIFF.")
    if format != "PNG":
        photo = Photo.of(picture.images[index])
        return write_photo(PhotoFile(photo), photo.pixels, format, recipe).content
    info = PngImagePlugin.PngInfo()
    for keyword, piece in recipe_pieces(recipe_text(recipe)):
        info.add_itxt(keyword, piece, zip=True)
    file = io.BytesIO()
    picture.images[index].save(file, "PNG", pnginfo=info)
    return file.getvalue()


def edited_photo(picture: Picture, index: int = 0, format: str | None = None) -> WrittenPhoto:
    """The photo's file with what its regions became; None: in the photo's own format."""
    if picture.request.edit is None:
        raise RequestError("The picture edits no photo.")
    photo = open_photo(picture.request.edit)
    recipe, layers = recipe_in(picture, index), picture.layers_of(index)
    pixels = composite(photo.photo.pixels, layers)
    if format not in LAYERED:
        return write_photo(photo, pixels, format, recipe)
    names = {region.identity: region.caption for region in picture.request.scene.regions}
    named = [NamedLayer(layer, names.get(layer.region or "", "surroundings")) for layer in layers]
    return WrittenPhoto(LAYERED[format](photo, named, recipe), format, pixels)


def recipe_in(picture: Picture, index: int) -> dict[str, Any]:
    """What is written in image `index`: request, index, and the model that made it."""
    return {
        **request_to_json(picture.request),
        "index": index,
        "made_with": dict(sorted(picture.made_with.items())),
    }


def read_request(path: str | Path) -> RenderRequest:
    """The request that made a picture of ours."""
    return request_from_recipe(read_recipe(path), shown(Path(path).name))


def request_from_recipe(recipe: dict[str, Any], name: str = "The picture") -> RenderRequest:
    try:
        return request_from_json(recipe)
    except BadInput as fault:
        raise PictureFileError("{name}: {fault}", name=name, fault=fault) from fault


def read_recipe(source: str | Path | bytes) -> dict[str, Any]:
    """All that is written in a picture of ours: request, index, and the model that made it."""
    name = "The picture" if isinstance(source, bytes) else shown(Path(source).name)
    content = source if isinstance(source, bytes) else _read(Path(source))
    text = _recipe_text(content, name)
    if text is None:
        raise PictureFileError("{name} holds no recipe; it was not saved by the studio.", name=name)
    try:
        recipe = parse_json(text)
    except ValueError as fault:
        raise PictureFileError("{name} holds a damaged recipe.", name=name) from fault
    if not isinstance(recipe, dict):
        raise PictureFileError("{name} holds a damaged recipe.", name=name)
    return recipe  # pyright: ignore[reportUnknownVariableType]


def has_recipe(source: str | Path | bytes) -> bool:
    try:
        read_recipe(source)
    except PictureFileError:
        return False
    return True


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_PICTURE:
            raise PictureFileError(
                "{path} is too large for a picture of the studio.", path=shown(path.name)
            )
        return path.read_bytes()
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise PictureFileError(
            "{path} cannot be read: {reason}.", path=shown(str(path)), reason=reason
        ) from fault


def _recipe_text(content: bytes, name: str) -> bytes | None:
    """The recipe in the file, of whichever format. Nothing is decoded, nothing else trusted."""
    if content.startswith(SIGNATURE):
        return png_recipe(content, name)
    if content.startswith(b"\xff\xd8\xff"):
        return jpeg_recipe(content, name)
    if content.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return tiff_recipe(content, name)
    if content.startswith(b"8BPS"):
        return psd_recipe(content, name)
    if content.startswith(b"PK"):
        return openraster_recipe(content, name)
    raise PictureFileError("{name} is not a PNG, JPEG or TIFF file.", name=name)
