"""What a file from outside may hold. Everything here is counted before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass

LARGEST_JSON = 512 * 2**20  # bytes; COCO's own annotation files have 470 MB
DEEPEST_JSON = 50  # lists and objects inside each other
LONGEST_TEXT = 100_000  # letters of a caption or name in a file
LONGEST_OUTLINE = 200_000  # pixels round a polygon

LARGEST_PICTURE = 640 * 2**20  # bytes of a photo, and of a picture of ours
LARGEST_RECIPE = 64 * 2**20  # bytes of text inside it

MOST_FILES = 500  # sent at once, or in a zip
LARGEST_ZIP = 128 * 2**20  # bytes, unpacked

LARGEST_STATE = 64 * 2**20  # bytes of a project's own text, unpacked
LARGEST_PROJECT = 2 * 2**30  # bytes of a project file, unpacked
MOST_PROJECT_FILES = 20_000
LARGEST_GROWTH = 100  # times its size that a project file may unpack to


@dataclass(frozen=True)
class Limits:
    """Of a picture; what is beyond is refused by its header."""

    largest_bytes: int = 50 * 2**20
    largest_pixels: int = 40_000_000
    smallest_side: int = 16
    largest_side: int = 8192


PHOTO_LIMITS = Limits(largest_bytes=LARGEST_PICTURE, largest_pixels=2**26, largest_side=30_000)
