"""From a photo's file to a document that edits it, and between the photo and a sketch on it."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image

from studio.files.photo_file import read_photo
from studio.files.picture_decoder import shown
from studio.files.picture_file import read_recipe, request_from_recipe
from studio.project.document import Document
from studio.project.edits import replace_scene
from studio.project.incoming import (
    File,
    Incoming,
    fitted,
    kept_photo,
    model_free,
    project_title,
)
from studio.project.model_facts import ModelFacts
from studio.project.photo_work import PhotoWork, region_key, working_extent
from studio.project.store.project_folder import ProjectFolder
from studio.scene.errors import PictureFileError, SceneError
from studio.scene.geometry import Bounds, Extent
from studio.scene.mask import Mask
from studio.scene.photo import Pixels, in_eight_bits
from studio.scene.region import Click, Region
from studio.scene.request import Sampling
from studio.scene.resize import resize_scene
from studio.scene.scene import Scene
from studio.scene.sentences import say

if TYPE_CHECKING:
    from studio.files.photo_file import PhotoFile


def edited_photo(file: File, folder: ProjectFolder) -> Incoming:
    """A new document that edits the photo; the file is kept as it came."""
    opened = read_photo(file.content)
    title = project_title(file.name)
    document = _of_photo(opened, kept_photo(file.content, folder), title, folder)
    return Incoming(document, title, tuple(opened.notices))


def reopened(file: File, folder: ProjectFolder) -> Incoming | None:
    """An edited photo of ours, with its regions settled; None for any other file."""
    try:
        recipe = read_recipe(file.content)
    except PictureFileError:
        return None
    request = request_from_recipe(recipe, shown(file.name))
    edit = request.edit
    if edit is None:
        return None
    opened = read_photo(file.content)
    title = project_title(file.name)
    document = _of_photo(opened, kept_photo(file.content, folder), title, folder)
    scene, lost = resize_scene(request.scene, document.scene.extent)
    assert document.edit is not None
    work = replace(
        document.edit,
        settled={region.identity: region_key(region) for region in scene.visible_regions},
        strength=edit.strength,
        feather=edit.feather,
        match_colours=edit.match_colours,
        contact_shadow=edit.contact_shadow,
    )
    sampling = replace(model_free(request.sampling), draft=False)
    made = Document(scene, sampling, document.photo, edit=work)
    return Incoming(made, title, (*opened.notices, *lost))


def with_scene(document: Document, scene: Scene) -> tuple[Document, tuple[str, ...]]:
    """The photo's edit with the regions of a scene that has the photo's proportions."""
    extent = document.scene.extent
    ratio = scene.width * extent.height / (scene.height * extent.width)
    if not 0.98 <= ratio <= 1.02:
        raise SceneError(
            "The scene is {scene} pixels and the photo {photo}; its regions lie on the photo only "
            "in the same proportions.",
            scene=scene.extent,
            photo=extent if document.edit is None else document.edit.extent,
        )
    scaled, lost = resize_scene(scene, extent)
    return replace_scene(document, scaled), lost


def edited_result(
    document: Document, picture: str, title: str, folder: ProjectFolder
) -> tuple[Document, tuple[str, ...]]:
    """The document of a render, now as an edit of that picture: its regions are settled."""
    opened = read_photo(folder.get(picture))
    fresh = _of_photo(opened, picture, title, folder)
    scene, lost = resize_scene(document.scene, fresh.scene.extent)
    assert fresh.edit is not None
    settled = {region.identity: region_key(region) for region in scene.visible_regions}
    edit = replace(fresh.edit, settled=settled)
    return replace(document, scene=scene, photo=fresh.photo, edit=edit, aside=None), lost


def started(
    document: Document, folder: ProjectFolder, name: str
) -> tuple[Document, tuple[str, ...]]:
    """A sketch on a photo as an edit of that photo, at the size of its file if that is kept."""
    if document.edit is not None:
        return document, ()
    if document.photo is None:
        raise SceneError("There is no photo to edit; upload one, or edit a result.")
    work, notices = document.aside, tuple[str, ...]()
    reference = document.photo if work is None else work.original
    try:
        opened = read_photo(folder.get(reference))
    except PictureFileError as fault:
        if work is None:
            raise
        notices = (say("{fault} The picture under the sketch is edited instead.", fault=fault),)
        work, reference = None, document.photo
        opened = read_photo(folder.get(reference))
    fresh = _of_photo(opened, reference, name, folder)
    scene = _back_in_photo(document.scene, opened.photo.extent)
    photo, edit = fresh.photo, work or fresh.edit
    return replace(document, scene=scene, photo=photo, edit=edit, aside=None), notices


def stopped(
    document: Document, folder: ProjectFolder, facts: ModelFacts
) -> tuple[Document, tuple[str, ...]]:
    """The edit as a sketch on its photo, in a size that the model renders; and what was lost."""
    work = document.edit
    if work is None or document.photo is None:
        raise SceneError("No photo is being edited.")
    extent = fitted(work.extent, facts)
    scene, notices = _cut(document.scene, extent)
    opened = read_photo(folder.get(work.original))
    pixels = opened.photo.pixels
    box = frame(work.extent, extent)
    photo = folder.put(
        shown_bytes(pixels[box.top : box.bottom, box.left : box.right], extent, opened.icc), "png"
    )
    return replace(document, scene=scene, photo=photo, edit=None, aside=work), notices


def frame(photo: Extent, extent: Extent) -> Bounds:
    """The part of a photo, in its middle, that has the proportions of another size."""
    scale = min(photo.width / extent.width, photo.height / extent.height)
    width = min(photo.width, max(1, round(extent.width * scale)))
    height = min(photo.height, max(1, round(extent.height * scale)))
    left, top = (photo.width - width) // 2, (photo.height - height) // 2
    return Bounds(left, top, left + width, top + height)


def shown_bytes(pixels: Pixels, extent: Extent | None = None, icc: bytes | None = None) -> bytes:
    """Pixels as a PNG for the page: 8 bits, at that size, with the photo's colour profile."""
    shown: Any = pixels
    if extent is not None and shown.shape[:2] != extent.shape:
        is_smaller = extent.width < shown.shape[1]
        method = cv2.INTER_AREA if is_smaller else cv2.INTER_CUBIC
        shown = cv2.resize(np.ascontiguousarray(shown), extent, interpolation=method)
    file = io.BytesIO()
    Image.fromarray(eight_bit(shown)).save(file, "PNG", compress_level=1, icc_profile=icc)
    return file.getvalue()


