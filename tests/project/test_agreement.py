"""How well pictures agree with the colours of their captions."""

import numpy as np
import pytest

from studio.project.agreement import colour_agreement, named_colour_in, total_score
from tests.builders import box_mask

LEFT = box_mask(40, 20, 0, 0, 20, 20)


def halves() -> np.ndarray:
    picture = np.full((20, 40, 3), (33, 79, 204), np.uint8)
    picture[LEFT] = (204, 28, 28)
    return picture


@pytest.mark.parametrize(
    ("caption", "name"),
    [
        ("a dark red ball", "red"),
        ("Gray wool", "grey"),
        ("grass", None),
        ("a red and blue flag", None),
    ],
)
def test_a_caption_names_one_colour_or_none(caption: str, name: str | None):
    assert named_colour_in(caption) == name


def test_agreement_is_the_share_of_named_colours_that_are_shown():
    regions = [("a red ball", LEFT), ("green grass", ~LEFT), ("a cat", ~LEFT)]
    assert colour_agreement(halves(), regions) == 0.5


def test_without_a_named_colour_there_is_nothing_to_agree_with():
    assert colour_agreement(halves(), [("a cat", LEFT)]) is None


def test_the_total_is_the_mean_of_what_was_measured():
    assert total_score({"fidelity": 0.8, "colours": 1.0}) == pytest.approx(0.9)
    assert total_score({"fidelity": 0.8, "growth": 0.05}) == pytest.approx(0.65)
    assert total_score({"growth": 0.5}) == 0.0
