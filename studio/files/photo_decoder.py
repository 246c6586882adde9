"""Photos from outside at their full depth, upright, with everything that travels beside pixels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from PIL import ExifTags, Image

from studio.files.exif_block import clean_exif
from studio.files.limits import Limits
from studio.files.orientation import turned
from studio.files.picture_decoder import DECODER_FAULTS, open_picture, reason_of
from studio.scene.errors import PictureFileError
from studio.scene.photo import Photo, Pixels
from studio.scene.sentences import say

_BITS, _PLANES, _WHITE_IS_ZERO, _KIND_OF_PAGE = 258, 284, 262, 254


@dataclass(frozen=True, eq=False)
class PhotoFile:
    """A photo and where it came from.

    original: the file's bytes, None for a photo that was no file; format: PNG, JPEG, TIFF, WEBP or
    GIF; mode: as PIL names it, with ";16" for 16 bits; exif: without preview, orientation 1;
    orientation: that of the original file, 1 to 8.
    """

    photo: Photo
    original: bytes | None = None
    format: str = "PNG"
    mode: str = "RGB"
    icc: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    orientation: int = 1
    notices: tuple[str, ...] = ()


def decode_photo(content: bytes, name: str, limits: Limits) -> PhotoFile:
    """Everything is refused by one PictureFileError."""
    try:
        image = open_picture(content, name, limits)
        orientation = orientation_of(image)  # asked first: PIL turns a TIFF as it loads
        notices = _page_notices(image, name)
        if _is_deep_colour(image, content):
            pixels = _deep_colours(image, content, name, orientation)
        else:
            pixels = _plain(image, name, notices)
            if image.format != "TIFF":
                pixels = turned(pixels, orientation)
    except (*DECODER_FAULTS, Warning) as fault:
        raise PictureFileError(
            "{name} is damaged or cut short: {fault}.", name=name, fault=reason_of(fault)
        ) from fault
    pixels = np.ascontiguousarray(pixels)
    pixels.setflags(write=False)
    return PhotoFile(
        Photo(pixels, file_digest(content)),
        content,
        {"MPO": "JPEG"}.get(image.format or "", image.format or ""),
        mode_of(pixels),
        image.info.get("icc_profile"),
        _exif(image, notices),
        _dpi(image),
        orientation,
        tuple(notices),
    )


def file_digest(content: bytes) -> str:
    """As `PhotoEdit.digest` has it for a path."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def mode_of(pixels: Pixels) -> str:
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    name = ("L", "LA", "RGB", "RGBA")[channels - 1]
    return name if pixels.dtype == np.uint8 else "I;16" if name == "L" else f"{name};16"


def orientation_of(image: Image.Image) -> int:
    try:
        given = image.getexif().get(ExifTags.Base.Orientation)
    except DECODER_FAULTS:
        return 1  # the camera's notes are damaged, the picture is not
    return given if isinstance(given, int) and 1 <= given <= 8 else 1


def _page_notices(image: Image.Image, name: str) -> list[str]:
    """A photo is one picture: what moves or has pages is refused."""
    count = getattr(image, "n_frames", 1)
    if count == 1:
        return []
    if image.format == "MPO":
        return [
            say(
                "The file holds {count} pictures, as phones write them; the first one is edited, "
                "and the others are left out.",
                count=count,
            )
        ]
    if image.format != "TIFF":
        raise PictureFileError(
            "{name} is animated, with {count} frames; save the frame to edit as a picture.",
            name=name,
            count=count,
        )
    pages = [_is_page(image, number) for number in range(count)]
    image.seek(0)
    if sum(pages) > 1:
        raise PictureFileError(
            "{name} has {count} pages; save the page to edit as a file of its own.",
            name=name,
            count=sum(pages),
        )
    return [say("The file holds smaller versions of the photo, which are left out.")]


def _is_page(image: Image.Image, number: int) -> bool:
    """A smaller version (bit 0) or a mask (bit 2) of another page is none."""
    image.seek(number)
    kind = _tags(image).get(_KIND_OF_PAGE, 0)
    return number == 0 or not kind & 0b101


