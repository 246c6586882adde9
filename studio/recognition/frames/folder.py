"""A folder of pictures as frames of a series, in the order in which people count."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.files.picture_decoder import decode_picture, picture_extent
from studio.recognition.finder import Pixels
from studio.scene.errors import PictureFileError
from studio.scene.geometry import Extent

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")
VIDEOS = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".gif")


@dataclass(frozen=True)
class FrameFolder:
    """Frames by number from 0. A frame is read when it is asked for, and not kept."""

    paths: tuple[Path, ...]
    extent: Extent  # of the first; all have to be of this size

    @staticmethod
    def open(folder: Path) -> FrameFolder:
        """The pictures in a folder, frame 2 before frame 10; the headers are read as needed."""
        if folder.suffix.lower() in VIDEOS and folder.is_file():
            raise PictureFileError(
                "{name} is a video; frames are pictures in a folder. Take it apart first: ffmpeg "
                "-i {name} frames/%05d.png",
                name=folder.name,
            )
        if not folder.is_dir():
            raise PictureFileError(
                "{folder} is not a folder; frames are pictures in a folder.", folder=folder
            )
        paths = sorted(
            (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES), key=_in_order
        )
        if not paths:
            raise PictureFileError(
                "{folder} holds no pictures; frames are PNG, JPEG, WebP or TIFF.", folder=folder
            )
        _check_names(paths)
        return FrameFolder(tuple(paths), picture_extent(paths[0]))

    def __len__(self) -> int:
        return len(self.paths)

    def name(self, number: int) -> str:
        return self.paths[number].stem

    def identity(self, number: int) -> str:
        """What tells whether a frame is still the one that was looked at."""
        path = self.paths[number]
        return f"{path.name}:{path.stat().st_size}" if path.exists() else path.name

    def read(self, number: int) -> Pixels:
        """(height, width, 3); PictureFileError names the frame that cannot be used."""
        path = self.paths[number]
        pixels = np.asarray(decode_picture(path), np.uint8)
        height, width = pixels.shape[:2]
        if (width, height) != tuple(self.extent):
            raise PictureFileError(
                "Frame {name} is {extent} pixels, but the first frame is {wanted}; all frames must "
                "be of one size.",
                name=path.name,
                extent=Extent(width, height),
                wanted=self.extent,
            )
        return pixels


def _in_order(path: Path) -> tuple[tuple[int, int, str], ...]:
    """Numbers count as numbers: "frame 2" before "frame 10"."""
    parts = re.split(r"(\d+)", path.name.lower())
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)


def _check_names(paths: list[Path]) -> None:
    """Masks are called as their frames are, without the ending."""
    seen: dict[str, Path] = {}
    for path in paths:
        other = seen.setdefault(path.stem.lower(), path)
        if other is not path:
            raise PictureFileError(
                "{one} and {other} have the same name but for the ending; rename one of them.",
                one=other.name,
                other=path.name,
            )
