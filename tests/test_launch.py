"""launch.py on machines that are not as one would wish."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import launch
from studio.installation.graphics_card import Wheels


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The launcher and a studio that only says what it was asked; nothing to install."""
    return make_home(tmp_path_factory.mktemp("a project with spaces"))


def make_home(home: Path) -> Path:
    shutil.copy(launch.__file__, home / "launch.py")
    (home / "requirements.txt").write_text("# nothing to install\n")
    installation = Path("studio") / "installation"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(launch.ROOT / installation, home / installation, ignore=ignored)
    (home / "studio" / "__init__.py").touch()
    (home / "studio" / "__main__.py").write_text("import sys\nprint('studio', sys.argv[1:])\n")
    return home


def make_wheel(folder: Path, name: str, requires: str = "") -> None:
    """A package of one empty module, as pip installs it."""
    folder.mkdir(exist_ok=True)
    information = f"{name}-1.0.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(
            f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}"
        )
        wheel.writestr(
            f"{information}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{information}/RECORD", "")


def require(home: Path, *pins: str) -> None:
    """Only what lies in the folder `wheels` is there to be installed."""
    lines = ["--no-index", "--find-links wheels", *pins]
    (home / "requirements.txt").write_text("\n".join(lines) + "\n")


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(home / "launch.py"), *arguments],
        capture_output=True,
        text=True,
        cwd=home,
        check=False,
    )


@pytest.mark.slow
def test_the_first_start_installs_and_the_second_does_not(home: Path) -> None:
    first = run(home)
    second = run(home, "render", "a scene.json")
    assert first.returncode == 0, first.stderr
    assert "Installing" in first.stdout
    assert first.stdout.endswith("studio ['serve']\n")
    assert second.stdout == "studio ['render', 'a scene.json']\n"


@pytest.mark.slow
def test_changed_requirements_are_installed(home: Path) -> None:
    run(home)
    with (home / "requirements.txt").open("a") as file:
        file.write("# one more line\n")
    assert "Installing" in run(home).stdout
    assert "Installing" not in run(home).stdout


@pytest.mark.slow
def test_an_environment_without_its_python_is_made_again(home: Path) -> None:
    run(home)
    launch.venv_python(home / ".venv", os.name).unlink()
    repaired = run(home)
    assert "broken or half made" in repaired.stdout
    assert repaired.stdout.endswith("studio ['serve']\n")


@pytest.mark.slow
def test_an_interrupted_installation_goes_on(home: Path) -> None:
    run(home)
    (home / ".venv" / "installed.json").write_text('{"requirem')
    assert "Installing" in run(home).stdout


@pytest.mark.slow
def test_a_file_in_the_place_of_the_environment_is_replaced(home: Path) -> None:
    shutil.rmtree(home / ".venv", ignore_errors=True)
    (home / ".venv").write_text("not a folder")
    assert run(home).stdout.endswith("studio ['serve']\n")


def test_an_environment_of_ones_own_is_used_as_it_is(home: Path) -> None:
    known = home / ".venv"
    if known.exists():
        known.rename(home / "aside")
    answer = run(home, "--no-venv", "doctor")
    assert answer.stdout == "studio ['doctor']\n"
    assert not known.exists()
    if (home / "aside").exists():
        (home / "aside").rename(known)  # making another takes seconds


@pytest.fixture
def project(home: Path) -> Iterator[Path]:
    """Something to install, from a folder of its own."""
    (home / "wheels").mkdir()
    yield home
    shutil.rmtree(home / "wheels")
    (home / "requirements.txt").write_text("# nothing to install\n")


@pytest.mark.slow
def test_a_package_that_cannot_be_installed_is_no_stack_trace(project: Path) -> None:
    (project / "requirements.txt").write_text("./does-not-exist\n")
    answer = run(project)
    assert answer.returncode == 1
    assert "The installation did not finish" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.slow
def test_pips_pages_go_to_a_log_and_the_user_sees_how_far_it_is(project: Path) -> None:
    make_wheel(project / "wheels", "studio_one", requires="studio_two")
    make_wheel(project / "wheels", "studio_two")
    require(project, "studio_one==1.0")
    answer = run(project)
    assert answer.returncode == 0, answer.stderr
    assert "Installed 2 packages" in answer.stdout
    assert "Processing" not in answer.stdout
    log = (project / ".venv" / launch.LOG_NAME).read_text(encoding="utf-8")
    assert "Successfully installed" in log


