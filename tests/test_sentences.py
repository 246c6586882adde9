"""Whatever the server says to the page is said in both languages."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from studio.scene.sentences import code_of

HOME = Path(__file__).parents[1]
STUDIO = HOME / "studio"
CHINESE = sorted((STUDIO / "ui" / "page" / "words").glob("heard*.mjs"))
UNHEARD = ("commands", "evaluation", "training", "workshop")  # only the terminal hears these
OWN_PAGE = ("ui/web/door.py", "ui/web/login.py")  # the page of the door has both languages
TEXT = r'"(?:[^"\\]|\\.)*"'


class Said(NamedTuple):
    """A call that makes a sentence: where, its code, and the values it names and is given."""

    where: str
    code: str
    named: set[str]
    given: set[str]


def test_every_sentence_of_the_server_has_its_chinese() -> None:
    chinese = heard()
    assert len(chinese) > 400
    assert [f"{said.where}: {said.code}" for said in sentences() if said.code not in chinese] == []


def test_a_translation_has_the_same_values_as_its_sentence() -> None:
    def fields(text: str) -> list[str]:
        return sorted(set(re.findall(r"\{(\w+)\}", text)))

    assert [code for code, own in heard().items() if fields(code) != fields(own)] == []


def test_no_translation_is_left_over() -> None:
    said = {each.code for each in sentences()}
    assert [code for code in heard() if code not in said] == []


def test_every_sentence_is_given_the_values_it_names() -> None:
    wrong = [
        f"{said.where}: names {sorted(said.named)}, is given {sorted(said.given)}"
        for said in sentences()
        if said.named != said.given
    ]
    assert wrong == []


def test_no_sentence_is_put_together_before_it_is_said() -> None:
    """An f-string has no code. Write say("Region {number}", number=number) instead."""
    wrong = [
        f"{where}: {ast.unparse(text)[:60]}"
        for where, _, text in _texts()
        if isinstance(text, (ast.JoinedStr, ast.BinOp))
    ]
    assert wrong == []


@pytest.mark.parametrize("words", ["words.mjs", "chinese.mjs"])
def test_every_phase_of_a_job_has_its_words(words: str) -> None:
    told = "\n".join(file.read_text(encoding="utf-8") for file in (STUDIO / "service").glob("*.py"))
    phases = set(re.findall(r"\.report\(\"([a-z]+)\"", told)) - {"load"}  # which has its own
    known = (STUDIO / "ui" / "page" / "words" / words).read_text(encoding="utf-8")
    assert phases
    assert {phase for phase in phases if f'"phase: {phase}":' not in known} == set()


def sentences() -> list[Said]:
    found: list[Said] = []
    for where, call, text in _texts():
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            given = {str(keyword.arg) for keyword in call.keywords}
            code = code_of(text.value) if given else text.value
            found.append(Said(where, code, set(re.findall(r"\{(\w+)\}", code)), given))
    return found


def heard() -> dict[str, str]:
    text = "\n".join(file.read_text(encoding="utf-8") for file in CHINESE)
    lines = re.findall(rf"^  ({TEXT}): ({TEXT}),$", text, re.M)
    entries = [(json.loads(code), json.loads(own)) for code, own in lines]
    assert len(dict(entries)) == len(entries), "a sentence is translated twice"
    return dict(entries)


@cache
def _texts() -> list[tuple[str, ast.Call, ast.expr]]:
    """What is given as text to `say` and to errors of ours, wherever the page may hear it."""
    return list(_found())


def _found() -> Iterator[tuple[str, ast.Call, ast.expr]]:
    trees = {path: ast.parse(path.read_bytes()) for path in sorted(STUDIO.rglob("*.py"))}
    makers = {"say", "error", *_errors(list(trees.values()))}
    for path, tree in trees.items():
        place = path.relative_to(STUDIO)
        if place.parts[0] in UNHEARD or place.as_posix() in OWN_PAGE:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in makers and node.args:
                for text in _alternatives(node.args[0]):
                    yield f"{place.as_posix()}:{node.lineno}", node, text


def _name(called: ast.expr) -> str | None:
    return called.id if isinstance(called, ast.Name) else None


def _alternatives(text: ast.expr) -> list[ast.expr]:
    if isinstance(text, ast.BoolOp):
        return text.values
    return [text.body, text.orelse] if isinstance(text, ast.IfExp) else [text]


def _errors(trees: list[ast.Module]) -> set[str]:
    """StudioError and all that is derived from it."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    known: set[str] = {"StudioError"}
    before = 0
    while len(known) > before:
        before = len(known)
        known |= {each.name for each in classes if any(_name(base) in known for base in each.bases)}
    return known
