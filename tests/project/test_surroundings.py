"""Words for what surrounds a region, and how well a filling agrees with it."""

import numpy as np

from studio.project.known_materials import known_materials
from studio.project.surroundings import caption_of, unlikeness
from studio.workshop.painting.layouts import Layer
from studio.workshop.painting.materials import BY_NAME
from studio.workshop.painting.painter import compose
from studio.workshop.painting.subjects import Subject
from tests.builders import box_mask

MASK = box_mask(128, 128, 40, 40, 88, 88)


def painted(name: str) -> np.ndarray:
    layers = [Layer(np.ones((128, 128), np.float32), Subject(material=BY_NAME[name]))]
    scene = compose(np.random.default_rng(5), layers)
    return np.round(scene.image * 255).astype(np.uint8)


def test_a_painted_material_is_called_by_its_name():
    names = ["grass", "sea", "snow", "brick wall", "sand", "wood"]
    found = [caption_of(painted(name), MASK, None) for name in names]
    right = [name in caption for name, caption in zip(names, found, strict=True)]
    assert sum(right) >= 5, found


def test_only_words_that_the_model_knows_are_used():
    words = {"blue", "grass", "green", "dark"}
    caption = caption_of(painted("grass"), MASK, words)
    assert set(caption.split()) <= words
    assert "grass" in caption


def test_a_model_without_any_of_the_words_gets_no_caption():
    assert caption_of(painted("grass"), MASK, {"xylophone"}) == ""


def test_the_same_ground_is_liker_than_another_thing_in_its_place():
    ground = painted("grass")
    thing = ground.copy()
    thing[MASK] = (200, 30, 30)
    assert unlikeness(ground, MASK) < unlikeness(thing, MASK)


def test_a_blurred_filling_is_told_from_the_texture_around_it():
    rng = np.random.default_rng(0)
    grain = np.clip(rng.normal(128, 30, (128, 128, 3)), 0, 255).astype(np.uint8)
    flat = grain.copy()
    flat[MASK] = 128
    assert unlikeness(grain, MASK) < unlikeness(flat, MASK)


def test_every_material_that_is_told_apart_is_one_the_model_was_taught():
    known = known_materials()
    assert set(known.names) == set(BY_NAME)
    assert [BY_NAME[name].takes_colour for name in known.names] == list(known.takes_colour)
