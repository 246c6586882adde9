"""What every importer refuses before it decodes anything: too many, too large, too deep.

The pictures here are hollow: a header and no pixels. Whoever decodes one says that it is damaged,
so a refusal for another reason shows that nothing was decoded.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from studio.files.limits import LARGEST_RECIPE, LARGEST_STATE, LARGEST_ZIP, MOST_FILES
from studio.files.picture_file import read_request
from studio.files.recipe import request_from_json, request_to_json
from studio.files.scene_file import read_scene
from studio.project.document import Document
from studio.project.edits import add_region
from studio.project.incoming import File, read_files
from studio.project.model_facts import ModelFacts
from studio.project.store.project_file import unpack_project
from studio.project.store.project_folder import ProjectFolder, pack_state, reference_to
from studio.scene.errors import (
    BadInput,
    PictureFileError,
    ProjectFileError,
    SceneError,
    SceneFileError,
)
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.scene import MOST_REGIONS, Scene
from tests.builders import box_mask, small_picture

MEGABYTE = 2**20
LARGE = 6000  # 36 megapixels, as a picture may have


@contextmanager
def little_memory(megabytes: float = 4) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1] / MEGABYTE
    finally:
        tracemalloc.stop()
    assert peak < megabytes, f"{peak:.0f} MB were used"


def chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data).to_bytes(4, "big")
    return struct.pack(">I", len(data)) + kind + data + check


def hollow_png(width: int, height: int, *chunks: bytes) -> bytes:
    """A grey picture of which only the header is there."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = (chunk(b"IDAT", zlib.compress(b"")), *chunks, chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(body)


def recipe_chunk(text: bytes) -> bytes:
    return chunk(b"iTXt", b"seg2any\0\1\0\0\0" + zlib.compress(text))


# scenes ------------------------------------------------------------------------------------------


def test_no_scene_has_more_regions_than_the_one_limit() -> None:
    region = Region(Mask(box_mask(8, 8, 0, 0, 4, 4)), "a")
    full = Scene(8, 8, None, [region] * MOST_REGIONS)
    with pytest.raises(SceneError, match="at most 100 regions, not 101"):
        full.with_regions([*full.regions, region])
    with pytest.raises(SceneError, match="at most 100 regions, not 101"):
        add_region(Document(full), Region(Mask(box_mask(8, 8, 0, 0, 4, 4)), "one more"))


# the recipe in a picture -------------------------------------------------------------------------


def recipe(side: int, regions: int, layers: int = 1) -> dict[str, Any]:
    content = request_to_json(small_picture().request)
    content["scene"] = {
        "width": side,
        "height": side,
        "caption": None,
        "regions": [{"caption": "a", "layer": 0, "label": 1}] * regions,
        "layers": [base64.b64encode(hollow_png(side, side)).decode()] * layers,
    }
    return content


@pytest.mark.parametrize(
    ("side", "regions", "layers", "words"),
    [
        (64, 150, 1, "at most 100 regions, not 150"),
        (64, 10_000, 1, "at most 100 regions, not 10000"),
        (64, 1, 150, "at most 100 regions, not 150"),
        (LARGE, 15, 1, "6000 x 6000 pixels has at most 14 regions, not 15"),
        (8192, 1, 9, "8192 x 8192 pixels has at most 8 regions, not 9"),
    ],
)
def test_the_regions_of_a_recipe_are_counted_first(
    tmp_path: Path, side: int, regions: int, layers: int, words: str
) -> None:
    text = json.dumps(recipe(side, regions, layers)).encode()
    (tmp_path / "a.png").write_bytes(hollow_png(8, 8, recipe_chunk(text)))
    with little_memory(), pytest.raises(SceneFileError, match=words):
        read_scene(tmp_path / "a.png")


def test_a_layer_that_announces_another_size_is_not_decoded() -> None:
    for side in (LARGE, 60_000):  # the second is more than Pillow itself would open
        content = recipe(64, 1)
        layer = base64.b64encode(hollow_png(side, side)).decode()
        content["scene"]["layers"] = [layer]
        with little_memory(), pytest.raises(BadInput, match="mask"):
            request_from_json(content)


