"""Photos and their layers, decoded once and kept while they are used, within a byte bound."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar, cast

from studio.files.layer_file import read_layer
from studio.files.photo_file import PhotoFile, read_photo
from studio.project.photo_work import Made, PhotoWork
from studio.project.store.project_folder import ProjectFolder
from studio.scene.errors import ProjectFileError
from studio.scene.photo_layer import PhotoLayer

T = TypeVar("T")
MOST_BYTES = 640 * 2**20


class PhotoShelf:
    """Least recently used goes first; the newest stays even if it is larger than the bound.

    What is kept is named by its content, so that all projects share it. Whoever waits for a photo
    that is being decoded holds up nobody else.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[object, int]] = OrderedDict()
        self._making: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    @property
    def bytes_used(self) -> int:
        with self._lock:
            return sum(size for _, size in self._kept.values())

    def photo(self, folder: ProjectFolder, work: PhotoWork) -> PhotoFile:
        """The untouched photo; ProjectFileError if it is not what the project says."""

        def make() -> tuple[PhotoFile, int]:
            opened = read_photo(folder.get(work.original))
            return opened, opened.photo.pixels.nbytes

        opened = self._fetch(work.original, make)
        if opened.photo.extent != work.extent:
            raise ProjectFileError(
                "The project's photo is {extent}; it should be {wanted}.",
                extent=opened.photo.extent,
                wanted=work.extent,
            )
        return opened

    def layer(
        self, folder: ProjectFolder, made: Made, region: str | None, *, is_grey: bool
    ) -> PhotoLayer:
        """A layer as it is kept: at the photo's size, its opacity as it was written."""

        def make() -> tuple[PhotoLayer, int]:
            pixels, alpha = read_layer(folder.get(made.layer), made.box.extent, is_grey=is_grey)
            return PhotoLayer(made.box, pixels, alpha, region), pixels.nbytes + alpha.nbytes

        key = f"{made.layer} {tuple(made.box)} {region} {is_grey}"
        return self._fetch(key, make)

    def being_made(self, key: str) -> threading.Lock:
        """Whoever holds it decodes what the key names; all who want the same wait."""
        with self._lock:
            return self._making.setdefault(key, threading.Lock())

    def _fetch(self, key: str, make: Callable[[], tuple[T, int]]) -> T:
        with self.being_made(key):
            with self._lock:
                known = self._kept.get(key)
                if known is not None:
                    self._kept.move_to_end(key)
                    return cast("T", known[0])
            try:
                value, size = make()
            finally:
                with self._lock:
                    self._making.pop(key, None)
            with self._lock:
                self._kept[key] = (value, size)
                total = sum(each for _, each in self._kept.values())
                while total > self._most_bytes and len(self._kept) > 1:
                    total -= self._kept.popitem(last=False)[1][1]
            return value
