"""Edited photos taken away: in their own format, in others, in layers; and the original again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.engine.engine import Engine
from studio.files.picture_file import read_request
from tests.ui.api.test_actions_engine import page_on
from tests.ui.api.test_photo_state import jpeg, pixels
from tests.ui.conftest import Page


@pytest.fixture
def page(tmp_path: Path, tiny: Engine) -> Iterator[Page]:
    yield from page_on(tmp_path, tiny)


def exported(page: Page, kind: str = "original") -> tuple[bytes, dict]:
    answer = page.ask("export_photo", format=kind)
    return page.client.read_file(page.session, answer["file"]).content, answer


def tiff() -> bytes:
    file = io.BytesIO()
    Image.open(io.BytesIO(jpeg(120, 90))).save(file, "TIFF", dpi=(300, 300))
    return file.getvalue()


def mask_of(page: Page) -> np.ndarray:
    found = np.zeros((page.document["height"], page.document["width"]), bool)
    for region in page.document["regions"]:
        left, top, right, bottom = region["box"]
        found[top:bottom, left:right] = True
    return found


def test_eight_edits_undone_leave_the_original_byte_for_byte(page: Page) -> None:
    photo = jpeg(160, 120)
    page.ask("edit_photo", file=photo)
    page.ask("set_sampling", steps=1)
    for number in range(8):
        left, top = 40 * (number % 4), 60 * (number // 4)
        page.draw(left + 4, top + 4, left + 36, top + 50, f"a {number}")
        page.render()
        page.ask("document")
    content, answer = exported(page)
    assert content != photo
    assert answer["name"].endswith(".jpg")
    assert len(page.document["edit"]["layers"]) == 8
    while page.document["undo"]:
        page.ask("undo")
    assert exported(page)[0] == photo
    for _ in range(20):
        page.ask("redo")
    assert exported(page)[0] == content


@pytest.mark.parametrize("kind", ["png", "tiff", "openraster", "psd"])
def test_nothing_outside_the_regions_differs_in_what_was_written(page: Page, kind: str) -> None:
    page.ask("edit_photo", file=tiff(), name="boat.tif")
    page.ask("set_sampling", steps=1)
    page.draw(10, 10, 60, 60, "a b")
    page.render()
    page.ask("document")
    content, answer = exported(page, kind)
    mask = mask_of(page)
    assert answer["outside"] == {"largest": 0, "count": 0, "of": int((~mask).sum())}
    if kind == "openraster":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read("mergedimage.png")
    with Image.open(io.BytesIO(content)) as image:
        stored = np.asarray(image)
    whole = page.ask("photo_tile", box=[0, 0, 120, 90])
    assert np.array_equal(stored, pixels(page, whole["file"]))


def test_a_tiff_comes_out_as_a_tiff_with_its_recipe(page: Page, tmp_path: Path) -> None:
    photo = tiff()
    page.ask("edit_photo", file=photo, name="boat.tif")
    page.ask("set_sampling", steps=1, seed=5)
    page.ask("set_edit", strength=0.8)
    page.draw(10, 10, 60, 60, "a b")
    page.render()
    content, answer = exported(page)
    assert answer["name"] == "boat.tif"
    (tmp_path / "boat.tif").write_bytes(content)
    request = read_request(tmp_path / "boat.tif")
    assert request.scene.extent == (120, 90)
    assert request.scene.regions[0].caption == "a b"
    assert (request.sampling.seed, request.edit.strength) == (5, 0.8)
    assert request.edit.digest == page.document["edit"]["original"].partition(".")[0]
    assert Image.open(io.BytesIO(content)).info["dpi"] == (300, 300)


def test_a_jpeg_that_is_written_anew_says_what_differs(page: Page) -> None:
    page.ask("edit_photo", file=tiff(), name="boat.tif")
    page.ask("set_sampling", steps=1)
    page.draw(10, 10, 60, 60, "a b")
    page.render()
    content, answer = exported(page, "jpeg")
    assert Image.open(io.BytesIO(content)).format == "JPEG"
    assert answer["outside"]["largest"] > 0
    assert answer["notices"]


def test_the_layers_of_the_page_lie_over_the_photo_as_the_server_shows_it(page: Page) -> None:
    page.ask("edit_photo", file=jpeg(160, 120))
    page.ask("set_sampling", steps=1)
    page.draw(10, 10, 60, 60, "a")
    page.draw(50, 50, 150, 110, "b")
    page.render()
    page.ask("document")
    shown = pixels(page, page.document["photo"]).astype(np.float64)
    for region in page.document["regions"]:
        layer = page.document["edit"]["layers"][region["id"]]
        left, top, right, bottom = layer["box"]
        over = pixels(page, layer["ref"]).astype(np.float64)
        alpha = over[..., 3:] / 255
        place = shown[top:bottom, left:right]
        place += np.rint((over[..., :3] - place) * alpha)
    whole = page.ask("photo_tile", box=[0, 0, 160, 120])
    assert np.abs(shown - pixels(page, whole["file"])).max() <= 1
    nodes = page.ask("history")["history"]["nodes"]
    assert nodes[-1]["outside"] == page.document["edit"]["outside"]
    assert np.array_equal(pixels(page, nodes[-1]["images"][0]), pixels(page, whole["file"]))


def test_a_result_of_an_edit_puts_its_layers_on_again(page: Page) -> None:
    page.ask("edit_photo", file=jpeg(160, 120))
    page.ask("set_sampling", steps=1, count=2)
    region = page.draw(10, 10, 60, 60, "a")
    node = page.render()
    first = page.ask("document")["document"]["edit"]
    page.ask("edit_result", node=node, index=1)
    second = page.document["edit"]
    assert second["original"] == first["original"]
    assert second["layers"][region]["ref"] != first["layers"][region]["ref"]
    assert second["to_do"] == []
    page.ask("undo")
    assert page.document["edit"] == first
    draft = page.render("draft")
    page.ask("edit_result", node=draft)
    assert page.document["edit"]["to_do"] == [region]
    told = page.refused("edit_result", node=node, index=2)["error"]
    assert told == "index is 2; it must be a whole number 0 to 1."


def test_a_region_is_made_again_alone_from_the_page(page: Page) -> None:
    page.ask("edit_photo", file=jpeg(160, 120))
    page.ask("set_sampling", steps=1)
    first, second = page.draw(10, 10, 60, 60, "a"), page.draw(70, 20, 150, 110, "b")
    page.render()
    before = page.ask("document")["document"]["edit"]["layers"]
    job = page.finish(page.ask("reroll", region=second))
    assert job["state"] == "done", job["error"]
    after = page.ask("document")["document"]["edit"]["layers"]
    assert after[first] == before[first]
    assert after[second]["ref"] != before[second]["ref"]
    assert after[second]["seed"] == page.document["regions"][1]["seed"]
    page.render(regions=[first])
    assert page.ask("context_boxes")["boxes"]
    assert page.ask("preflight")["estimate"]["image_tokens"] > 0


def test_a_strip_shows_the_whole_edit_at_each_gamma(page: Page) -> None:
    page.ask("edit_photo", file=jpeg(160, 120))
    region = page.draw(10, 10, 60, 60, "a")
    answer = page.ask("strip", gammas=[0.4, 1.0])
    assert page.finish(answer)["state"] == "done"
    strip = page.ask("history")["strips"][0]
    images = [pixels(page, item["image"]) for item in strip["items"]]
    assert not strip["stale"]
    assert not np.array_equal(*images)
    photo = pixels(page, page.document["photo"])
    outside = ~mask_of(page)
    assert all(np.array_equal(image[outside], photo[outside]) for image in images)
    assert page.ask("document")["document"]["edit"]["to_do"] == [region]


@pytest.mark.parametrize("kind", ["original", "png"])
def test_an_exported_photo_opens_as_an_edit_with_its_regions_settled(page: Page, kind: str) -> None:
    page.ask("edit_photo", file=tiff(), name="boat.tif")
    page.ask("set_sampling", steps=1)
    page.ask("set_edit", feather=3)
    page.draw(10, 10, 60, 60, "a b")
    page.render()
    content, _ = exported(page, kind)
    page.ask("open_files", files=[{"name": "again.tif", "data": content}])
    edit, (region,) = page.document["edit"], page.document["regions"]
    assert (region["caption"], region["box"]) == ("a b", [10, 10, 60, 60])
    assert (edit["feather"], edit["to_do"]) == (3, [])
    page.ask("set_region", region=region["id"], caption="a")
    assert page.document["edit"]["to_do"] == [region["id"]]


def test_a_scene_that_is_dropped_on_an_edited_photo_brings_its_regions(page: Page) -> None:
    page.ask("edit_photo", file=jpeg(160, 120))
    page.ask("set_sampling", steps=1)
    page.draw(10, 10, 60, 60, "a b")
    masks = page.client.read_file(
        page.session, page.ask("export_scene", format="masks")["file"]
    ).content
    page.ask("edit_photo", file=jpeg(320, 240))
    page.ask("open_files", files=[{"name": "m.zip", "data": masks}], into="scene")
    assert page.document["edit"] is not None
    (region,) = page.document["regions"]
    assert (region["caption"], region["box"]) == ("a b", [20, 20, 120, 120])
    page.ask("undo")
    assert page.document["regions"] == []
    page.ask("edit_photo", file=jpeg(320, 160))
    told = page.refused("open_files", files=[{"name": "m.zip", "data": masks}], into="scene")
    assert told["error"].startswith("The scene is 160 x 120 pixels and the photo 320 x 160;")


def test_a_picture_of_the_history_is_saved_at_the_photos_own_size(
    page: Page, tmp_path: Path
) -> None:
    page.ask("edit_photo", file=jpeg(2400, 100))
    page.ask("set_sampling", steps=1)
    page.draw(10, 10, 60, 60, "a b")
    node = page.render()
    page.ask("document")
    whole = pixels(page, page.ask("photo_tile", box=[0, 0, 2400, 100], size=2400)["file"])
    page.ask("undo")
    assert np.array_equal(pixels(page, page.ask("save_picture", node=node)["file"]), whole)
