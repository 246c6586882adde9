"""The shadow of a kept subject: under its feet, on the world alone."""

from __future__ import annotations

import numpy as np

from studio.engine.photo.contact_shadow import DARKEST, light_left


def standing(bottom: int = 60) -> np.ndarray:
    """Two legs of 10 pixels under a body, in a picture of 80 x 100."""
    subject = np.zeros((80, 100), np.bool_)
    subject[20:45, 30:70] = True
    subject[45:bottom, 32:42] = True
    subject[45:bottom, 58:68] = True
    return subject


def test_the_ground_is_dark_at_the_feet_and_nowhere_else() -> None:
    subject = standing()
    light = light_left(subject, 1.0)
    assert (light[subject] == 1).all()
    under = light[60, 34:40]
    assert under.max() < 1 - DARKEST / 2
    assert light.min() >= 1 - DARKEST - 1e-6
    assert (light[:20] == 1).all()
    assert (light[-1, :10] > 0.99).all()
    assert light[30, 72] > 0.99  # beside the body, far from the ground


def test_half_the_strength_takes_half_the_light() -> None:
    whole, half = (1 - light_left(standing(), strength) for strength in (1.0, 0.5))
    assert np.allclose(half, whole / 2, atol=1e-6)
    assert (light_left(standing(), 0.0) == 1).all()


def test_a_subject_that_the_picture_cuts_off_throws_no_shadow() -> None:
    assert (light_left(standing(bottom=80), 1.0) == 1).all()
    assert (light_left(np.zeros((8, 8), np.bool_), 1.0) == 1).all()


def test_a_speck_has_a_shadow_as_well() -> None:
    subject = np.zeros((9, 9), np.bool_)
    subject[4, 4] = True
    light = light_left(subject, 1.0)
    assert light[4, 4] == 1
    assert light.min() < 1
