"""The one decoder for pictures from outside: refuses early, and gives upright 8-bit sRGB."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

from studio.files.limits import Limits
from studio.scene.errors import PictureFileError
from studio.scene.geometry import Extent
from studio.scene.sentences import say

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "GIF")  # JPEG includes phones' MPO


@dataclass(frozen=True, eq=False)
class Decoded:
    """A picture without its metadata. `opacity` is there if the file had an alpha channel."""

    image: Image.Image  # RGB, upright, sRGB
    opacity: NDArray[np.uint8] | None  # (height, width)
    notices: tuple[str, ...]


def decode_picture(source: bytes | Path, limits: Limits | None = None) -> Image.Image:
    """The picture alone; see `read_picture`."""
    return read_picture(source, limits).image


def read_picture(
    source: bytes | Path,
    limits: Limits | None = None,
    background: tuple[int, int, int] = (255, 255, 255),
) -> Decoded:
    """Decode a file's bytes or path; transparent parts show `background`."""
    limits = limits or Limits()
    name = shown(source.name) if isinstance(source, Path) else say("The picture")
    content = read_content(source, name, limits)
    try:
        image = open_picture(content, name, limits)
        notices: list[str] = []
        if getattr(image, "is_animated", False) and image.format != "MPO":
            notices.append(say("The file is animated; its first frame is used."))
            image.seek(0)
        image.load()
    except DECODER_FAULTS as fault:
        raise PictureFileError(
            "{name} is damaged or cut short: {fault}.", name=name, fault=reason_of(fault)
        ) from fault
    turned = _upright(image)
    plain = _eight_bit(turned, name)
    opacity = _opacity(plain)
    colour = to_srgb(_composite(plain, background), image.info.get("icc_profile"), notices)
    if opacity is not None and not opacity.any():
        notices.append(say("The picture is wholly transparent; only its background shows."))
    colour.info.clear()
    return Decoded(colour, opacity, tuple(notices))


