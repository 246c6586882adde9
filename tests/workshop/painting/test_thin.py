"""Thin regions: lines of a width in pixels, painted however thin they are."""

from __future__ import annotations

import numpy as np
import pytest

from studio.scene.geometry import Extent
from studio.workshop.painting.layouts import Layer, full_cover
from studio.workshop.painting.materials import BY_NAME
from studio.workshop.painting.painter import compose
from studio.workshop.painting.subjects import Subject
from studio.workshop.painting.thin import POLE, THINNEST, stroke, with_thin_regions

EXTENT = Extent(64, 64)


def test_a_line_is_as_wide_as_it_says() -> None:
    upright = stroke(EXTENT, np.full(2, 32.0), np.array([60.0, 4.0]), np.full(2, 4.0))
    assert upright.sum() == pytest.approx(4 * 56, rel=0.06)
    assert (upright[32] > 0.5).sum() == 4


def test_a_pole_of_four_pixels_is_painted() -> None:
    cover = stroke(EXTENT, np.full(2, 32.0), np.array([60.0, 4.0]), np.full(2, THINNEST))
    snow = Layer(full_cover(EXTENT), Subject(material=BY_NAME["snow"]))
    pole = Layer(cover, Subject(POLE), True, is_thin=True)
    scene = compose(np.random.default_rng(0), [snow, pole])
    region = scene.regions[1]
    assert (region.mask[32]).sum() == 4
    assert scene.image[region.mask].mean() < scene.image[scene.regions[0].mask].mean() - 0.2


def test_thin_regions_are_added_to_what_is_there() -> None:
    ground = Layer(full_cover(EXTENT), Subject(material=BY_NAME["grass"]))
    thing = Layer(stroke(EXTENT, np.full(2, 9.0), np.array([9.0, 60]), np.full(2, 12.0)),
                  Subject(POLE), True)  # fmt: skip
    for seed in range(20):
        layers = with_thin_regions(np.random.default_rng(seed), EXTENT, [ground, thing], "any")
        assert 3 <= len(layers) <= 5
        assert layers[0] is ground
        assert any(layer is thing for layer in layers)
        assert all((layer.cover > 0.5).sum() > 20 for layer in layers)
