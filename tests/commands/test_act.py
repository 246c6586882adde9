"""The page's actions from the command line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.commands.act import act
from studio.files.picture_file import read_recipe
from studio.scene.errors import BadInput
from studio.ui.api.client import Client
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import open_studio

DRAW = {"action": "add_region", "caption": "a ball", "shape": {"box": [8, 8, 40, 40]}}
DRAW["shape"]["counts"] = [0, 32 * 32]  # type: ignore[index]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    studio = open_studio(tmp_path / "projects", ScriptedEngine())
    yield Client(studio)
    studio.close()


def done(
    client: Client, *lines: Any, project: str | None = None
) -> tuple[int, list[dict[str, Any]]]:
    out = io.StringIO()
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    code = act(client, texts, out, project)
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_script_draws_renders_and_saves(client: Client, tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    code, answers = done(
        client,
        "# a comment, and an empty line",
        "",
        DRAW,
        {"action": "set_sampling", "seed": 7},
        {"action": "render", "quality": "final", "save_to": str(target)},
    )
    assert code == 0
    assert [answer["action"] for answer in answers] == [
        "open",
        "add_region",
        "set_sampling",
        "render",
    ]
    assert answers[-1]["job"]["state"] == "done"
    assert read_recipe(target)["sampling"]["seed"] == 7


def test_a_project_is_taken_up_again(client: Client) -> None:
    _, answers = done(client, DRAW)
    _, later = done(client, {"action": "document"}, project=answers[0]["project"])
    assert later[1]["document"]["regions"][0]["caption"] == "a ball"


def test_the_first_refusal_ends_the_script(client: Client) -> None:
    code, answers = done(client, {"action": "set_sampling", "gamma": 7}, DRAW)
    assert (code, len(answers)) == (2, 2)
    assert "Gamma" in answers[1]["error"]


def test_files_are_read_from_paths(client: Client, tmp_path: Path) -> None:
    saved = tmp_path / "project.s2a"
    done(client, DRAW, {"action": "save_project", "save_to": str(saved)})
    code, _ = done(client, {"action": "open_files", "files": [f"@{saved}"]}, {"action": "document"})
    assert code == 0
    with pytest.raises(BadInput, match="cannot be read"):
        done(client, {"action": "set_photo", "file": "@/no/such/photo.jpg"})


@pytest.mark.parametrize("line", ["hello", "[]", "{}", '{"action": 3}'])
def test_a_line_that_is_no_action_names_itself(client: Client, line: str) -> None:
    with pytest.raises(BadInput, match="Line 1"):
        done(client, line)
