"""Files to take away: pictures with their recipe, scenes in every format, strips."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from PIL import Image

from studio.files.coco_file import write_coco
from studio.files.label_map_file import label_map_content
from studio.files.limits import Limits
from studio.files.mask_folder import write_mask_folder
from studio.files.openraster import openraster_file
from studio.files.picture_decoder import decode_picture
from studio.files.strip_file import StripPicture, strip_file
from studio.project.document import document_from_json
from studio.project.session import parse
from studio.scene.errors import BadInput
from studio.scene.overlay import overlay_picture
from studio.scene.scene import Scene
from studio.service.photo_composites import of_node
from studio.service.photo_exports import exported
from studio.ui.api.projects import file_name
from studio.ui.api.registry import Answer, Call, Registry, ServedFile
from studio.ui.api.requests import ExportScene, ExportStrip, SavePicture, SavePictures

registry = Registry()
_ANY_SIZE = Limits(smallest_side=1)
MIMES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "tif": "image/tiff",
    "psd": "image/vnd.adobe.photoshop",
    "gif": "image/gif",
    "webp": "image/webp",
    "html": "text/html",
    "zip": "application/zip",
    "json": "application/json",
    "ora": "image/openraster",
}


@registry.action
def export_scene(call: Call, given: ExportScene) -> Answer:
    kind, scene = given.format, call.document.scene
    seed = call.document.sampling.seed
    if not scene.regions:
        raise BadInput("There is no region to export yet.")
    title = file_name(call.session.name)
    if kind == "label_map":
        labels, described = label_map_content(scene, seed)
        files = {f"{title}.png": labels, f"{title}.json": described}
        return _file(call, f"{title}.zip", _zip(files))
    if kind == "masks":
        return _file(call, f"{title}-masks.zip", _mask_zip(scene, seed))
    if kind == "coco":
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / f"{title}.coco.json"
            write_coco(scene, path)
            return _file(call, path.name, path.read_bytes())
    return _file(call, f"{title}.ora", openraster_file(scene, _picture(call)))


@registry.action
def save_picture(call: Call, given: SavePicture) -> Answer:
    node = call.session.history.node(given.node)
    index, last = given.index, len(node.images) - 1
    if index > last:
        raise BadInput(
            "index is {index}; it must be a whole number 0 to {last}.", index=index, last=last
        )
    name = f"{file_name(call.session.name)}-{node.identity[:6]}-seed{node.seed}.png"
    if index < len(node.layers):  # the history shows a photo at its working size
        whole = exported(of_node(call.studio, call.session, node, index), "png")
        return _file(call, name, whole.content)
    return _file(call, name, call.session.folder.get(node.images[index]))


@registry.action
def save_pictures(call: Call, given: SavePictures) -> Answer:
    history = call.session.history
    chosen = list(history)
    if given.nodes is not None:
        chosen = [history.node(identity) for identity in given.nodes]
    if not chosen:
        raise BadInput("There is no picture yet.")
    files = {
        f"{number:03d}-{node.identity[:6]}-{index}.png": call.session.folder.get(image)
        for number, node in enumerate(chosen, start=1)
        for index, image in enumerate(node.images)
    }
    return _file(call, f"{file_name(call.session.name)}-pictures.zip", _zip(files))


@registry.action
def export_strip(call: Call, given: ExportStrip) -> Answer:
    strip = call.session.strip(given.strip)
    kind = given.format
    folder = call.session.folder
    scene = document_from_json(parse(folder.get(strip.document))).scene
    pictures = [
        StripPicture(item.gamma, decode_picture(folder.get(item.image), _ANY_SIZE), item.iou)
        for item in strip.items
        if item.image is not None
    ]
    title = call.session.name
    content = strip_file(pictures, overlay_picture(scene), kind, f"{title}: from sketch to shape")
    return _file(call, f"{file_name(title)}-gamma.{kind}", content)


def _file(call: Call, name: str, content: bytes) -> Answer:
    mime = MIMES[name.rpartition(".")[2]]
    return call.exports.put(call.session.identity, ServedFile(content, mime, name))


def _mask_zip(scene: Scene, seed: int) -> bytes:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "masks"
        write_mask_folder(scene, folder, seed)
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    return _zip(files)


def _zip(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, piece in files.items():
            archive.writestr(name, piece)
    return content.getvalue()


def _picture(call: Call) -> Image.Image | None:
    """The shown result at the scene's size, else the photo, else nothing."""
    session, scene = call.session, call.document.scene
    reference = call.document.photo
    if session.history.shown is not None:
        reference = session.history.node(session.history.shown).images[0]
    if reference is None:
        return None
    image = decode_picture(session.folder.get(reference), _ANY_SIZE)
    return image if image.size == scene.extent else image.resize((scene.width, scene.height))
