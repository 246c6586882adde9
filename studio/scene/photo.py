"""A photograph as a value: its pixels at 8 or 16 bits, and what a model sees of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from studio.scene.errors import PictureFileError
from studio.scene.geometry import Bounds, Extent

Pixels = NDArray[np.unsignedinteger[Any]]  # uint8 or uint16


@dataclass(frozen=True, eq=False)
class Photo:
    """Upright pixels, read-only. Two photos with the same digest are the same photo.

    pixels: (h, w) grey, (h, w, 2) grey and opacity, (h, w, 3) or (h, w, 4); uint8 or uint16.
    """

    pixels: Pixels
    digest: str

    @staticmethod
    def of(source: Any) -> Photo:
        """Of a PIL image or an array, which is copied; PictureFileError for what is no photo."""
        if isinstance(source, Photo):
            return source
        pixels = _from_image(source) if isinstance(source, Image.Image) else _from_array(source)
        pixels.setflags(write=False)
        return Photo(pixels, digest_of(pixels))

    @property
    def extent(self) -> Extent:
        height, width = self.pixels.shape[:2]
        return Extent(width, height)

    @property
    def depth(self) -> int:
        """Bits a channel: 8 or 16."""
        return 8 * self.pixels.dtype.itemsize

    @property
    def channels(self) -> int:
        return 1 if self.pixels.ndim == 2 else self.pixels.shape[2]

    @property
    def colour_channels(self) -> int:
        """1 for grey and 3 for colour, opacity not counted."""
        return 1 if self.channels < 3 else 3

    def colours8(self) -> NDArray[np.uint8]:
        """(h, w, 3) as a model sees it: 16 bits scaled, grey tripled, opacity ignored."""
        colours = colours_of(self.pixels)
        if colours.dtype == np.uint16:
            colours = in_eight_bits(colours)
        return np.ascontiguousarray(np.broadcast_to(colours, (*colours.shape[:2], 3)))

    def crop(self, box: Sequence[int]) -> Photo:
        """The pixels within (left, top, right, bottom), shared and not copied."""
        left, top, right, bottom = Bounds(*box)
        return Photo(self.pixels[top:bottom, left:right], f"{self.digest}:{tuple(box)}")

    def image(self, pixels: Pixels | None = None) -> Image.Image:
        """As PIL shows it; PIL knows 16 bits in grey alone, so 16-bit colour shows as 8."""
        shown = self.pixels if pixels is None else pixels
        if shown.dtype == np.uint16 and shown.ndim == 3:
            shown = in_eight_bits(shown)
        return Image.fromarray(np.ascontiguousarray(shown))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Photo) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def colours_of(pixels: Pixels) -> Pixels:
    """(h, w, 1) or (h, w, 3): a view of the pixels without their opacity."""
    if pixels.ndim == 2:
        return pixels[..., None]
    return pixels[..., : 1 if pixels.shape[2] < 3 else 3]


def in_eight_bits(pixels: Pixels) -> NDArray[np.uint8]:
    """16-bit values to the nearest of 8 bits: 257 of the one are 1 of the other."""
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def digest_of(pixels: Pixels) -> str:
    content = hashlib.blake2b(f"{pixels.shape}{pixels.dtype}".encode(), digest_size=16)
    content.update(np.ascontiguousarray(pixels).data)
    return content.hexdigest()


def _from_image(image: Image.Image) -> Pixels:
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):
        values = np.asarray(upright)
        if values.min() < 0 or values.max() > 65535:
            raise PictureFileError(
                "The photo holds values outside 0 to 65535; save it with 16 bits."
            )
        return values.astype(np.uint16)
    if upright.mode not in _MODES:
        raise PictureFileError(
            "The photo is of mode {mode}; convert it to one of {allowed} first.",
            mode=upright.mode,
            allowed=", ".join(_MODES),
        )
    return np.array(upright)


def _from_array(source: Any) -> Pixels:
    array = np.array(source)
    if array.dtype.type not in (np.uint8, np.uint16):
        raise PictureFileError(
            "A photo is a PIL image, a path or an array of uint8 or uint16, not {kind}.",
            kind=array.dtype if isinstance(source, np.ndarray) else type(source).__name__,
        )
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    is_flat = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (2, 3, 4))
    if not is_flat or not array.size:
        raise PictureFileError(
            "A photo's array is (height, width) or (height, width, 1 to 4 channels), not {shape}.",
            shape=array.shape,
        )
    return np.ascontiguousarray(array, array.dtype.type)


_MODES = ("L", "LA", "RGB", "RGBA", "I;16")
