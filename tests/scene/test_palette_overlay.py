"""Regions as they are shown."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PIL import Image

from studio.scene.mask import Mask
from studio.scene.overlay import inner_point, overlay_picture
from studio.scene.palette import COLOURS, label_colour, region_style
from studio.scene.region import Region
from studio.scene.scene import Scene
from tests.builders import box_mask, two_region_scene


def test_the_first_forty_two_regions_look_different() -> None:
    assert len({region_style(number) for number in range(1, 43)}) == 42


def test_neighbours_differ_in_lightness_too() -> None:
    lightness = [np.dot(colour, (0.299, 0.587, 0.114)) for colour in COLOURS]
    assert min(abs(a - b) for a, b in pairwise(lightness)) > 18


def test_every_label_has_a_colour_of_its_own() -> None:
    colours = {label_colour(label) for label in range(1, 3000)}
    assert len(colours) == 2999
    assert (0, 0, 0) not in colours
    assert label_colour(1) == (128, 0, 0)


def test_the_overlay_shows_each_region_in_its_colour() -> None:
    scene = Scene(64, 64, None, [Region(Mask(box_mask(64, 64, 0, 0, 32, 64)), "left")])
    picture = overlay_picture(scene)
    assert picture.getpixel((3, 60)) == COLOURS[0]
    assert picture.getpixel((60, 60)) == (52, 54, 58)


def test_the_overlay_lets_the_picture_below_shine_through() -> None:
    below = Image.new("RGB", (32, 24), (200, 0, 0))
    picture = overlay_picture(two_region_scene(), below, opacity=0.5)
    assert picture.getpixel((31, 0)) == (200, 0, 0)
    assert picture.size == (32, 24)


def test_a_number_sits_in_the_widest_part() -> None:
    mask = box_mask(40, 40, 0, 0, 40, 4) | box_mask(40, 40, 10, 0, 30, 30)
    x, y = inner_point(mask)
    assert 17 <= x <= 22
    assert 8 <= y <= 20
