"""Names of colours."""

import numpy as np
import pytest

from studio.scene.colour_names import BASIC, COLOURS, colour_words, nearest_basic, shaded


@pytest.mark.parametrize("name", BASIC)
def test_every_basic_colour_is_nearest_to_itself(name: str):
    assert nearest_basic(np.array(COLOURS[name])) == name
    assert colour_words(np.array(COLOURS[name])) == name


def test_a_shade_is_told_by_its_words():
    assert colour_words(shaded(np.array(COLOURS["blue"], np.float32), "dark")) == "dark blue"
