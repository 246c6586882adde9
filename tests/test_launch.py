"""launch.py on machines that are not as one would wish."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import launch


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of one file with a package to pin that every new environment has: pip."""
    home = tmp_path_factory.mktemp("a project with spaces")
    shutil.copy(launch.__file__, home / "launch.py")
    (home / "requirements.txt").write_text("# nothing to install\n")
    (home / "studio").mkdir()
    (home / "studio" / "__init__.py").touch()
    (home / "studio" / "__main__.py").write_text("import sys\nprint('studio', sys.argv[1:])\n")
    return home


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(home / "launch.py"), *arguments],
        capture_output=True,
        text=True,
        cwd=home.parent,
        check=False,
    )


def test_the_first_start_installs_and_the_second_does_not(home: Path) -> None:
    first = run(home)
    second = run(home, "render", "a scene.json")
    assert first.returncode == 0, first.stderr
    assert "Installing" in first.stdout
    assert first.stdout.endswith("studio ['serve']\n")
    assert second.stdout == "studio ['render', 'a scene.json']\n"


def test_changed_requirements_are_installed(home: Path) -> None:
    run(home)
    with (home / "requirements.txt").open("a") as file:
        file.write("# one more line\n")
    assert "Installing" in run(home).stdout
    assert "Installing" not in run(home).stdout


def test_an_environment_without_its_python_is_made_anew(home: Path) -> None:
    run(home)
    launch.venv_python(home / ".venv", os.name).unlink()
    repaired = run(home)
    assert "broken or half made" in repaired.stdout
    assert repaired.stdout.endswith("studio ['serve']\n")


def test_an_interrupted_installation_goes_on(home: Path) -> None:
    run(home)
    (home / ".venv" / "installed.json").write_text('{"requirem')
    assert "Installing" in run(home).stdout


def test_a_file_in_the_place_of_the_environment_is_replaced(home: Path) -> None:
    shutil.rmtree(home / ".venv", ignore_errors=True)
    (home / ".venv").write_text("not a folder")
    assert run(home).stdout.endswith("studio ['serve']\n")


def test_an_environment_of_ones_own_is_used_as_it_is(home: Path) -> None:
    shutil.rmtree(home / ".venv", ignore_errors=True)
    answer = run(home, "--no-venv", "doctor")
    assert answer.stdout == "studio ['doctor']\n"
    assert not (home / ".venv").exists()


def test_a_package_that_cannot_be_installed_is_no_stack_trace(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "home"
    shutil.copytree(home, broken, ignore=shutil.ignore_patterns(".venv"))
    (broken / "requirements.txt").write_text("./does-not-exist\n")
    answer = run(broken)
    assert answer.returncode == 1
    assert "The installation did not finish" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_missing_and_outdated_packages_are_noticed(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        f"pytest=={pytest.__version__}  # here\n"
        "pytest==1.0; python_version < '3'\n"
        "hypothesis[cli]==0.0.1\nno-such-package==1.0\n"
    )
    missing = launch.missing_packages(sys.executable, [requirements])
    assert missing == ["hypothesis", "no-such-package"]


def test_an_old_python_is_told_which_one_is_needed() -> None:
    with pytest.raises(launch.LaunchError, match=r"needs Python 3\.10 .* this is Python 3\.9"):
        launch._refuse_old_python((3, 9))


def test_a_python_without_ensurepip_is_told_what_to_install() -> None:
    parts = launch.missing_parts(find=lambda name: None if name == "ensurepip" else object())
    assert parts == ["ensurepip"]
    message = launch.explain_missing(parts)
    assert "sudo apt install python3" in message
    assert "--no-venv" in message


def test_the_environments_python_lies_where_the_system_puts_it() -> None:
    assert launch.venv_python(Path("v"), "nt") == Path("v/Scripts/python.exe")
    assert launch.venv_python(Path("v"), "posix") == Path("v/bin/python")


def test_the_browser_is_found_by_name_by_place_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(launch.BROWSER_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    place = tmp_path / "Google Chrome"
    assert launch.find_browser(places=(str(place),)) is None
    place.touch()
    assert launch.find_browser(places=(str(place),)) == str(place)
    program = tmp_path / "chromium"
    program.touch(mode=0o755)
    assert launch.find_browser(names=("chromium",), places=(str(place),)) == str(program)
