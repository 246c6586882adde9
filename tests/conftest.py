"""Settings for every test: tiny models run fastest on one thread; a slow machine is no failure."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from studio.installation.cores import share_the_cores

if TYPE_CHECKING:
    from studio.engine.engine import Engine

share_the_cores(os.environ)
os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine with random weights; a module's tests share it."""
    from tests.tiny_models import tiny_engine  # torch comes with it

    return tiny_engine(tmp_path_factory.mktemp("tiny"))
