"""A photo that is edited: what the document tells of it, and going there and back."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.ui.api.client import Client
from tests.photo_builders import blank_png, saved
from tests.ui.conftest import Page, content

RNG = np.random.default_rng(5)


def jpeg(width: int = 300, height: int = 200) -> bytes:
    small = RNG.integers(0, 255, (height // 20, width // 20, 3), np.uint8)
    image = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


def pixels(page: Page, reference: str) -> np.ndarray:
    served = page.client.read_file(page.session, reference)
    return np.asarray(Image.open(io.BytesIO(served.content)))


def test_a_photo_opens_for_editing_in_its_own_size(page: Page) -> None:
    photo = jpeg()
    page.ask("edit_photo", file=photo, name="boat.jpg")
    edit = page.document["edit"]
    assert (edit["name"], edit["width"], edit["height"]) == ("boat", 300, 200)
    assert (page.document["width"], page.document["height"]) == (300, 200)
    assert page.client.read_file(page.session, edit["original"]).content == photo
    shown = np.asarray(Image.open(io.BytesIO(photo)))
    assert np.array_equal(pixels(page, page.document["photo"]), shown)
    assert (edit["to_do"], edit["layers"], edit["outside"]) == ([], {}, None)


def test_a_large_photo_is_drawn_on_at_its_working_size_and_sharp_in_tiles(page: Page) -> None:
    photo = jpeg(4000, 1000)
    page.ask("edit_photo", file=photo)
    assert (page.document["width"], page.document["height"]) == (2048, 512)
    assert pixels(page, page.document["photo"]).shape == (512, 2048, 3)
    answer = page.ask("photo_tile", box=[3900, 900, 4100, 1000], size=512)
    assert answer["box"] == [3900, 900, 4000, 1000]
    whole = np.asarray(Image.open(io.BytesIO(photo)))
    assert np.array_equal(pixels(page, answer["file"]), whole[900:, 3900:])
    small = page.ask("photo_tile", box=[0, 0, 4000, 1000], size=400, original=True)
    assert pixels(page, small["file"]).shape == (100, 400, 3)


def test_drawn_regions_are_to_do_until_they_are_pinned_or_hidden(page: Page) -> None:
    page.ask("edit_photo", file=jpeg())
    first = page.draw(10, 10, 60, 60, "a red ball")
    second = page.draw(100, 20, 180, 90, "a blue boat")
    assert page.document["edit"]["to_do"] == [first, second]
    page.ask("set_region", region=first, pinned=True)
    assert page.document["edit"]["to_do"] == [second]
    assert page.document["regions"][0]["pinned"]
    page.ask("set_region", region=second, visible=False)
    assert page.document["edit"]["to_do"] == []
    page.ask("set_region", region=second, opacity=0.4, seed=7, strength=0.5, feather=3)
    layer, region = page.document["edit"]["layers"][second], page.document["regions"][1]
    assert (layer["opacity"], layer["ref"]) == (0.4, None)
    assert (region["seed"], region["strength"], region["feather"]) == (7, 0.5, 3)
    page.ask("delete_regions", regions=[second])
    assert set(page.document["edit"]["layers"]) == {first}
    page.ask("undo")
    assert page.document["edit"]["layers"][second]["opacity"] == 0.4


def test_the_settings_of_an_edit_are_set_one_by_one(page: Page) -> None:
    page.ask("edit_photo", file=jpeg())
    first, second = page.draw(10, 10, 60, 60, "a"), page.draw(100, 20, 180, 90, "b")
    page.ask("set_edit", strength=0.5, context=[0, 0, 100.0, 100])
    page.ask("set_edit", feather=12, match_colours=False, subject=second)
    edit = page.document["edit"]
    assert (edit["strength"], edit["feather"], edit["context"]) == (0.5, 12, [0, 0, 100, 100])
    assert (edit["match_colours"], edit["subject"]) == (False, second)
    assert [region["id"] for region in page.document["regions"]] == [second, first]
    page.ask("set_edit", context=None, feather=None, subject=None)
    edit = page.document["edit"]
    assert (edit["feather"], edit["context"], edit["subject"]) == (None, None, None)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"strength": 0}, "Strength is 0.0; it must be above 0 and at most 1 (1: made anew)."),
        ({"strength": 1.5}, "Strength is 1.5; it must be above 0 and at most 1 (1: made anew)."),
        ({"feather": -1}, "feather is -1; it must be a number 0 to 4096."),
        ({"context": "near"}, "The context is 'near'; it must be region, whole, or a box: left,"),
        ({"context": [5, 5, 5, 9]}, "The context is (5, 5, 5, 9); it must be region, whole, or"),
        ({"context": ["a", 0, 1, 1]}, "A box is [left, top, right, bottom]: four numbers of"),
        ({"subject": "b" * 12}, "There is no region 'bbbbbbbbbbbb' in this scene; was it deleted?"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(
    page: Page, fields: dict[str, Any], sentence: str
) -> None:
    page.ask("edit_photo", file=jpeg())
    before = page.document["edit"]
    assert page.refused("set_edit", **fields)["error"].startswith(sentence)
    assert page.ask("document")["document"]["edit"] == before


def test_what_only_an_edit_has_is_refused_for_a_sketch(page: Page) -> None:
    region = page.draw(8, 8, 40, 40, "a ball")
    told = "No photo is being edited; start editing first."
    assert page.refused("set_edit", strength=0.5)["error"] == told
    assert page.refused("set_region", region=region, pinned=True)["error"] == told
    assert page.refused("photo_tile", box=[0, 0, 9, 9])["error"] == told
    assert page.refused("context_boxes")["error"] == told
    assert page.refused("reroll", region=region)["error"] == told
    assert page.refused("stop_editing")["error"] == "No photo is being edited."
    told = "There is no photo to edit; upload one, or edit a result."
    assert page.refused("start_editing")["error"] == told
    told = "Single regions are made in a photo that is edited; start editing."
    assert page.refused("render", regions=[region])["error"] == told


def test_what_a_sketch_alone_has_is_refused_while_a_photo_is_edited(page: Page) -> None:
    page.ask("edit_photo", file=jpeg())
    told = "The photo that is edited decides the size; stop editing first."
    assert page.refused("resize_scene", width=64, height=64)["error"] == told
    told = "The photo is being edited; stop editing first."
    assert page.refused("remove_photo")["error"] == told
    assert page.refused("render")["error"] == "Draw what should change first."
    region = page.draw(10, 10, 60, 60, "a")
    page.ask("set_region", region=region, pinned=True)
    told = "Region 1 is pinned; unpin it to change it."
    assert page.refused("reroll", region=region)["error"] == told
    assert page.refused("render")["error"] == "All regions are pinned; unpin one to change it."


def refused_photos() -> dict[str, tuple[bytes, str]]:
    image = Image.open(io.BytesIO(jpeg(64, 48)))
    moving = io.BytesIO()
    frames = [image.point(lambda level, n=n: level ^ (40 * n)) for n in (1, 2)]
    image.save(moving, "GIF", save_all=True, append_images=frames)
    return {
        "empty": (b"", "The file is empty."),
        "no picture": (b"no picture", "The picture is not a picture; PNG, JPEG, WebP, TIFF and"),
        "cut": (jpeg()[:2000], "The picture is damaged or cut short: "),
        "bomb": (blank_png(30_000, 30_000, rows=0), "The picture has over 67 megapixels."),
        "100 megapixels": (blank_png(10_000, 10_000), "The picture has over 67 megapixels."),
        "CMYK": (saved(image.convert("CMYK"), "JPEG"), "The picture is in CMYK; photos in RGB or"),
        "animated": (moving.getvalue(), "The picture is animated, with 3 frames; save the frame"),
        "too small": (jpeg_of(9, 9), "The picture is 9 x 9 pixels; that is too small, a side"),
    }


def jpeg_of(width: int, height: int) -> bytes:
    return saved(Image.new("RGB", (width, height)), "JPEG")


@pytest.mark.parametrize("name", refused_photos())
def test_what_cannot_be_edited_is_refused_in_one_sentence(page: Page, name: str) -> None:
    content, sentence = refused_photos()[name]
    page.draw(8, 8, 40, 40, "a ball")
    before, known = len(page.client.studio.store.sessions), page.ask("document")
    answer = page.refused("edit_photo", file=content)
    assert answer["kind"] == "BadInput"
    assert answer["error"].startswith(sentence)
    assert answer["error"].endswith(".")
    assert len(page.client.studio.store.sessions) == before
    assert page.ask("document") == known


def test_a_photo_that_was_sketched_on_is_edited_at_its_full_size(page: Page) -> None:
    photo = jpeg(400, 300)
    page.ask("set_photo", file=photo)
    small = page.document["width"], page.document["height"]
    page.draw(8, 8, 40, 40, "a ball")
    page.ask("start_editing")
    edit = page.document["edit"]
    assert page.client.read_file(page.session, edit["original"]).content == photo
    assert (page.document["width"], page.document["height"]) == (400, 300)
    (region,) = page.document["regions"]
    assert region["box"] == [50, 50, 250, 250]
    page.ask("undo")
    assert (page.document["width"], page.document["height"]) == small
    assert page.document["edit"] is None


def test_an_edit_goes_back_to_a_sketch_and_on_again(page: Page) -> None:
    page.ask("edit_photo", file=jpeg(400, 290))
    page.draw(100, 100, 200, 200, "a ball")
    page.ask("set_edit", strength=0.5)
    page.ask("stop_editing")
    assert page.document["edit"] is None
    assert (page.document["width"], page.document["height"]) == (64, 48)
    assert page.document["photo"] is not None
    page.ask("preflight")
    page.ask("start_editing")
    assert (page.document["width"], page.document["height"]) == (400, 290)
    assert page.document["edit"]["strength"] == 0.5
    left, top, right, bottom = page.document["regions"][0]["box"]
    assert max(abs(left - 100), abs(top - 100), abs(right - 200), abs(bottom - 200)) < 8


def test_a_result_becomes_the_photo_and_its_regions_are_settled(page: Page) -> None:
    page.draw(8, 8, 40, 40, "a red ball")
    second = page.draw(44, 8, 60, 40, "a blue boat")
    node = page.render()
    image = page.ask("history")["history"]["nodes"][-1]["images"][0]
    page.ask("edit_result", node=node)
    edit = page.document["edit"]
    assert edit["original"] == image
    assert edit["to_do"] == []
    assert all(layer["settled"] for layer in edit["layers"].values())
    page.ask("set_region", region=second, caption="a green boat")
    assert page.document["edit"]["to_do"] == [second]
    page.ask("set_region", region=second, caption="a blue boat")
    assert page.document["edit"]["to_do"] == []


def test_an_edit_outlives_the_studio_and_travels_in_its_file(page: Page, client: Client) -> None:
    page.ask("edit_photo", file=jpeg())
    region = page.draw(10, 10, 60, 60, "a red ball")
    page.ask("set_region", region=region, opacity=0.5, seed=3)
    page.ask("set_edit", strength=0.7, context=[0, 0, 90, 90])
    known = page.ask("document")
    file = page.ask("save_project")["file"]
    again = Page(client)
    data = client.read_file(page.session, file).content
    again.ask("open_files", files=[{"name": "p.s2a", "data": data}])
    assert again.document["edit"] == known["document"]["edit"]
    assert content(again.ask("document")) == content(known)
    assert again.client.read_file(again.session, known["document"]["edit"]["original"]).content
    copy = page.ask("duplicate_project")
    assert copy["document"]["edit"] == known["document"]["edit"]
