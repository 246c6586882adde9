"""Every command's refusals: exit code 2, one sentence on stderr, no traceback, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from studio.commands.cli import COMMANDS, main

# {here} is a folder with photo.png, notes.txt, list.jsonl and a subfolder `empty`
REFUSALS = {
    "serve": [
        (["--host", "0.0.0.0"], "--login USER:PASSWORD"),
        (["--login", ":secret"], "the user is missing"),
        (["--login", "anna:short"], "letters"),
        (["--port", "99999999"], "port is 99999999"),
        (["--port", "-1"], "port is -1"),
        (["--cache-megabytes", "-5"], "cache_megabytes is -5; it must be a number"),
        (["--disk-gigabytes", "nan"], "disk_gigabytes is nan; it must be a number"),
    ],
    "render": [
        (["{here}/nowhere.json", "--out", "{here}/o.png"], "does not exist"),
        (["{here}/photo.png", "--out", "{here}/o.png"], "holds no recipe"),
        (["{here}/notes.txt", "--out", "{here}/o.png"], "is not a PNG"),
        (["{here}/empty", "--out", "{here}/o.png"], "holds no scene"),
        (["{here}/a\0b", "--out", "{here}/o.png"], "a?b"),
    ],
    "act": [
        (["{here}/nowhere.jsonl"], "nowhere.jsonl cannot be read"),
        (["{here}/photo.png"], "photo.png is not text"),
        (["{here}/notes.txt"], "Line 1 is not JSON"),
        (["{here}/list.jsonl"], "Line 1 is not"),
    ],
    "segment": [
        (["{here}/photo.png", "--out", "{here}/o.json"], "Give --point"),
        (["{here}/nowhere.png", "--everything", "--out", "{here}/o.json"], "does not exist"),
        (["{here}/notes.txt", "--everything", "--out", "{here}/o.json"], "is not a picture"),
        (["{here}/photo.png", "--point", "a,b", "--out", "{here}/o.json"], "must be X,Y"),
        (["{here}/photo.png", "--box", "1,2,3", "--out", "{here}/o.json"], "must be X0,Y0"),
        (["{here}/photo.png", "--point", "1,1", "--out", "{here}/o.txt"], "are written as"),
        (
            ["{here}/photo.png", "--point", "1,1", "--segmenter", "{here}/no", "--out", "o.json"],
            "no",
        ),
    ],
    "get": [(["nothing"], "There is no 'nothing' among the models")],
    "convert": [
        (["{here}/nowhere.pt"], "nowhere.pt is not there"),
        (["{here}/photo.png", "--out", "{here}/o"], "photo.png"),
    ],
    "caption": [
        (["{here}/nowhere.png"], "does not exist"),
        (["{here}/notes.txt"], "is not a picture"),
    ],
    "layout": [(["", "--out", "{here}/o.json"], "sentence")],
    "train": [
        (["mini", "--minutes", "0"], "--minutes"),
        (["mini", "--minutes", "nan"], "--minutes"),
        (["mini", "--workers", "0"], "--workers"),
        (["adapters"], "--base"),
        (["adapters", "--base", "{here}/nowhere", "--folder", "{here}/run"], "nowhere"),
    ],
    "evaluate": [
        (["{here}/nowhere"], "is not a folder"),
        (["mini", "--adapters", "{here}/nowhere"], "nowhere"),
        (["mini", "--device", "abacus"], "abacus"),
    ],
    "doctor": [],  # it tells what is missing, and refuses nothing but options
    "shortcut": [],
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    Image.new("RGB", (64, 48), "green").save(tmp_path / "photo.png")
    (tmp_path / "notes.txt").write_text("no scene, no script")
    (tmp_path / "list.jsonl").write_text("[1]\n")
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_every_command_has_its_refusals() -> None:
    assert set(REFUSALS) == set(COMMANDS)


@pytest.mark.parametrize(
    ("command", "arguments", "words"),
    [(command, *case) for command, cases in REFUSALS.items() for case in cases],
    ids=lambda part: " ".join(part).replace("\0", "") if isinstance(part, list) else None,
)
def test_bad_input_is_one_sentence(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.setenv("STUDIO_PROJECTS", str(here / "projects"))
    before = sorted(path for path in here.rglob("*") if "projects" not in path.parts)
    given = [argument.replace("{here}", str(here)) for argument in arguments]
    assert main([command, *given]) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if not _is_progress(line)]
    assert len(told) == 1, told
    assert words in told[0]
    assert "Traceback" not in told[0]
    assert "inside the studio" not in told[0]
    after = sorted(path for path in here.rglob("*") if "projects" not in path.parts)
    assert after == before, "something was written"


def _is_progress(line: str) -> bool:
    return line.startswith("Loading ")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_that_is_not_known_is_refused(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    with pytest.raises(SystemExit) as end:
        main([command, "--no-such-option"])
    assert end.value.code == 2
    assert "Traceback" not in capsys.readouterr().err