def test_a_recipe_is_unpacked_up_to_its_limit_whatever_its_pieces_hold(tmp_path: Path) -> None:
    bomb = hollow_png(
        8, 8, recipe_chunk(b" " * LARGEST_RECIPE), recipe_chunk(b" " * (4 * LARGEST_RECIPE))
    )
    (tmp_path / "a.png").write_bytes(bomb)
    with (
        little_memory(2.5 * LARGEST_RECIPE / MEGABYTE),
        pytest.raises(PictureFileError, match="a recipe over 64 MB"),
    ):
        read_request(tmp_path / "a.png")


# JSON --------------------------------------------------------------------------------------------

SEGMENT = {"color": [255, 255, 255], "text": "a"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"segments_info": ' + "[" * 60 + "]" * 60 + "}", "nested more than 50 deep"),
        ('{"segments_info": ' + "[" * 90_000 + "]" * 90_000 + "}", "nested"),
        ('{"segments_info": [], "seed": NaN}', "NaN is no number"),
        ('{"segments_info": [], "seed": -Infinity}', "-Infinity is no number"),
        ('{"segments_info": [], "seed": 1e999}', "1e999 is no number"),
        (json.dumps({"segments_info": [SEGMENT | {"text": "x" * 100_001}]}), "100001 letters"),
    ],
)
def test_json_that_is_too_deep_too_long_or_holds_no_numbers(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "a.json").write_text(text)
    (tmp_path / "a.png").write_bytes(hollow_png(8, 8))
    with little_memory(), pytest.raises(SceneFileError, match=words):
        read_scene(tmp_path / "a.json")


# label map, mask folder, COCO --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "count", "words"),
    [(64, 150, "at most 100 regions, not 150"), (LARGE, 15, "at most 14 regions, not 15")],
)
def test_the_regions_of_a_label_map_are_counted_first(
    tmp_path: Path, side: int, count: int, words: str
) -> None:
    segments = [{"color": [0, 0, number], "text": "a"} for number in range(count)]
    (tmp_path / "a.json").write_text(json.dumps({"segments_info": segments}))
    (tmp_path / "a.png").write_bytes(hollow_png(side, side))
    with little_memory(), pytest.raises(SceneFileError, match=words):
        read_scene(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        ([64] * 150, "at most 100 regions, not 150"),
        ([LARGE] * 15, "at most 14 regions, not 15"),
        ([64, LARGE], "2.png is 6000 x 6000 pixels; the scene is 64 x 64"),
    ],
)
def test_the_masks_of_a_folder_are_counted_and_measured_first(
    tmp_path: Path, sides: list[int], words: str
) -> None:
    for number, side in enumerate(sides, start=1):
        (tmp_path / f"{number}.png").write_bytes(hollow_png(side, side))
    captions = {f"{number}.png": "a" for number in range(1, len(sides) + 1)}
    (tmp_path / "captions.json").write_text(json.dumps(captions))
    with little_memory(), pytest.raises(SceneFileError, match=words):
        read_scene(tmp_path)