def read_colours(
    source: bytes | Path, limits: Limits | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """Pixels (height, width, 3) as they are stored, and opacity: for masks and label maps.

    No colour profile and no rotation is applied, for here a colour is a name.
    """
    name = shown(source.name) if isinstance(source, Path) else say("The picture")
    content = read_content(source, name, limits or Limits())
    try:
        image = open_picture(content, name, limits or Limits())
        image.load()
    except DECODER_FAULTS as fault:
        raise PictureFileError(
            "{name} is damaged or cut short: {fault}.", name=name, fault=reason_of(fault)
        ) from fault
    plain = _eight_bit(image, name)
    return np.array(plain.convert("RGB")), _opacity(plain)


def picture_extent(path: Path, limits: Limits | None = None) -> Extent:
    """The size of a picture that `read_colours` would give; nothing is decoded."""
    name, limits = shown(path.name), limits or Limits()
    try:
        return Extent(*open_picture(read_content(path, name, limits), name, limits).size)
    except DECODER_FAULTS as fault:
        raise PictureFileError(
            "{name} is damaged or cut short: {fault}.", name=name, fault=reason_of(fault)
        ) from fault


def shown(name: str) -> str:
    """A foreign name as it may stand in a message: one printable line, not too long."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[-80:]


def read_content(source: bytes | Path, name: str, limits: Limits) -> bytes:
    if isinstance(source, bytes):
        size, read = len(source), lambda: source
    else:
        size, read = _size_of(source), source.read_bytes
    if size == 0:
        raise PictureFileError("{name} is an empty file.", name=name)
    if size > limits.largest_bytes:
        raise PictureFileError(
            "{name} has {megabytes:.0f} MB; at most {most:.0f} MB are read. Save it smaller.",
            name=name,
            megabytes=size / 2**20,
            most=limits.largest_bytes / 2**20,
        )
    try:
        return read()
    except OSError as fault:
        raise PictureFileError(
            "{name} cannot be read: {reason}.", name=name, reason=fault.strerror
        ) from fault


def _size_of(path: Path) -> int:
    try:
        if not path.is_file():
            if path.exists():
                raise PictureFileError("{name} is no file.", name=shown(str(path)))
            raise PictureFileError("{name} does not exist.", name=shown(str(path)))
        return path.stat().st_size
    except (OSError, ValueError) as fault:  # a name too long, or with a zero character
        raise PictureFileError(
            "{path} is not a path that can be read.", path=shown(str(path))
        ) from fault


def open_picture(content: bytes, name: str, limits: Limits) -> Image.Image:
    """Read the header and nothing more; refuse by format and size."""
    foreign = _foreign_format(content)
    if foreign:
        raise PictureFileError(
            "{name} is {foreign}, which is not supported. Save it as PNG.",
            name=name,
            foreign=foreign,
        )
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.UnidentifiedImageError as fault:
        is_damaged = _looks_like_a_picture(content)
        kind = say("is damaged") if is_damaged else say("is not a picture")
        raise PictureFileError(
            "{name} {kind}; PNG, JPEG, WebP, TIFF and GIF are read.", name=name, kind=kind
        ) from fault
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise PictureFileError(_too_many_pixels(name, limits)) from fault
    width, height = image.size
    if max(width, height) > limits.largest_side:
        raise PictureFileError(
            "{name} is {size} pixels; a side has at most {largest}.",
            name=name,
            size=Extent(width, height),
            largest=limits.largest_side,
        )
    if width * height > limits.largest_pixels:
        raise PictureFileError(_too_many_pixels(name, limits))
    if min(width, height) < limits.smallest_side:
        raise PictureFileError(
            "{name} is {size} pixels; that is too small, a side needs at least {smallest}.",
            name=name,
            size=Extent(width, height),
            smallest=limits.smallest_side,
        )
    if image.format == "PNG":
        Image.open(io.BytesIO(content), formats=("PNG",)).verify()  # Pillow decodes without CRCs
    return image


def _too_many_pixels(name: str, limits: Limits) -> str:
    return say(
        "{name} has over {most} megapixels. Scale it down first.",
        name=name,
        most=limits.largest_pixels // 1_000_000,
    )


def _foreign_format(content: bytes) -> str | None:
    head = content[:512].lstrip()
    if b"<svg" in content[:4096].lower():
        return say("an SVG drawing")
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return say("a HEIC or AVIF picture")
    if content[:8] == _PNG and content[12:16] == b"CgBI":
        return say("a PNG of Apple's own kind (CgBI)")
    return next((kind for start, kind in _FOREIGN.items() if head.startswith(start)), None)


def _looks_like_a_picture(content: bytes) -> bool:
    return content.startswith((_PNG, b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"RIFF"))


def _upright(image: Image.Image) -> Image.Image:
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except DECODER_FAULTS:
        return image  # the camera's notes are damaged, the picture is not
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _eight_bit(image: Image.Image, name: str) -> Image.Image:
    """L, RGB, RGBA or CMYK with 8 bits a channel; 16 bits are scaled, never clipped."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        return Image.fromarray(_scaled(np.asarray(image), name))
    if image.mode in ("PA", "LA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in ("1", "P", "YCbCr", "LAB", "HSV", "RGBX"):
        return image.convert("L" if image.mode == "1" else "RGB")
    return image


def _scaled(values: NDArray[Any], name: str) -> NDArray[np.uint8]:
    numbers = values.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise PictureFileError(
            "{name} holds values that are no numbers (NaN or infinite).", name=name
        )
    if numbers.min() < 0 or numbers.max() > 65535:
        raise PictureFileError(
            "{name} holds values outside 0 to 65535; save it with 16 bits.", name=name
        )
    if values.dtype.kind != "f":
        return np.rint(numbers / 257).astype(np.uint8)
    scale = 255.0 if numbers.max() <= 1 else 1.0 if numbers.max() <= 255 else 1 / 257
    return np.rint(numbers * scale).astype(np.uint8)


def _opacity(image: Image.Image) -> NDArray[np.uint8] | None:
    return np.array(image.getchannel("A")) if image.mode == "RGBA" else None


def _composite(image: Image.Image, background: tuple[int, int, int]) -> Image.Image:
    if image.mode != "RGBA":
        return image
    below = Image.new("RGBA", image.size, (*background, 255))
    return Image.alpha_composite(below, image).convert("RGB")


def to_srgb(image: Image.Image, profile: Any, notices: list[str]) -> Image.Image:
    if not profile:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image.convert("RGB")
        converted = ImageCms.profileToProfile(image, source, _srgb(), outputMode="RGB")
        return converted or image.convert("RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        notices.append(say("The picture's colour profile is damaged and was ignored."))
        return image.convert("RGB")


def _srgb() -> Any:
    return ImageCms.createProfile("sRGB")  # pyright: ignore


def reason_of(fault: Exception) -> str:
    text = str(fault).strip().rstrip(".").replace("\n", " ")
    return text[:120] or type(fault).__name__


_PNG = b"\x89PNG\r\n\x1a\n"
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
_FOREIGN = {
    b"%PDF": say("a PDF"),
    b"8BPS": say("a Photoshop file"),
    b"%!PS": say("a PostScript file"),
    b"SIMPLE  =": say("a FITS file"),
    b"DDS ": say("a DDS texture"),
    b"icns": say("an Apple icon"),
    b"BM": say("a BMP"),
    b"\xff\x0a": say("a JPEG XL picture"),
    b"\0\0\0\x0cJXL ": say("a JPEG XL picture"),
    b"\xd7\xcd\xc6\x9a": say("a WMF drawing"),
}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# what Pillow's readers raise on damaged files
DECODER_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    OverflowError,
    struct.error,
)