def _tags(image: Image.Image) -> Any:
    return cast("Any", image).tag_v2


def _is_deep_colour(image: Image.Image, content: bytes) -> bool:
    """16 bits a channel in more than one channel, which PIL would open as 8."""
    if image.format == "PNG":
        return content[24] == 16 and content[25] != 0
    if image.format == "TIFF":
        bits = _tags(image).get(_BITS, (1,))
        return len(bits) > 1 and max(bits) == 16
    return False


def _deep_colours(image: Image.Image, content: bytes, name: str, orientation: int) -> Pixels:
    if image.format == "TIFF" and _tags(image).get(_PLANES) == 2:
        raise PictureFileError(
            "{name} stores 16-bit colours in separate planes; save it with interleaved channels.",
            name=name,
        )
    found = cast(
        "Pixels | None", cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    )
    if found is None or found.dtype != np.uint16:
        raise PictureFileError(
            "{name} is damaged or cut short: {fault}.", name=name, fault=say("its pixels end early")
        )
    if image.format == "PNG":
        found = turned(_png_channels(found, content[25]), orientation)
    elif found.shape[2] == 4:
        found = cast("Pixels", cv2.cvtColor(found, cv2.COLOR_BGRA2RGBA))
    else:
        found = cast("Pixels", cv2.cvtColor(found, cv2.COLOR_BGR2RGB))
    return found


def _png_channels(found: Pixels, colour_type: int) -> Pixels:
    """OpenCV's blue, green, red as the file has them; a colour that stands for clear stays one."""
    if colour_type == 4:
        return found[..., [0, 3]]
    if colour_type == 2:
        return cast("Pixels", cv2.cvtColor(np.ascontiguousarray(found[..., :3]), cv2.COLOR_BGR2RGB))
    return cast("Pixels", cv2.cvtColor(found, cv2.COLOR_BGRA2RGBA))


def _plain(image: Image.Image, name: str, notices: list[str]) -> Pixels:
    is_inverted = (
        image.format == "TIFF"
        and image.mode.startswith("I;16")
        and _tags(image).get(_WHITE_IS_ZERO) == 0
    )
    image.load()
    if image.mode.startswith("I;16") or (image.format == "PNG" and image.mode == "I"):
        values = np.asarray(image).astype(np.uint16)
        return 65535 - values if is_inverted else values
    if image.mode in ("P", "PA"):
        notices.append(say("The photo has a palette of colours; it is saved in full colour."))
        has_opacity = image.mode == "PA" or "transparency" in image.info
        image = image.convert("RGBA" if has_opacity else "RGB")
    elif image.mode == "1":
        notices.append(say("The photo is black and white only; it is saved in 256 levels of grey."))
        image = image.convert("L")
    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        raise PictureFileError(
            "{name} is in {mode}; photos in RGB or grey with 8 or 16 bits are edited. Convert it "
            "first.",
            name=name,
            mode=_MODES.get(image.mode, image.mode),
        )
    return np.asarray(image)


def _exif(image: Image.Image, notices: list[str]) -> bytes | None:
    given = image.info.get("exif")
    if image.format == "TIFF" or (given is None and image.format == "PNG"):
        try:
            exif = image.getexif()
            given = exif.tobytes() if len(exif) else None
        except DECODER_FAULTS:
            given = b""
    if given is None:
        return None
    cleaned = clean_exif(given)
    if cleaned is None:
        notices.append(say("The camera's notes in the file (EXIF) are damaged and are left out."))
    return cleaned


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    given: Any = image.info.get("dpi")
    try:
        across, down = (float(each) for each in given)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if 0 < across < 1e5 and 0 < down < 1e5 else None


_MODES = {
    "CMYK": "CMYK",
    "LAB": "Lab",
    "F": say("32-bit numbers"),
    "I": say("32-bit numbers"),
}