def eight_bit(pixels: Pixels) -> Pixels:
    if pixels.dtype == np.uint16:
        pixels = in_eight_bits(pixels)
    return np.ascontiguousarray(pixels)


def _of_photo(opened: PhotoFile, reference: str, name: str, folder: ProjectFolder) -> Document:
    photo = opened.photo
    extent = working_extent(photo.extent)
    shown = folder.put(shown_bytes(photo.pixels, extent, opened.icc), "png")
    work = PhotoWork(reference, name, photo.extent)
    return Document(Scene(*extent), Sampling(), shown, edit=work)


def _back_in_photo(scene: Scene, photo: Extent) -> Scene:
    """A sketch's regions where they belong in the whole photo, at its working size."""
    extent = working_extent(photo)
    box = frame(extent, scene.extent)
    scaled, _ = resize_scene(scene, box.extent)
    regions: list[Region] = []
    for region in scaled.regions:
        pixels = np.zeros(extent.shape, np.bool_)
        pixels[box.top : box.bottom, box.left : box.right] = region.mask.pixels
        regions.append(_moved(region, pixels, box.left, box.top))
    return Scene(*extent, scene.caption, regions)


def _cut(scene: Scene, extent: Extent) -> tuple[Scene, tuple[str, ...]]:
    """The middle of a photo's scene at another size, and which regions are not in it."""
    box = frame(scene.extent, extent)
    regions: list[Region] = []
    lost: list[str] = []
    for region in scene.regions:
        pixels = region.mask.pixels[box.top : box.bottom, box.left : box.right]
        if pixels.any():
            regions.append(_moved(region, pixels, -box.left, -box.top))
        else:
            lost.append(say("{caption!r} is not in the sketch.", caption=region.caption[:60]))
    cut = Scene(*box.extent, scene.caption, regions)
    scaled, too_small = resize_scene(cut, extent)
    return scaled, (*lost, *too_small)


def _moved(region: Region, pixels: np.ndarray, right: int, down: int) -> Region:
    clicks = tuple(Click(x + right, y + down, label) for x, y, label in region.clicks)
    return replace(region, mask=Mask(pixels), clicks=clicks)
