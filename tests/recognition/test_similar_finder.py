"""Select similar: one region given, what looks like it is found, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.recognition.similar_finder import LooksFinder
from studio.scene.errors import PromptError

SPOTS = ((24, 24), (24, 90), (70, 40))


def disc(row: int, column: int, radius: int = 13) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:96, :128]
    return np.hypot(rows - row, columns - column) < radius


@pytest.fixture(scope="module")
def picture() -> NDArray[np.uint8]:
    """Three red discs, and a blue box that is no disc."""
    picture = np.full((96, 128, 3), (70, 150, 70), np.uint8)
    for spot in SPOTS:
        picture[disc(*spot)] = (200, 30, 30)
    picture[60:90, 84:116] = (30, 60, 200)
    noise = np.random.default_rng(0).integers(-6, 7, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def test_the_others_of_its_kind_are_found_without_the_region_itself(
    picture: NDArray[np.uint8],
) -> None:
    found = LooksFinder().find_similar(picture, disc(*SPOTS[0]))

    wanted = [disc(*spot) for spot in SPOTS[1:]]
    assert len(found) == 2
    for mask in wanted:
        best = max(float((each.mask & mask).sum() / (each.mask | mask).sum()) for each in found)
        assert best > 0.8


def test_an_empty_region_is_refused(picture: NDArray[np.uint8]) -> None:
    with pytest.raises(PromptError, match="region is empty"):
        LooksFinder().find_similar(picture, np.zeros((96, 128), np.bool_))


def test_the_picture_is_looked_at_once(picture: NDArray[np.uint8]) -> None:
    kept: dict[str, object] = {}
    made: list[str] = []

    def recall(kind, make):  # type: ignore[no-untyped-def]
        if kind not in kept:
            made.append(kind)
            kept[kind] = make()
        return kept[kind]

    finder = LooksFinder()
    first = finder.find_similar(picture, disc(*SPOTS[0]), recall=recall)
    second = finder.find_similar(picture, disc(*SPOTS[1]), recall=recall)

    assert made == [f"embedding:{finder.segmenter.digest}", "looks"]
    assert len(first) == len(second) == 2


def test_a_region_like_no_other_part_finds_nothing_and_warns_of_nothing(
    picture: NDArray[np.uint8],
) -> None:
    speck = np.zeros((96, 128), np.bool_)
    speck[0, 0] = True

    assert LooksFinder().find_similar(picture, speck) == []
