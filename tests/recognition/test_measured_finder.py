"""Find by word without weights: colours and materials, and what is said where that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.recognition.finder import Recall
from studio.recognition.measured_finder import MeasuredFinder
from studio.recognition.said_words import read
from studio.scene.errors import Cancelled, PromptError


@pytest.fixture(scope="module")
def two_balls() -> NDArray[np.uint8]:
    """A red and a blue disc on green, with a little noise."""
    rows, columns = np.mgrid[:96, :128]
    picture = np.full((96, 128, 3), (60, 150, 60), np.uint8)
    picture[np.hypot(rows - 40, columns - 36) < 18] = (200, 30, 30)
    picture[np.hypot(rows - 56, columns - 92) < 20] = (30, 60, 200)
    noise = np.random.default_rng(0).integers(-6, 7, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def recall() -> Recall:
    """Looks at the picture once for all tests."""
    kept: dict[str, Any] = {}

    def recall(kind: str, make: Callable[[], Any]) -> Any:
        if kind not in kept:
            kept[kind] = make()
        return kept[kind]

    return recall


def overlap(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_a_colour_finds_what_shows_it(two_balls: NDArray[np.uint8], recall: Recall) -> None:
    (found,) = MeasuredFinder().find(two_balls, "the red one", recall=recall)

    rows, columns = np.mgrid[:96, :128]
    assert overlap(found.mask, np.hypot(rows - 40, columns - 36) < 18) > 0.85
    assert found.caption == "the red one"
    assert 0.5 < found.score <= 1


def test_a_colour_that_is_not_there_finds_nothing(
    two_balls: NDArray[np.uint8], recall: Recall
) -> None:
    assert MeasuredFinder().find(two_balls, "yellow", recall=recall) == []


def test_chinese_words_find_the_same(two_balls: NDArray[np.uint8], recall: Recall) -> None:
    (chinese,) = MeasuredFinder().find(two_balls, "蓝色", recall=recall)
    (english,) = MeasuredFinder().find(two_balls, "blue", recall=recall)

    assert np.array_equal(chinese.mask, english.mask)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("  ", "Say what to find"),
        ("x" * 201, "201 letters long; 200 at most"),
        ("spoon", "knows colours and materials, not 'spoon'. Say one"),
        ("yelow", "Did you mean 'yellow'"),
        ("iceberg", "Did you mean 'ice'"),
    ],
)
def test_words_that_cannot_be_read_are_told(
    two_balls: NDArray[np.uint8], words: str, told: str
) -> None:
    with pytest.raises(PromptError, match=told):
        MeasuredFinder().find(two_balls, words)


def test_finding_can_be_stopped(two_balls: NDArray[np.uint8], recall: Recall) -> None:
    with pytest.raises(Cancelled):
        MeasuredFinder().find(two_balls, "grass", cancel=lambda: True, recall=recall)


def test_a_query_is_read_as_colours_materials_and_the_rest() -> None:
    said = read("the dark blue wooden cup")

    assert said.colours == (("dark", "blue"),)
    assert said.unread == ("wooden", "cup")
    assert read("water").materials >= {"sea", "lake", "river"}
    assert read("roofs").materials == {"roof tiles", "rooftops"}