@pytest.mark.parametrize(
    ("side", "count", "words"),
    [(64, 150, "at most 100 regions, not 150"), (8192, 65, "at most 8 regions, not 65")],
)
def test_the_annotations_of_coco_are_counted_first(
    tmp_path: Path, side: int, count: int, words: str
) -> None:
    square = {"image_id": 1, "segmentation": [[0, 0, side, 0, side, side, 0, side]]}
    content = {
        "images": [{"id": 1, "width": side, "height": side}],
        "annotations": [{**square, "id": number} for number in range(count)],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    with little_memory(), pytest.raises(SceneFileError, match=words):
        read_scene(tmp_path / "a.json")


# zip files and projects --------------------------------------------------------------------------


def zipped(files: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", packing) as archive:
        for name, piece in files.items():
            archive.writestr(name, piece)
    return content.getvalue()


def lying(content: bytes, size: int, told: int) -> bytes:
    """The same zip, whose entry announces another size."""
    return content.replace(size.to_bytes(4, "little"), told.to_bytes(4, "little"))


def read_zip(content: bytes, folder: Path) -> None:
    read_files([File("a.zip", content)], ModelFacts(), ProjectFolder(folder))


def test_a_zip_is_measured_by_what_it_announces(tmp_path: Path) -> None:
    many = zipped({f"{number}.png": b"" for number in range(MOST_FILES + 1)})
    with little_memory(), pytest.raises(SceneFileError, match="501 files"):
        read_zip(many, tmp_path)
    large = zipped({f"{number}.json": bytes(LARGEST_ZIP // 4) for number in range(5)})
    with little_memory(), pytest.raises(SceneFileError, match="of 160 MB; at most"):
        read_zip(large, tmp_path)


def test_a_zip_that_holds_more_than_it_announces_is_left_at_once(tmp_path: Path) -> None:
    size = 50_000_123
    content = lying(zipped({"a.json": bytes(size)}), size, 1000)
    with little_memory(), pytest.raises(SceneFileError, match="damaged"):
        read_zip(content, tmp_path)


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_unpacks_without_bounds_is_not_opened(tmp_path: Path, packing: int) -> None:
    content = zipped({"a.json": bytes(20 * MEGABYTE), "project.json": b""}, packing)
    with little_memory(), pytest.raises(SceneFileError, match="plain zip file"):
        read_zip(content, tmp_path)
    with little_memory(), pytest.raises(ProjectFileError, match="plain zip file"):
        unpack_project(content, ProjectFolder(tmp_path / "p"))


def project(files: dict[str, bytes]) -> bytes:
    return zipped({"project.json": pack_state({"document": {}}), **files})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: zipped({"project.json": bytes(LARGEST_STATE + 1)}), "a text of over 64 MB"),
        (
            lambda: project({f"content/{'0' * 32}.json": bytes(LARGEST_STATE + 1)}),
            "a text of over 64 MB",
        ),
        (lambda: project({f"content/{'0' * 32}.png": bytes(100 * MEGABYTE)}), "at most 20000 of 7"),
        (lambda: project({f"{number}.png": b"" for number in range(20_001)}), "20002 files"),
        (lambda: lying(zipped({"project.json": bytes(50_000_123)}), 50_000_123, 1000), "damaged"),
    ],
    ids=["state", "text", "growth", "files", "lie"],
)
def test_a_project_file_is_measured_by_what_it_announces(
    tmp_path: Path, make: Callable[[], bytes], words: str
) -> None:
    content = make()
    with little_memory(24), pytest.raises(ProjectFileError, match=words):
        unpack_project(content, ProjectFolder(tmp_path / "p"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        (recipe(64, 150)["scene"], "at most 100 regions, not 150"),
        (recipe(8192, 9)["scene"], "at most 8 regions, not 9"),
    ],
)
def test_the_regions_of_a_project_are_counted_first(
    tmp_path: Path, scene: dict[str, Any], words: str
) -> None:
    content = zipped({"project.json": pack_state({"document": {"scene": scene, "sampling": {}}})})
    with little_memory(), pytest.raises(ProjectFileError, match=words):
        unpack_project(content, ProjectFolder(tmp_path / "p"))


def test_the_pictures_of_a_project_go_to_the_disk_one_by_one(tmp_path: Path) -> None:
    """32 MB in eight pictures, of which no more than one is held."""
    state = {"document": {"scene": {"width": 8, "height": 8, "regions": [], "layers": []}}}
    state["document"]["sampling"] = {}
    pictures = [bytes([number]) * (4 * MEGABYTE) for number in range(8)]
    files = {f"content/{reference_to(each, 'png')}": each for each in pictures}
    content = zipped({"project.json": pack_state(state), **files}, zipfile.ZIP_STORED)
    del files
    with little_memory(18):
        unpack_project(content, ProjectFolder(tmp_path / "p"))
    assert len(list((tmp_path / "p" / "content").iterdir())) == 8


@pytest.mark.parametrize("number", ["NaN", "1e999"])
def test_a_project_with_a_number_that_could_not_be_saved_again_is_refused(
    tmp_path: Path, number: str
) -> None:
    text = f'{{"document": {{}}, "created": {number}}}'.encode()
    whole = pack_state({})
    checked = whole.replace(whole.partition(b"\n")[2], text)
    digest = hashlib.blake2b(text, digest_size=16).hexdigest().encode()
    head = b" ".join([*checked.partition(b"\n")[0].split(b" ")[:2], digest])
    with pytest.raises(ProjectFileError, match="not JSON"):
        unpack_project(zipped({"project.json": head + b"\n" + text}), ProjectFolder(tmp_path))
