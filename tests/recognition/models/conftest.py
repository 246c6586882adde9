"""Tiny models in a weights folder, each written when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.recognition.models.tiny_recognisers import TINY


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The weights folder, with the named model in it."""
    folder = tmp_path_factory.mktemp("recognisers")

    def holding(name: str) -> Path:
        if not (folder / name).exists():
            TINY[name](folder / name)
        return folder

    return holding


@pytest.fixture
def picture() -> NDArray[np.uint8]:
    """Grey with a red box."""
    picture = np.full((48, 64, 3), 128, np.uint8)
    picture[8:32, 16:48] = (200, 30, 30)
    return picture
