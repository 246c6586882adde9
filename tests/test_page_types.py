"""The compiler that checks the page's types is the pinned one, installed when it is not there."""

from __future__ import annotations

import json
from pathlib import Path

from scripts.check_page_types import ROOT, installed_version, pinned_version


def test_the_lock_pins_what_package_json_names() -> None:
    named = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert named == {"typescript": pinned_version(ROOT / "package-lock.json")}


def test_a_compiler_that_is_absent_or_not_whole_is_installed_anew(tmp_path: Path) -> None:
    assert installed_version(tmp_path) is None
    (tmp_path / "package.json").write_text('{"version": "5.0.0"}', encoding="utf-8")
    assert installed_version(tmp_path) is None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tsc").write_text("", encoding="utf-8")
    assert installed_version(tmp_path) == "5.0.0"
    (tmp_path / "package.json").write_text('{"version": ', encoding="utf-8")
    assert installed_version(tmp_path) is None
