"""The house rules that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"}


def tracked(*suffixes: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [
        ROOT / name
        for name in listed.stdout.splitlines()
        if name.endswith(suffixes) and (ROOT / name).is_file()
    ]


def test_the_rooms_keep_their_walls() -> None:
    script = "import importlinter.cli as c; c.lint_imports_command()"
    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_no_file_is_too_long() -> None:
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for path in tracked(".py", ".js", ".mjs", ".css")
        if ".min." not in path.name
    }
    assert {path: n for path, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    long = {}
    for path in tracked(".py"):
        if "tests" in path.relative_to(ROOT).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = lines
    assert long == {}


def test_every_module_says_what_lives_in_it() -> None:
    silent = [
        path.relative_to(ROOT)
        for path in tracked(".py")
        if "tests" not in path.relative_to(ROOT).parts
        if path.stat().st_size and ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None
    ]
    assert silent == []


def test_files_are_named_after_an_idea() -> None:
    assert [path for path in tracked(".py", ".mjs", ".js") if path.stem in VAGUE] == []


def test_nothing_is_unpickled() -> None:
    """Weights are safetensors, everything else is JSON or PNG: reading a file never runs code."""
    unsafe = re.compile(
        r"import pickle|torch\.load\((?!.*weights_only=True)|trust_remote_code=True"
        r"|allow_pickle=True"
    )
    found = [
        (path.relative_to(ROOT), line.strip())
        for path in tracked(".py")
        if "tests" not in path.relative_to(ROOT).parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if unsafe.search(line)
    ]
    assert found == []
