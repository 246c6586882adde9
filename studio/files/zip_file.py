"""Zip files from outside: what being damaged means, and reading no more than an entry announces."""

from __future__ import annotations

import zipfile
import zlib

# what zipfile raises for a file that is cut, forged, encrypted or packed in an unknown way
DAMAGED_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    RuntimeError,
    ValueError,
)


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Never more than the entry says, whatever the data unpacks to; BadZipFile if it lies."""
    with archive.open(entry) as file:
        piece = file.read(entry.file_size + 1)
    if len(piece) != entry.file_size:
        raise zipfile.BadZipFile("a size is wrong")
    return piece
