"""Undo on disk: the moments of a timeline in a few generations, and each mask once by its digest.

It is kept apart from the project's state, so that damage here costs steps of undo and never the
scene.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from studio.files.recipe import sampling_from_json, sampling_to_json
from studio.files.storage import write_atomic
from studio.project.document import Document, as_entry
from studio.project.photo_work import PhotoWork, work_from_json, work_to_json
from studio.project.store.project_folder import pack_state, unpack_state
from studio.project.timeline import Moment
from studio.scene.errors import BadInput, ProjectFileError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.region import Click, Region
from studio.scene.request import Sampling
from studio.scene.scene import Scene
from studio.scene.style import style_from_json, style_to_json

log = logging.getLogger(__name__)

GENERATIONS = 2
_DIGEST = re.compile(r"[0-9a-f]{32}")


class UndoFolder:
    """Masks are written when they first appear and go when no generation needs them."""

    def __init__(self, path: Path, count: Callable[[int], None] = lambda size: None) -> None:
        self.path = path
        self._count = count
        self._needed: dict[int, frozenset[str]] = {}  # generation: digests of its masks
        self._whole: set[str] = set()  # masks that were read or written
        self._saved: tuple[int, Sequence[Moment]] | None = None

    def save(self, moments: Sequence[Moment], position: int) -> None:
        """Write the next generation if anything changed; StorageError if the disk refuses."""
        if self._saved is not None and _is_same(self._saved, (position, moments)):
            return
        masks = {
            region.mask.digest: region.mask
            for moment in moments
            for region in moment.document.scene.regions
        }
        for digest in masks.keys() - self._whole:
            self._write(self._mask(digest), _packed(masks[digest]))
            self._whole.add(digest)
        number = max(self._generations(), default=0) + 1
        self._write(self._file(number), pack_state(_to_json(moments, position)))
        self._saved = (position, moments)
        self._needed[number] = frozenset(masks)
        for old in sorted(self._needed)[:-GENERATIONS]:
            del self._needed[old]
        self._tidy(self._whole - self._known())
        self._whole &= self._known()

    def load(self) -> tuple[list[Moment], int] | None:
        """The newest generation that can be read, as far as its masks are whole."""
        found: tuple[list[Moment], int] | None = None
        for number in sorted(self._generations(), reverse=True):
            try:
                body = unpack_state(self._file(number).read_bytes())
                self._needed[number] = _digests(body)
                if found is None:
                    found = self._from_json(body)
            except (OSError, ProjectFileError) as fault:
                log.warning("undo %s is damaged: %s", self._file(number).name, fault)
        if self.path.is_dir():
            self._tidy({file.stem for file in self.path.glob("*.mask")} - self._known())
        return found

    def _tidy(self, digests: Iterable[str]) -> None:
        """Delete masks and generations that nothing needs."""
        files = [self._mask(digest) for digest in digests]
        files += [
            self._file(number) for number in self._generations() if number not in self._needed
        ]
        for file in files:
            with suppress(OSError):
                size = file.stat().st_size
                file.unlink()
                self._count(-size)

    def _write(self, file: Path, content: bytes) -> None:
        write_atomic(file, content)
        self._count(len(content))

    def _from_json(self, body: dict[str, Any]) -> tuple[list[Moment], int]:
        """The moments round the present one; a moment that cannot be read ends them."""
        try:
            reader = _Reader(self, body)
            entries, position = body["moments"], body["position"]
            present = reader.moment(entries[position])
            before = _while_readable(reader, reversed(entries[:position]))
            after = _while_readable(reader, entries[position + 1 :])
        except _FAULTS as fault:
            raise ProjectFileError("The undo is damaged: {fault}.", fault=fault) from fault
        return [*reversed(before), present, *after], len(before)

    def mask(self, digest: str, extent: Extent) -> Mask:
        """Raises ProjectFileError for one that is not there or not what its name says."""
        if not _DIGEST.fullmatch(digest):
            raise ProjectFileError("The undo names a mask that cannot be.")
        try:
            mask = _unpacked(self._mask(digest).read_bytes(), extent)
        except (OSError, ValueError, zlib.error) as fault:
            raise ProjectFileError(
                "A mask of the undo is damaged: {fault}.", fault=fault
            ) from fault
        if mask.digest != digest:
            raise ProjectFileError("A mask of the undo does not fit its name.")
        self._whole.add(digest)
        return mask

    def _known(self) -> set[str]:
        """The digests of all masks on disk that a generation needs."""
        return {digest for digests in self._needed.values() for digest in digests}

    def _mask(self, digest: str) -> Path:
        return self.path / f"{digest}.mask"

    def _file(self, number: int) -> Path:
        return self.path / f"undo-{number:08d}.json"

    def _generations(self) -> list[int]:
        names = (file.stem.removeprefix("undo-") for file in self.path.glob("undo-*.json"))
        return [int(name) for name in names if name.isdigit()]


class _Reader:
    """Values that several moments share are made once."""

    def __init__(self, folder: UndoFolder, body: dict[str, Any]) -> None:
        self._folder = folder
        self._regions: list[Any] = body["regions"]
        self._samplings = [sampling_from_json(as_entry(entry)) for entry in body["samplings"]]
        self._works = [work_from_json(entry) for entry in body.get("works", [])]
        self._made: dict[tuple[int, Extent], Region] = {}
        self._masks: dict[tuple[str, Extent], Mask] = {}

    def moment(self, entry: dict[str, Any]) -> Moment:
        extent = Extent(*entry["size"])
        regions = [self._region(number, extent) for number in entry["regions"]]
        document = Document(
            Scene(*extent, entry["caption"], regions),
            self._samplings[int(entry["sampling"])],
            entry["photo"],
            {region.identity: slot for region, slot in zip(regions, entry["slots"], strict=True)},
            edit=self._work(entry.get("edit")),
            aside=self._work(entry.get("aside")),
        )
        return Moment(document, str(entry["label"]))

    def _work(self, number: int | None) -> PhotoWork | None:
        return None if number is None else self._works[number]

    def _region(self, number: int, extent: Extent) -> Region:
        known = self._made.get((number, extent))
        if known is None:
            values = dict(self._regions[number])
            values["clicks"] = tuple(Click(*click) for click in values["clicks"])
            if "style" in values:
                values["style"] = style_from_json(values["style"])
            digest = values.pop("mask")
            mask = self._masks.get((digest, extent)) or self._folder.mask(digest, extent)
            self._masks[digest, extent] = mask
            known = self._made[number, extent] = Region(mask, **values)
        return known


_FAULTS = (KeyError, IndexError, TypeError, ValueError, AttributeError, BadInput)


def _while_readable(reader: _Reader, entries: Iterable[dict[str, Any]]) -> list[Moment]:
    moments: list[Moment] = []
    for entry in entries:
        try:
            moments.append(reader.moment(entry))
        except _FAULTS as fault:
            log.warning("a step of undo is damaged: %s", fault)
            break
    return moments


def _to_json(moments: Sequence[Moment], position: int) -> dict[str, Any]:
    regions: dict[int, Region] = {}  # by object: moments share what an edit did not touch
    samplings: dict[int, Sampling] = {}
    works: dict[int, PhotoWork] = {}
    for moment in moments:
        regions |= {id(region): region for region in moment.document.scene.regions}
        samplings[id(moment.document.sampling)] = moment.document.sampling
        works |= {id(work): work for work in _works_of(moment.document).values()}
    region_places = {key: place for place, key in enumerate(regions)}
    sampling_places = {key: place for place, key in enumerate(samplings)}
    work_places = {key: place for place, key in enumerate(works)}
    entries = [
        {
            "label": moment.label,
            "size": list(moment.document.scene.extent),
            "caption": moment.document.scene.caption,
            "regions": [region_places[id(region)] for region in moment.document.scene.regions],
            "slots": [moment.document.slots[name] for name in moment.document.identities],
            "sampling": sampling_places[id(moment.document.sampling)],
            "photo": moment.document.photo,
            **{name: work_places[id(work)] for name, work in _works_of(moment.document).items()},
        }
        for moment in moments
    ]
    return {
        "position": position,
        "moments": entries,
        "regions": [_region_to_json(each) for each in regions.values()],
        "samplings": [sampling_to_json(each) for each in samplings.values()],
        **({"works": [work_to_json(each) for each in works.values()]} if works else {}),
    }


def _region_to_json(region: Region) -> dict[str, Any]:
    """What only an edit of a photo sets is written where it is set."""
    values = vars(region) | {"mask": region.mask.digest}
    if region.style is not None:
        values["style"] = style_to_json(region.style)
    unset = {name for name in ("seed", "strength", "feather", "style") if values[name] is None}
    return {name: value for name, value in values.items() if name not in unset}


def _works_of(document: Document) -> dict[str, PhotoWork]:
    works = {"edit": document.edit, "aside": document.aside}
    return {name: work for name, work in works.items() if work is not None}


def _is_same(before: tuple[int, Sequence[Moment]], after: tuple[int, Sequence[Moment]]) -> bool:
    (old_position, old), (position, new) = before, after
    same = position == old_position and len(old) == len(new)
    return same and all(first is second for first, second in zip(old, new, strict=True))


def _digests(body: dict[str, Any]) -> frozenset[str]:
    try:
        return frozenset(str(region["mask"]) for region in body["regions"])
    except (KeyError, TypeError) as fault:
        raise ProjectFileError("The undo is damaged: {fault}.", fault=fault) from fault


def _packed(mask: Mask) -> bytes:
    return zlib.compress(np.packbits(mask.pixels).tobytes(), 1)


def _unpacked(content: bytes, extent: Extent) -> Mask:
    count = extent.width * extent.height
    bits = zlib.decompressobj().decompress(content, count // 8 + 2)  # never more than it should be
    pixels = np.unpackbits(np.frombuffer(bits, np.uint8), count=count)
    return Mask(np.reshape(pixels, extent.shape).astype(np.bool_))
