from __future__ import annotations

import copy
import json
import pickle

import pytest

from studio.scene.errors import SceneError, SceneFileError
from studio.scene.sentences import Sentence, as_said, in_a_row, restored, say, sentences_in


def test_a_sentence_is_its_english_and_knows_its_code_and_values() -> None:
    sentence = say("Region {number} is {what!r}, {share:.0f} %.", number=3, what="x", share=41.6)
    assert sentence == "Region 3 is 'x', 42 %."
    assert sentence.code == "Region {number} is {what}, {share} %."
    assert sentence.values == {"number": 3, "what": "'x'", "share": "42"}


def test_without_values_braces_are_only_braces() -> None:
    assert say("A shape is {box, counts}.") == "A shape is {box, counts}."


def test_the_text_of_an_error_is_still_a_sentence() -> None:
    fault = SceneError("Region {number} is locked; unlock it to change it.", number=2)
    text = str(fault)
    assert isinstance(text, Sentence)
    assert as_said(text) == ["Region {number} is locked; unlock it to change it.", {"number": 2}]


def test_an_error_may_tell_what_another_said() -> None:
    inner = SceneError("The mask of region {number} is empty; draw its shape first.", number=4)
    outer = SceneFileError("{where}: {fault}", where="a.json", fault=inner)
    assert str(outer) == "a.json: The mask of region 4 is empty; draw its shape first."
    said = ["The mask of region {number} is empty; draw its shape first.", {"number": 4}]
    assert sentences_in([str(outer)]) == {
        str(outer): ["{where}: {fault}", {"where": "a.json", "fault": said}]
    }


def test_a_foreign_text_with_braces_is_never_filled_in() -> None:
    assert str(SceneError("{where}: {fault}", where="{fault}", fault="{0}")) == "{fault}: {0}"
    assert str(SceneError("as {it} came")) == "as {it} came"


def test_sentences_stand_in_a_row_with_one_mark() -> None:
    row = in_a_row([say("order"), say("caption {number}", number=2), say("seed")], "; ")
    assert row == "order; caption 2; seed"
    assert isinstance(row, Sentence)
    assert row.code == "{before}; {part}"
    assert in_a_row([], ", ") == ""


def test_sentences_are_found_wherever_they_stand_and_nothing_else() -> None:
    told = say("{count} more", count=2)
    answer = {"text": "plain", "jobs": [{"error": told, "runs": [1, 2]}], "pair": (None, told)}
    found = sentences_in(answer)
    assert found == {"2 more": ["{count} more", {"count": 2}]}
    assert [type(text) for text in found] == [str]  # as some JSON writers want their keys


def test_sentences_come_back_from_json() -> None:
    row = in_a_row([say("new region {number}", number=1), say("order")], "; ")
    entry = {"changes": row, "notices": [say("order"), "as it was"], "seed": 7}
    kept = json.loads(json.dumps({**entry, "said": sentences_in(entry)}))
    back = restored({name: kept[name] for name in entry}, kept["said"])
    assert back == entry
    assert sentences_in(back) == sentences_in(entry)


@pytest.mark.parametrize("said", [None, 3, {"order": 3}, {"order": ["chaos", {}]}, {"order": [1]}])
def test_a_text_whose_making_is_damaged_stays_text(said: object) -> None:
    back = restored(["order"], said)
    assert back == ["order"]
    assert not isinstance(back[0], Sentence)


def test_a_sentence_can_be_copied_and_pickled() -> None:
    sentence = say("{count} more", count=2)
    for again in (copy.deepcopy(sentence), pickle.loads(pickle.dumps(sentence))):
        assert (again, again.code, again.values) == (sentence, sentence.code, sentence.values)