@pytest.mark.slow
def test_a_failed_installation_says_why_and_where_the_log_is(project: Path) -> None:
    make_wheel(project / "wheels", "studio_three", requires="studio_four")
    require(project, "studio_three==1.0")
    answer = run(project)
    assert answer.returncode == 1
    assert "No matching distribution found for studio" in answer.stderr
    log = project / ".venv" / launch.LOG_NAME
    assert str(log) in answer.stderr
    assert "No matching distribution" in log.read_text(encoding="utf-8")
    make_wheel(project / "wheels", "studio_four")
    assert run(project).returncode == 0


@pytest.mark.slow
def test_of_two_started_at_once_the_second_waits_for_the_first(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    make_wheel(home / "wheels", "studio_one")
    require(home, "studio_one==1.0")
    command = [sys.executable, str(home / "launch.py")]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, text=True) as first:
        while not (home / ".venv.lock").exists():
            time.sleep(0.01)
        second = run(home)
        told = first.communicate()[0]
    assert first.returncode == 0
    assert told.endswith("studio ['serve']\n")
    assert second.returncode == 0, second.stderr
    assert "waiting" in second.stdout
    assert second.stdout.endswith("studio ['serve']\n")
    assert "Installing" not in second.stdout


def test_it_needs_nothing_but_the_standard_library() -> None:
    script = f"import sys; sys.path.insert(0, {str(launch.ROOT)!r}); import launch"
    answer = subprocess.run(
        [sys.executable, "-S", "-c", script], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr


def test_whoever_configured_pips_index_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    assert launch.choose_wheels(sys.executable) == Wheels(None)


def test_missing_and_outdated_packages_are_noticed(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        f"pytest=={pytest.__version__}  # here\n"
        "pytest==1.0; python_version < '3'\n"
        "hypothesis[cli]==0.0.1\nno-such-package==1.0\n"
    )
    missing = launch.missing_packages(sys.executable, [requirements])
    assert missing == ["hypothesis", "no-such-package"]


def test_a_package_that_is_not_made_for_this_computer_is_not_missing(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        "jpegs==1.0; (sys_platform == 'amiga' and platform_machine == 'm68k') or os_name == 'x'\n"
        "others==1.0; sys_platform != 'amiga'\n"
    )
    assert launch.missing_packages(sys.executable, [requirements]) == ["others"]


def test_an_old_python_is_told_which_one_is_needed() -> None:
    with pytest.raises(launch.LaunchError, match=r"needs Python 3\.10 .* this is Python 3\.9"):
        launch._refuse_old_python((3, 9))


def test_a_python_without_ensurepip_is_told_what_to_install() -> None:
    parts = launch.missing_parts(find=lambda name: None if name == "ensurepip" else object())
    assert parts == ["ensurepip"]
    message = launch.explain_missing(parts)
    assert "sudo apt install python3" in message
    assert "--no-venv" in message


@pytest.mark.parametrize(
    ("given", "added"),
    [
        ([], ["-n", "auto", "--maxprocesses", "4", "--dist", "worksteal", "-m", "not slow"]),
        (["-m", "slow", "-n", "0"], []),
        (["-n2", "tests/scene"], ["-m", "not slow"]),
    ],
)
def test_tests_run_side_by_side_and_slow_ones_when_asked(
    given: list[str], added: list[str]
) -> None:
    assert launch.test_options(given) == added


def test_checks_run_side_by_side_and_are_told_in_their_order(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    signal = tmp_path / "the second has begun"
    wait = (
        f"import pathlib, time\nwhile not pathlib.Path({str(signal)!r}).exists(): time.sleep(0.01)"
    )
    tell = f"import pathlib, sys; pathlib.Path({str(signal)!r}).touch(); sys.exit('it is bad')"
    checks = [
        ("first", [sys.executable, "-c", f"{wait}\nprint('well')"]),
        ("second", [sys.executable, "-c", tell]),
        ("third", [str(tmp_path / "not there")]),
    ]
    assert launch.run_checks(checks, dict(os.environ)) == ["second", "third"]
    lines = capfd.readouterr().out.splitlines()
    assert lines[:5] == ["== first", "well", "== second", "it is bad", "== third"]
    assert "does not start: " in lines[5]


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
