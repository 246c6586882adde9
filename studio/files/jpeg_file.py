"""JPEG files, segment by segment: what stands beside the coded pixels, and the recipe in it."""

from __future__ import annotations

import struct
from typing import NamedTuple

from studio.files.exif_block import PREFIX, clean_exif, orientation_alone
from studio.files.limits import LARGEST_RECIPE
from studio.files.photoshop_notes import without_preview
from studio.files.xmp_packet import pack_text, turned_packet, unpack_text, without_previews
from studio.scene.errors import PictureFileError

_START, _COMMENT, _SCAN = 0xD8, 0xFE, 0xDA
_JFIF, _EXIF_XMP, _ICC_MPF, _JUMBF, _PHOTOSHOP, _ADOBE = 0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xEE
_RECIPE = b"seg2any "
_ROOM = 65_000  # a segment holds 65533 bytes


class Segment(NamedTuple):
    marker: int
    data: bytes

    @property
    def is_note(self) -> bool:
        """Whether it says something about the picture, and is no part of how it is coded."""
        return self.marker == _COMMENT or 0xE0 <= self.marker <= 0xEF


def segments_of(content: bytes, name: str) -> tuple[list[Segment], bytes]:
    """The segments before the first scan, and everything from there on."""
    segments: list[Segment] = []
    position = 2
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xFF:  # padding
            position += 1
            continue
        if marker == _SCAN:
            return segments, content[position:]
        (length,) = struct.unpack_from(">H", content, position + 2)
        segments.append(Segment(marker, content[position + 4 : position + 2 + length]))
        position += 2 + length
    raise PictureFileError("{name} is damaged or cut short.", name=name)


def jpeg_recipe(content: bytes, name: str) -> bytes | None:
    """The joined comments of ours."""
    segments, _ = segments_of(content, name)
    pieces = [data for marker, data in segments if marker == _COMMENT and _is_ours(data)]
    packed = b"".join(piece.split(b" ", 2)[-1] for piece in pieces)
    if len(packed) > LARGEST_RECIPE:
        raise PictureFileError("{name} holds a damaged recipe.", name=name)
    return unpack_text(packed, name) if packed else None


def with_notes(coded: bytes, notes: list[Segment], recipe: str | None, name: str) -> bytes:
    """A coded picture with these notes in place of its own, and the recipe."""
    segments, rest = segments_of(coded, name)
    coding = [segment for segment in segments if not segment.is_note]
    comments = [segment for segment in notes if segment.marker == _COMMENT]
    others = [segment for segment in notes if segment.marker != _COMMENT]
    # readers that know one comment alone show the last one: the photographer's own
    head = [*others, *_recipe_comments(recipe or ""), *comments, *coding]
    return b"\xff\xd8" + b"".join(_written(segment) for segment in head) + rest


def kept_notes(original: bytes, orientation: int, name: str) -> list[Segment]:
    """What a changed photo keeps of its JPEG: all but previews, further pictures, proofs of
    origin (they vouch for the pixels as they were) and a recipe of ours.

    The pixels stay stored as they were, in the orientation that was found.
    """
    kept: list[Segment] = []
    for segment in segments_of(original, name)[0]:
        if segment.is_note:
            data = _kept(segment, orientation)
            if data is not None:
                kept.append(Segment(segment.marker, data))
    if orientation != 1 and not any(segment.data.startswith(PREFIX) for segment in kept):
        place = 1 if kept and kept[0].marker == _JFIF else 0
        kept.insert(place, Segment(_EXIF_XMP, PREFIX + orientation_alone(orientation)))
    return kept


def own_notes(coded: bytes, name: str) -> list[Segment]:
    """The notes that the coder wrote: they say which colours were coded."""
    return [segment for segment in segments_of(coded, name)[0] if segment.is_note]


def merged_notes(kept: list[Segment], own: list[Segment]) -> list[Segment]:
    """The kept notes for a picture that was coded anew: its own markers say how."""
    of_coding = (_JFIF, _ADOBE)
    density = next((s.data for s in kept if s.marker == _JFIF), None)
    head = [
        Segment(_JFIF, density) if s.marker == _JFIF and density else s
        for s in own
        if s.marker in of_coding
    ]
    return head + [segment for segment in kept if segment.marker not in of_coding]


def _is_ours(data: bytes) -> bool:
    return data.startswith(_RECIPE)


def _kept(segment: Segment, orientation: int) -> bytes | None:
    marker, data = segment
    if marker == _JFIF:
        return data[:12] + b"\0\0" if data.startswith(b"JFIF\0") else None
    if marker == _EXIF_XMP and data.startswith(PREFIX):
        cleaned = clean_exif(data, orientation)
        return None if cleaned is None else PREFIX + cleaned
    if marker == _EXIF_XMP:
        return turned_packet(without_previews(data), orientation)
    if marker == _PHOTOSHOP:
        return without_preview(data)
    is_gone = (
        (marker == _ICC_MPF and data.startswith(b"MPF\0"))
        or (marker == _JUMBF and b"jumb" in data[:64])
        or (marker == _COMMENT and _is_ours(data))
    )
    return None if is_gone else data


def _recipe_comments(recipe: str) -> list[Segment]:
    packed = pack_text(recipe) if recipe else b""
    starts = range(0, len(packed), _ROOM)
    return [
        Segment(_COMMENT, b"%b%d/%d %b" % (_RECIPE, n, len(starts), packed[start : start + _ROOM]))
        for n, start in enumerate(starts, start=1)
    ]


def _written(segment: Segment) -> bytes:
    return bytes((0xFF, segment.marker)) + struct.pack(">H", len(segment.data) + 2) + segment.data
