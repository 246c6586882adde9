"""Where a mask's border is an edge of the photo, and where it lies on one ground."""

import numpy as np

import studio
from studio.engine.photo.border import Border
from studio.engine.photo.changes import changes
from studio.engine.photo.paste import Canvas, alpha_of
from studio.scene.photo import Photo
from studio.scene.request import RenderRequest
from tests.builders import box_mask

SIDE = 120
MASK = box_mask(SIDE, SIDE, 20, 20, 100, 100)


def change_in(pixels: np.ndarray, feather: float | None = None):
    region = studio.Region(MASK, "blue fabric", feather=feather)
    scene = studio.Scene(SIDE, SIDE, None, [region])
    (change,) = changes(RenderRequest(scene, studio.Sampling(), studio.PhotoEdit(pixels)))
    return change, Photo.of(pixels)


def ground() -> np.ndarray:
    return np.full((SIDE, SIDE, 3), (120, 130, 110), np.uint8)


def thing() -> np.ndarray:
    pixels = ground()
    pixels[MASK] = (10, 10, 10)
    return pixels


def test_a_border_on_one_ground_is_feathered_and_one_at_an_edge_is_firm():
    soft, firm = (alpha_of(*change_in(pixels)) for pixels in (ground(), thing()))
    assert Border.of(*change_in(ground())).difference().max() == 0
    assert Border.of(*change_in(thing())).difference()[0, 40] == 1
    middle = 40
    assert soft[1, middle] < 0.9
    assert firm[1, middle] >= 0.999, "no rim of the old thing shows"
    assert 0 < firm[0, middle] < 1


def test_a_feather_that_was_asked_for_is_left_as_it_is():
    alpha = alpha_of(*change_in(thing(), feather=6.0))
    assert alpha[1, 40] < 0.5


def test_a_border_that_is_half_an_edge_is_firm_there_alone():
    pixels = ground()
    pixels[20:100, 20:60] = 10
    alpha = alpha_of(*change_in(pixels))
    assert alpha[1, 10] > 0.99
    assert alpha[1, 70] < 0.9


def layer_of(colour: tuple[int, int, int]) -> np.ndarray:
    change, photo = change_in(ground())
    canvas = Canvas.over(photo, change, alpha_of(change, photo))
    canvas.pixels[:] = colour
    return canvas.layer().alpha


def test_a_ground_that_goes_on_blends_widely_and_a_new_thing_has_its_edge():
    ground_again, new_thing = layer_of((124, 134, 112)), layer_of((200, 30, 30))
    assert ground_again[2, 40] < 0.6
    assert new_thing[2, 40] > 0.99
    assert ground_again[40, 40] == new_thing[40, 40] == 1
