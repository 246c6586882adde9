"""The styles in git, on the embedded model: they fit it, and one region's style stays there."""

from __future__ import annotations

import statistics

import pytest

import studio
from benchmarks.styles import Leak, leaks, mean_ratio
from studio.config import HOME
from studio.engine.engine import Engine
from studio.files.style_file import list_styles

STYLES = HOME / "weights" / "styles"


@pytest.fixture(scope="module")
def mini() -> Engine:
    return studio.load_engine(device="cpu")


def test_the_styles_in_git_are_small_and_name_their_licence() -> None:
    found = {each.path.stem: each for each in list_styles(STYLES)}
    for name in ("sepia", "pencil"):
        assert found[name].licence == "CC0-1.0"
        assert found[name].fault is None
        assert found[name].has_picture
        assert found[name].bytes_used < 2**20


@pytest.mark.slow
def test_a_styled_region_moves_far_more_than_its_neighbours(mini: Engine) -> None:
    styles = [studio.Style(STYLES / f"{name}.safetensors") for name in ("sepia", "pencil")]
    found: list[Leak] = list(leaks(mini, styles, 4))
    assert mean_ratio(found) >= 5
    assert statistics.mean(leak.inside for leak in found) > 10
