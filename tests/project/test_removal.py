"""A thing taken out of a photo: the filling, the words for it, and which of two pictures stays."""

from dataclasses import replace

import numpy as np

import studio
from studio.project.removal import STRENGTH, finished_layers, removal
from studio.scene.geometry import Bounds
from studio.scene.mask import Mask
from studio.scene.photo import Photo
from studio.scene.photo_edit import PhotoEdit
from studio.scene.photo_layer import PhotoLayer, composite
from studio.scene.request import RenderRequest
from tests.builders import box_mask

SIDE = 128
MASK = box_mask(SIDE, SIDE, 44, 44, 84, 84)
THING = studio.Region(MASK, "", identity="thing")
BOX = Bounds(44, 44, 84, 84)


def lawn() -> Photo:
    rng = np.random.default_rng(3)
    pixels = np.clip(rng.normal((60, 140, 60), 18, (SIDE, SIDE, 3)), 0, 255).astype(np.uint8)
    pixels[MASK] = (220, 30, 200)
    return Photo.of(pixels)


def asked(photo: Photo, *regions: studio.Region) -> RenderRequest:
    scene = studio.Scene(SIDE, SIDE, None, regions or (THING,))
    return RenderRequest(scene, studio.Sampling(), PhotoEdit(photo))


def layer(colour: tuple[int, int, int]) -> PhotoLayer:
    pixels = np.full((40, 40, 3), colour, np.uint8)
    return PhotoLayer(BOX, pixels, np.ones((40, 40), np.float32), "thing")


def test_the_model_begins_from_the_filling_with_measured_words():
    photo = lawn()
    done = removal(asked(photo), photo, None)
    region = done.request.scene.regions[0]
    assert region.caption == done.captions["thing"] != ""
    assert region.strength == STRENGTH
    assert done.request.edit is not None
    assert done.request.edit.photo == done.filled
    assert np.array_equal(done.filled.pixels[~MASK], photo.pixels[~MASK])
    inside = done.filled.pixels[MASK].mean(axis=0)
    assert np.abs(inside - (60, 140, 60)).max() < 12, "the thing is gone"


def test_a_strength_of_its_own_is_kept_and_other_regions_stay_as_they_are():
    other = studio.Region(box_mask(SIDE, SIDE, 0, 0, 20, 20), "a red ball", identity="ball")
    photo = lawn()
    done = removal(asked(photo, replace(THING, strength=0.3), other), photo, None)
    assert done.request.scene.regions[0].strength == 0.3
    assert done.request.scene.regions[1] == other
    assert set(done.captions) == {"thing"}


def test_a_picture_that_is_unlike_its_surroundings_gives_way_to_the_filling():
    photo = lawn()
    done = removal(asked(photo), photo, None)
    (made,) = finished_layers(done, (layer((250, 250, 250)),))
    assert np.array_equal(composite(photo.pixels, [made]), done.filled.pixels)


def test_nothing_of_the_thing_shines_through_the_soft_edge_of_a_picture():
    photo = lawn()
    done = removal(asked(photo), photo, None)
    soft = layer((60, 140, 60))
    soft = PhotoLayer(soft.box, soft.pixels, soft.alpha * np.float32(0.5), "thing")
    (made,) = finished_layers(done, (soft,))
    shown = composite(photo.pixels, [made])[MASK].astype(int)
    assert (shown[:, 1] > shown[:, 0]).all(), "no violet is left"


def test_a_layer_of_another_region_is_left_alone():
    photo = lawn()
    done = removal(asked(photo), photo, None)
    other = PhotoLayer(BOX, layer((1, 2, 3)).pixels, layer((1, 2, 3)).alpha, "ball")
    assert finished_layers(done, (other,)) == (other,)


def test_a_photo_of_16_bit_keeps_its_depth():
    photo = Photo.of(lawn().pixels.astype(np.uint16) * 257)
    done = removal(asked(photo), photo, None)
    assert done.filled.depth == 16
    (made,) = finished_layers(
        done,
        (
            PhotoLayer(
                BOX, np.full((40, 40, 3), 64_000, np.uint16), np.ones((40, 40), np.float32), "thing"
            ),
        ),
    )
    assert made.pixels.dtype == np.uint16
    assert Mask(made.alpha > 0).area == 1600
