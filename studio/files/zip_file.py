"""Zip files from outside: what being damaged means, what is too much, and reading in pieces."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence

from studio.scene.errors import BadInput

# what zipfile raises for a file that is cut, forged, encrypted or packed in an unknown way
DAMAGED_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    RuntimeError,
    ValueError,
)


_PIECE = 2**20
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others unpack without bounds


def check_entries(
    entries: Sequence[zipfile.ZipInfo], most_files: int, most_bytes: int, error: type[BadInput]
) -> None:
    """Refuse too many files, or too large ones, by what they announce; nothing is read."""
    total = sum(entry.file_size for entry in entries)
    if len(entries) > most_files or total > most_bytes:
        raise error(
            "The file unpacks to {files} files of {megabytes} MB; at most {most_files} of "
            "{most_megabytes} MB together are read.",
            files=len(entries),
            megabytes=total // 2**20,
            most_files=most_files,
            most_megabytes=most_bytes // 2**20,
        )
    if any(entry.compress_type not in _PACKINGS for entry in entries):
        raise error("The zip file is packed in an unusual way; pack it again as a plain zip file.")


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Never more than the entry says, whatever the data unpacks to; BadZipFile if it lies."""
    pieces: list[bytes] = []
    left = entry.file_size
    with archive.open(entry) as file:
        while piece := file.read(min(_PIECE, left + 1)):
            pieces.append(piece)
            left -= len(piece)
            if left < 0:
                break
    if left:
        raise zipfile.BadZipFile("a size is wrong")
    return b"".join(pieces)
