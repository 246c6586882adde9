"""Photos, edits of them, and the layers that regions become."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import studio
from studio.scene.errors import BadInput, PictureFileError, RequestError, SceneError
from studio.scene.geometry import Bounds, Extent
from studio.scene.photo import Photo
from studio.scene.photo_edit import PhotoEdit
from studio.scene.photo_layer import Outside, PhotoLayer, composite, inward_alpha, outside
from studio.scene.region import Region
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import Scene
from tests.builders import box_mask

SHAPES = ((), (2,), (3,), (4,))


def pixels(
    channels: tuple[int, ...] = (3,), kind: Any = np.uint8, seed: int = 0, side: int = 12
) -> Any:
    highest = np.iinfo(kind).max
    random = np.random.default_rng(seed)
    return random.integers(0, highest, (side, side + 5, *channels), kind, endpoint=True)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_a_photo_is_the_pixels_of_its_picture(mode: str) -> None:
    image = Image.fromarray(pixels((4,))).convert(mode)
    photo = Photo.of(image)
    assert (photo.extent, photo.depth, photo.channels) == (Extent(17, 12), 8, len(mode))
    assert photo.image().mode == mode
    assert photo.image().tobytes() == image.tobytes()
    assert photo == Photo.of(photo.pixels)
    assert photo != Photo.of(255 - photo.pixels)


def test_a_photo_of_sixteen_bits_keeps_them() -> None:
    grey = pixels((), np.uint16)
    photo = Photo.of(Image.fromarray(grey))
    assert photo.depth == 16
    assert np.array_equal(photo.pixels, grey)
    assert photo.image().mode == "I;16"
    assert Photo.of(pixels((3,), np.uint16)).image().mode == "RGB"


def test_a_photo_stays_what_it_was_whatever_happens_to_the_array() -> None:
    given_pixels = pixels()
    photo = Photo.of(given_pixels)
    given_pixels[:] = 0
    assert photo.pixels.any()
    assert not photo.pixels.flags.writeable


def test_a_camera_that_was_held_upright_is_turned_once() -> None:
    image = Image.fromarray(pixels())
    image.getexif()[0x0112] = 6
    assert Photo.of(image).extent == Extent(12, 17)


@pytest.mark.parametrize("channels", SHAPES)
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_model_sees_eight_bits_in_three_colours(channels: tuple[int, ...], kind: Any) -> None:
    given_pixels = pixels(channels, kind)
    seen = Photo.of(given_pixels).crop((2, 1, 9, 8)).colours8()
    assert (seen.shape, seen.dtype) == ((7, 7, 3), np.uint8)
    first = given_pixels if not channels else given_pixels[..., 0]
    scale = 1 if kind == np.uint8 else 257
    assert np.array_equal(seen[..., 0], np.rint(first[1:8, 2:9] / scale))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Image.new("CMYK", (8, 8)), "CMYK"),
        (np.zeros((8, 8, 3), np.float32), "float32"),
        (np.zeros((8, 8, 5), np.uint8), "5"),
        (np.zeros((0, 8, 3), np.uint8), "0, 8"),
        (7, "int"),
    ],
)
def test_what_is_no_photo_is_refused(source: Any, message: str) -> None:
    with pytest.raises(PictureFileError, match=message):
        PhotoEdit(source)


@pytest.mark.parametrize(
    "wrong",
    [
        {"strength": 0},
        {"strength": 1.01},
        {"strength": "half"},
        {"feather": -1},
        {"feather": float("nan")},
        {"context": "near"},
        {"context": (4, 0, 4, 9)},
        {"context": (0.5, 0, 4, 9)},
        {"match_colours": 1.5},
        {"match_colours": "yes"},
        {"match_colours": float("nan")},
        {"keep_subject": None},
        {"contact_shadow": -0.1},
        {"contact_shadow": None},
    ],
)
def test_an_edit_refuses_what_it_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        PhotoEdit(pixels(), **wrong)


def test_edits_are_equal_by_the_photo_and_the_numbers(tmp_path: Path) -> None:
    edit = PhotoEdit(pixels(), strength=0.5, context=[1, 2, 9, 9])  # type: ignore[arg-type]
    assert edit == PhotoEdit(Photo.of(pixels()), strength=0.5, context=(1, 2, 9, 9))
    assert len({edit, replace(edit)}) == 1
    assert edit != replace(edit, feather=3)
    assert edit != edit.of_photo(pixels(seed=1))
    file = tmp_path / "photo.png"
    Image.fromarray(pixels()).save(file)
    assert PhotoEdit(file) == PhotoEdit(str(file))
    assert PhotoEdit(file).digest != edit.digest  # of the file's bytes, not of the pixels


def test_a_photo_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(PictureFileError, match=r"nowhere.jpg cannot be read"):
        _ = PhotoEdit("nowhere.jpg").digest


def test_the_front_door_has_the_edit() -> None:
    scene = Scene(17, 12, regions=[Region(box_mask(17, 12, 2, 2, 9, 9), "a ball")])
    request = studio.RenderRequest(scene, studio.Sampling(), edit=studio.PhotoEdit(pixels()))
    assert request.with_sampling(seed=4).edit == request.edit
    assert request != RenderRequest(scene, Sampling())


@pytest.mark.parametrize(
    "wrong", [{"seed": -1}, {"seed": 0.5}, {"strength": 0}, {"strength": 2}, {"feather": -0.5}]
)
def test_a_region_refuses_what_it_cannot_have(wrong: dict[str, Any]) -> None:
    with pytest.raises(SceneError):
        Region(box_mask(8, 8, 0, 0, 4, 4), "a ball", **wrong)


def layer(box: Bounds, value: int, like: Any, alpha: float = 1.0) -> PhotoLayer:
    colours = 1 if like.ndim == 2 or like.shape[2] < 3 else 3
    shown = np.full((*box.extent.shape, colours), value, like.dtype)
    return PhotoLayer(box, shown, np.full(box.extent.shape, alpha, np.float32), "ball")


@pytest.mark.parametrize("channels", SHAPES)
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_layer_changes_colours_where_it_shows_and_nothing_else(
    channels: tuple[int, ...], kind: Any
) -> None:
    before = pixels(channels, kind)
    box = Bounds(3, 2, 9, 8)
    after = composite(before, [layer(box, 200, before)])
    mask = box_mask(17, 12, *box)
    assert outside(before, after, mask) == (0, 0)
    colours = after if not channels else after[..., : 1 if channels[0] < 3 else 3]
    assert (colours[mask] == 200).all()
    if channels in ((2,), (4,)):
        assert np.array_equal(before[..., -1], after[..., -1])


def test_layers_lie_over_each_other_with_their_opacity() -> None:
    before = np.full((4, 4, 3), 100, np.uint8)
    box = Bounds(0, 0, 2, 2)
    layers = [layer(box, 200, before), layer(box, 0, before, alpha=0.5)]
    assert composite(before, layers)[0, 0, 0] == 100
    assert composite(before, layers, [1.0, 0.0])[0, 0, 0] == 200
    assert composite(before, layers, [0.5, 1.0])[0, 0, 0] == 75
    assert (composite(before, layers, [0.0, 0.0]) == before).all()
    assert (composite(before, [])[2:] == before[2:]).all()


def test_a_feather_lies_inside_and_the_pictures_border_has_none() -> None:
    mask = box_mask(12, 9, 0, 2, 8, 9)
    alpha = inward_alpha(mask, 3)
    assert (alpha[~mask] == 0).all()
    assert alpha[5, :8].tolist() == [1, 1, 1, 1, 1, 0.75, 0.5, 0.25]
    assert alpha[2:6, 0].tolist() == [0.25, 0.5, 0.75, 1]
    assert alpha[8, 2] == 1
    assert inward_alpha(mask, 3, touches_border_ok=False)[8, 2] == 0.25
    assert (inward_alpha(mask, 0) == mask).all()
    assert (inward_alpha(np.ones((4, 4), np.bool_), 2) == 1).all()
    assert (inward_alpha(np.zeros((4, 4), np.bool_), 2) == 0).all()


@given(st.integers(0, 2**32), st.floats(0, 30), st.booleans())
def test_no_feather_ever_shows_outside_the_mask(seed: int, feather: float, border: bool) -> None:
    random = np.random.default_rng(seed)
    mask = random.random((13, 17)) < random.random()
    alpha = inward_alpha(mask, feather, border)
    assert ((alpha > 0) == mask).all()
    assert alpha.max(initial=0) <= 1


def test_what_differs_outside_is_measured_in_the_photos_own_levels() -> None:
    before = pixels((4,), np.uint16, side=300)
    after = before.copy()
    after[299, 3, 1] ^= 0x4000
    after[0, 0, 3] ^= 1
    mask = box_mask(305, 300, 0, 0, 1, 1)
    found = outside(before, after, mask)
    assert found == (0x4000, 1)
    assert found.of == 305 * 300 - 1
    assert outside(before, after, np.zeros_like(mask)) == (0x4000, 2)
    assert copy.copy(found).of == pickle.loads(pickle.dumps(found)).of == found.of
    assert Outside(0, 0, 9) == (0, 0)


def test_errors_of_photos_are_bad_input() -> None:
    assert issubclass(PictureFileError, BadInput)
