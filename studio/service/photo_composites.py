"""A photo under the layers of its regions, in whole or in part, and what differs outside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.files.photo_file import PhotoFile
from studio.project.document import Document
from studio.project.history import Node
from studio.project.photo_changes import work_of
from studio.project.photo_work import Made, PhotoWork
from studio.project.session import Session
from studio.scene.errors import ProjectFileError
from studio.scene.geometry import Bounds, Extent
from studio.scene.photo import Photo, Pixels
from studio.scene.photo_layer import Outside, PhotoLayer, composite, outside
from studio.scene.region import Region
from studio.service.studio import Studio


@dataclass(frozen=True)
class Composite:
    """A document's photo with its layers; nothing is decoded before it is asked for."""

    studio: Studio
    session: Session
    document: Document
    without: frozenset[str] = frozenset()  # regions whose layers are left out

    @property
    def work(self) -> PhotoWork:
        return work_of(self.document)

    @property
    def photo_file(self) -> PhotoFile:
        return self.studio.photos.photo(self.session.folder, self.work)

    @property
    def regions(self) -> tuple[Region, ...]:
        """Those whose layers show, the lowest first."""
        return tuple(
            region
            for region in self.document.scene.regions
            if region.identity not in self.without and self.work.shows(region)
        )

    @property
    def digest(self) -> str:
        """Of everything that decides the pixels."""
        parts = [
            [
                made.layer,
                list(made.box),
                self.work.opacity(region.identity),
                None if made.mask == region.mask.digest else region.mask.digest,
            ]
            for region in self.regions
            for made in [self.work.made[region.identity]]
        ]
        if not parts:
            return self.work.original.partition(".")[0]  # as `PhotoEdit` names the file
        text = json.dumps([self.work.original, parts])
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def with_made(self, made: Mapping[str, Made]) -> Composite:
        """The same with other layers of some regions."""
        work = self.work.with_made(made, None)
        return replace(self, document=replace(self.document, edit=work), without=frozenset())

    def photo(self) -> Photo:
        """The whole, for the engine."""
        pixels = self.pixels()
        pixels.setflags(write=False)
        return Photo(pixels, self.digest)

    def pixels(self, box: Bounds | None = None) -> Pixels:
        """The whole, or a part; read-only where no layer shows there."""
        whole = Bounds(0, 0, *self.work.extent)
        box = box or whole
        below = self.photo_file.photo.pixels[box.top : box.bottom, box.left : box.right]
        layers: list[PhotoLayer] = []
        opacities: list[float] = []
        for region in self.regions:
            layer = self._layer(region, box)
            if layer is not None:
                layers.append(layer)
                opacities.append(self.work.opacity(region.identity))
        return composite(below, layers, opacities) if layers else below

    def shown(self, extent: Extent) -> Pixels:
        """The whole at a smaller size, as a page shows it: layers over the scaled photo."""
        pixels = self.pixels()
        if extent == self.work.extent:
            return pixels
        return cast("Pixels", cv2.resize(pixels, extent, interpolation=cv2.INTER_AREA))

    def changed(self, box: Bounds | None = None) -> NDArray[np.bool_]:
        """The pixels of the photo that a visible layer may change."""
        whole = box or Bounds(0, 0, *self.work.extent)
        found = np.zeros(whole.extent.shape, np.bool_)
        for region in self.regions:
            mask = at_photo_size(region.mask.pixels, self.work.extent, box)
            found |= ~mask if self.work.made[region.identity].is_around else mask
        return found

    def named_layers(self) -> list[tuple[PhotoLayer, str, float, bool]]:
        """Every layer, what it is called, its opacity and whether it shows; the lowest first."""
        found: list[tuple[PhotoLayer, str, float, bool]] = []
        for number, region in enumerate(self.document.scene.regions, start=1):
            if region.identity not in self.work.made:
                continue
            layer = self._layer(region, Bounds(0, 0, *self.work.extent))
            name = f"{number} {region.name or region.caption}".strip()
            if layer is not None:
                opacity = self.work.opacity(region.identity)
                found.append((layer, name, opacity, region.is_visible))
        return found

    def outside(self) -> Outside:
        """What differs from the untouched photo outside the regions that show."""
        return outside(self.photo_file.photo.pixels, self.pixels(), self.changed())

    def _layer(self, region: Region, box: Bounds) -> PhotoLayer | None:
        """Its part inside the box, cut where the region's shape is another by now."""
        made = self.work.made[region.identity]
        if not _fits(made.box, self.work.extent):
            raise ProjectFileError("A layer of the photo lies outside it.")
        part = made.box.overlap(box)
        if part.left >= part.right or part.top >= part.bottom:
            return None
        is_grey = self.photo_file.photo.channels < 3
        layer = self.studio.photos.layer(
            self.session.folder, made, region.identity, is_grey=is_grey
        )
        rows = slice(part.top - made.box.top, part.bottom - made.box.top)
        columns = slice(part.left - made.box.left, part.right - made.box.left)
        alpha = layer.alpha[rows, columns]
        if made.mask != region.mask.digest:
            mask = at_photo_size(region.mask.pixels, self.work.extent, part)
            alpha = alpha * (~mask if made.is_around else mask)
        place = Bounds(
            part.left - box.left,
            part.top - box.top,
            part.right - box.left,
            part.bottom - box.top,
        )
        return PhotoLayer(place, layer.pixels[rows, columns], alpha, region.identity)


def of_node(studio: Studio, session: Session, node: Node, index: int) -> Composite:
    """The whole photo as a picture of the history shows it."""
    made = Composite(studio, session, session.document_of(node))
    return made.with_made(node.layers[index])


def at_photo_size(
    mask: NDArray[np.bool_], photo: Extent, box: Bounds | None = None
) -> NDArray[np.bool_]:
    """A mask of the scene at the photo's size, to the nearest pixel; or the part in a box."""
    if mask.shape == photo.shape:
        return mask if box is None else mask[box.top : box.bottom, box.left : box.right]
    box = box or Bounds(0, 0, *photo)
    down, across = (own / full for own, full in zip(mask.shape, photo.shape, strict=True))
    rows = ((np.arange(box.top, box.bottom) + 0.5) * down).astype(np.intp)
    columns = ((np.arange(box.left, box.right) + 0.5) * across).astype(np.intp)
    return np.take(mask[rows], columns, axis=1)


def _fits(box: Bounds, extent: Extent) -> bool:
    across = 0 <= box.left < box.right <= extent.width
    return across and 0 <= box.top < box.bottom <= extent.height
