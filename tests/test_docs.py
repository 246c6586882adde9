"""What can be typed or set is documented, and what is linked is there."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from scripts.action_tables import actions_in, with_tables
from studio.commands.cli import COMMANDS, build_parser
from studio.config import PREFIX, Settings
from studio.ui.api.client import ACTIONS, FIELDS
from studio.ui.api.requests import EditFields

ROOT = Path(__file__).parent.parent
ACTIONS_PAGE = ROOT / "docs" / "actions.md"
COMMANDS_PAGE = ROOT / "docs" / "commands.md"
PICTURES = (".webp", ".png", ".jpg")
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "weights").glob("README.md"),
    *(ROOT / "weights").glob("mini/README.md"),
]


def parsers(name: str) -> Iterator[argparse.ArgumentParser]:
    """A command's parser and those of its own sub-commands."""
    waiting = [build_parser(name)]
    first = True
    while waiting:
        parser = waiting.pop()
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                children = action.choices
                waiting += [children[name]] if first else children.values()
                first = False
        yield parser


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_documented(name: str) -> None:
    page = COMMANDS_PAGE.read_text(encoding="utf-8")
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section, f"docs/commands.md has no section '## {name}'"
    always = {"-h", "--help", "--debug"}
    options = {
        option
        for parser in parsers(name)
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--") and option not in always
    }
    shared = re.search(r"^## The model.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    text = section[1] + (shared[0] if shared and "#the-model" in section[1] else "")
    assert options - described(text) == set()


def described(text: str) -> set[str]:
    """What has a row of its own in a table: named between backticks in its first cell."""
    rows = re.findall(r"^\|([^|\n]*)\|", text, re.MULTILINE)
    return {name for cell in rows for name in re.findall(r"`(--[a-z][a-z0-9-]*|[A-Z0-9_]+)", cell)}


def test_a_word_in_a_sentence_is_no_description() -> None:
    text = "Say `--host`, or --port.\n\n| `--login USER` | not `--names` |\n| --weights | a |\n"
    assert described(text) == {"--login"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text_or_choices(name: str) -> None:
    silent = [
        action.dest
        for parser in parsers(name)
        for action in parser._actions
        if action.help is None and not action.choices
    ]
    assert silent == []


def test_every_setting_is_documented() -> None:
    known = described(COMMANDS_PAGE.read_text(encoding="utf-8"))
    assert {PREFIX + field.name.upper() for field in fields(Settings)} - known == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_docs_keep_only_pictures_that_a_page_shows() -> None:
    told = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = [path for path in (ROOT / "docs").rglob("*") if path.suffix in PICTURES]
    assert [path.name for path in pictures if path.name not in told] == []
    assert sum(path.stat().st_size for path in pictures) <= 5 * 2**20


def test_the_tables_of_fields_are_those_of_the_models() -> None:
    page = ACTIONS_PAGE.read_text(encoding="utf-8")
    assert page == with_tables(page), "python -m scripts.action_tables"
    assert sorted(actions_in(page)) == sorted(ACTIONS)


def test_every_action_says_what_it_answers() -> None:
    page = ACTIONS_PAGE.read_text(encoding="utf-8")
    blocks = "".join(re.findall(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    lines = re.findall(r"^([a-z_]+(?:, [a-z_]+)*) +->", blocks, re.MULTILINE)
    answered = {name for line in lines for name in line.split(", ")}
    edits = {name for name, model in FIELDS.items() if issubclass(model, EditFields)}
    assert set(ACTIONS) - edits - answered == set()
    assert answered - set(ACTIONS) == set()
