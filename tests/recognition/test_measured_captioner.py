"""Captions without weights say the colour and the material that are measured."""

from __future__ import annotations

import numpy as np
import pytest

from studio.recognition.measured_captioner import MeasuredCaptioner
from studio.scene.errors import PromptError


def test_a_region_is_described_by_its_colour() -> None:
    picture = np.full((64, 96, 3), 235, np.uint8)
    picture[16:48, 16:48] = (200, 30, 30)
    mask = np.zeros((64, 96), np.bool_)
    mask[16:48, 16:48] = True

    found = MeasuredCaptioner().describe(picture, [mask])

    assert len(found.regions) == 1
    assert "red" in found.regions[0].split()
    assert "white" in found.picture


def test_a_mask_of_another_size_is_refused() -> None:
    picture = np.zeros((64, 96, 3), np.uint8)

    with pytest.raises(PromptError, match="32 x 64 pixels, the picture 96 x 64"):
        MeasuredCaptioner().describe(picture, [np.ones((64, 32), np.bool_)])
