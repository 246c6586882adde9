from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import studio
from studio.files.label_map_file import read_label_map
from studio.files.mask_folder import read_mask_folder
from studio.files.recipe import request_from_json, request_to_json
from studio.files.scene_file import read_scene, write_scene
from studio.project.changes import describe, request_key
from studio.project.document import Document, document_from_json, document_to_json
from studio.project.photo_work import region_key
from studio.project.store.undo_folder import UndoFolder
from studio.project.timeline import Moment
from studio.scene.errors import MissingWeights, RequestError, SceneError, SceneFileError
from studio.scene.request import RenderRequest, Sampling
from studio.scene.style import MOST_STYLES, Style, StyleName
from tests.builders import two_region_scene

SEPIA, PENCIL = (StyleName(name, sign * 32) for name, sign in (("sepia", "a"), ("pencil", "b")))


def styled_request() -> RenderRequest:
    scene = two_region_scene()
    grass, ball = scene.regions
    regions = [grass, replace(ball, style=Style(PENCIL, -0.5))]
    return RenderRequest(scene.with_regions(regions), Sampling(styles=(Style(SEPIA, 0.8),)))


def test_a_style_is_known_by_the_content_of_its_file(tmp_path: Path) -> None:
    for name, content in (("one", b"ink"), ("two", b"ink"), ("three", b"oil")):
        (tmp_path / f"{name}.safetensors").write_bytes(content)
    one, two, three = (
        studio.Style(tmp_path / f"{name}.safetensors", 0.5) for name in ("one", "two", "three")
    )
    assert one == two != three
    assert (one.name, one.strength, one.path) == ("one", 0.5, tmp_path / "one.safetensors")
    assert Style(StyleName("other", one.digest), 0.5) == one != Style(StyleName("x", one.digest), 1)
    with pytest.raises(AttributeError, match="make another one"):
        one.strength = 1.0


def test_a_file_that_is_not_there_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(
        MissingWeights, match=r"The style .*no\.safetensors cannot be read: No such"
    ):
        Style(tmp_path / "no.safetensors")


@pytest.mark.parametrize("strength", [2.01, -3, math.nan, math.inf, "1", True, None])
def test_a_strength_that_cannot_be_is_refused(strength: Any) -> None:
    with pytest.raises(RequestError, match="strength"):
        Style(SEPIA, strength)


@pytest.mark.parametrize(
    ("styles", "reason"),
    [
        ("sepia", "must be a list of styles"),
        (["sepia"], "A style is 'sepia'"),
        ([{"name": "x", "digest": "short"}], "must be 32 hexadecimal digits"),
        ([{"name": "x", "digest": "../" + "a" * 29}], "must be 32 hexadecimal digits"),
        ([{"name": 7, "digest": "a" * 32}], "must be a short text"),
        ([Style(SEPIA, 1), Style(SEPIA, 0.5)], "The style sepia is given twice"),
        (
            [Style(StyleName("x", f"{number:032x}")) for number in range(MOST_STYLES + 1)],
            "one picture takes 8 at most",
        ),
    ],
)
def test_styles_that_cannot_be_are_refused(styles: Any, reason: str) -> None:
    with pytest.raises(RequestError, match=reason):
        Sampling(styles=styles)


def test_a_regions_style_is_a_style() -> None:
    with pytest.raises(SceneError, match="it must be a Style"):
        replace(two_region_scene().regions[0], style="sepia")


def test_styles_travel_in_the_recipe_by_name_and_digest() -> None:
    request = styled_request()
    content = request_to_json(request)
    assert content["sampling"]["styles"] == [{"name": "sepia", "digest": "a" * 32, "strength": 0.8}]
    assert content["scene"]["regions"][1]["style"]["name"] == "pencil"
    found = request_from_json(content)
    assert found == request
    assert found.sampling.styles[0].name == "sepia"


def test_what_has_no_style_is_written_as_before_there_were_styles() -> None:
    content = request_to_json(RenderRequest(two_region_scene()))
    assert "styles" not in content["sampling"]
    assert all("style" not in region for region in content["scene"]["regions"])
    assert request_key(RenderRequest(two_region_scene()), "m") == request_key(
        request_from_json(content), "m"
    )


@pytest.mark.parametrize("style", [{"name": "x", "digest": "a"}, {"strength": 9}, []])
def test_a_damaged_style_in_a_recipe_is_refused(style: Any) -> None:
    content = request_to_json(styled_request())
    content["scene"]["regions"][1]["style"] = style
    with pytest.raises(RequestError):
        request_from_json(content)


def test_a_style_decides_the_picture_and_so_its_key() -> None:
    request = styled_request()
    scene = request.scene
    plain = scene.with_regions([scene.regions[0], replace(scene.regions[1], style=None)])
    others = [
        RenderRequest(scene),
        RenderRequest(plain, request.sampling),
        request.with_sampling(styles=(Style(SEPIA, 0.81),)),
        request.with_sampling(styles=(Style(PENCIL, 0.8),)),
    ]
    keys = {request_key(each, "model") for each in [request, *others]}
    assert len(keys) == 5
    assert region_key(scene.regions[1]) != region_key(plain.regions[1])


def test_a_document_and_its_undo_keep_styles(tmp_path: Path) -> None:
    request = styled_request()
    document = Document(request.scene, request.sampling)
    assert document_from_json(document_to_json(document)).is_same_as(document)
    UndoFolder(tmp_path).save([Moment(document, "styles")], 0)
    loaded = UndoFolder(tmp_path).load()
    assert loaded is not None
    assert loaded[0][0].document.is_same_as(document)


def test_a_change_of_style_is_told_in_the_history() -> None:
    request = styled_request()
    before = Document(two_region_scene())
    regions = [
        replace(new, identity=old.identity)
        for new, old in zip(request.scene.regions, before.scene.regions, strict=True)
    ]
    after = Document(before.scene.with_regions(regions), request.sampling)
    assert describe(before, after) == "styles - -> sepia 0.8; style of 2"


@pytest.mark.parametrize("name", ["scene.json", "scene.coco.json", "masks"])
def test_scene_files_keep_the_style_of_a_region(tmp_path: Path, name: str) -> None:
    request = styled_request()
    write_scene(request.scene, tmp_path / name)
    found = read_scene(tmp_path / name)
    assert [region.style for region in found.regions] == [None, Style(PENCIL, -0.5)]
    assert np.array_equal(found.regions[1].mask.pixels, request.scene.regions[1].mask.pixels)


def test_a_scene_file_with_a_damaged_style_is_refused_by_name(tmp_path: Path) -> None:
    write_scene(styled_request().scene, tmp_path / "scene.json")
    write_scene(styled_request().scene, tmp_path / "masks")
    for path in (tmp_path / "scene.json", tmp_path / "masks" / "captions.json"):
        path.write_text(path.read_text().replace("b" * 32, "b"))
    with pytest.raises(SceneFileError, match=r"scene.json: A style's digest is 'b'"):
        read_label_map(tmp_path / "scene.json")
    with pytest.raises(SceneFileError, match="A style's digest is 'b'"):
        read_mask_folder(tmp_path / "masks")
