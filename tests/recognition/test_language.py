"""What a language model answers is checked before it becomes a layout or a world."""

from __future__ import annotations

import pytest

from studio.recognition.finder import Asked, Pixels
from studio.recognition.language_layouter import layouter, regions_in
from studio.recognition.rule_layouter import RuleLayouter
from studio.recognition.worlds import RuleWorlds, suggester
from studio.scene.geometry import Extent

EXTENT = Extent(100, 50)


class Answering:
    """A language model that has one answer."""

    name = "answering"

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def answer(self, question: str, image: Pixels | None = None, cancel: Asked = None) -> str:
        return self._answer


def test_an_answer_becomes_regions_in_its_boxes() -> None:
    said = (
        '```json\n[{"caption": "sky", "box": [0, 0, 100, 50]}, '
        '{"caption": "cat", "box": [20, 60, 40, 90]}]```'
    )

    scene = layouter(Answering(said)).lay_out("a cat under the sky", EXTENT)

    assert [each.caption for each in scene.regions] == ["sky", "cat"]
    assert scene.regions[1].mask.bounds == (20, 30, 40, 45)
    assert [each.gamma for each in scene.regions] == [None, 0.5]


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I cannot do that.",
        "[1, 2",
        '[{"caption": "cat"}, {"box": [0, 0, 1, 1]}, 3, null]',
        '[{"caption": "cat", "box": [10, 10, 10, 10]}]',
        '[{"caption": "cat", "box": [NaN, 0, 10, 10]}]',
        '[{"caption": " ", "box": [0, 0, 10, 10]}]',
        '[{"caption": "cat", "box": [0, 0, "wide", 10]}]',
    ],
)
def test_where_it_answers_no_layout_the_rules_make_one(answer: str) -> None:
    assert regions_in(answer, EXTENT) == []

    scene = layouter(Answering(answer)).lay_out("a cat", EXTENT)

    assert [each.caption for each in scene.regions] == ["cat"]


def test_without_a_language_model_the_rules_work_alone() -> None:
    assert isinstance(layouter(None), RuleLayouter)
    assert isinstance(suggester(None), RuleWorlds)


def test_worlds_suit_the_subject() -> None:
    assert suggester(None).suggest("a red boat")[0] == "sea with waves at sunset"
    assert suggester(None).suggest("two horses")[0] == "green meadow with flowers"
    assert len(set(suggester(None).suggest("a thing without a name"))) == 3


def test_three_worlds_come_of_any_answer() -> None:
    assert suggester(
        Answering('1. a city at night\n- "the moon."\n\n* the moon\n3) a desert')
    ).suggest("a cat") == ("a city at night", "the moon", "a desert")
    assert suggester(Answering("a city")).suggest("a cat") == (
        "a city",
        "green meadow with flowers",
        "snow and fir forest in winter",
    )
