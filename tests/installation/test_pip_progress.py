"""pip's pages become one line with the time left."""

from __future__ import annotations

import io
from functools import reduce
from pathlib import Path

import pytest

from studio.installation.pip_progress import Progress, read_line, seconds_left, told
from studio.installation.pip_run import Screen, installed_count

START = Progress(began=0.0, expected_bytes=400e6)


def after(*lines: tuple[float, str], start: Progress = START) -> Progress:
    """The progress after lines, each at its second."""
    return reduce(lambda progress, line: read_line(progress, line[1], line[0]), lines, start)


def test_packages_are_counted_while_they_are_looked_up() -> None:
    assert told(START, 0.0) == "Looking up packages"
    progress = after(
        (1, "Collecting torch==2.13.0 (from -r requirements.txt (line 2))\n"),
        (2, "  Downloading torch-2.13.0-cp311-none-win_amd64.whl.metadata (30 kB)\n"),
        (3, "Processing ./wheels/two-2.0-py3-none-any.whl\n"),
        (3, "Requirement already satisfied: numpy in /somewhere\n"),
    )
    assert told(progress, 3.0) == "Looking up packages: 2 so far"


def test_the_bytes_that_pip_tells_give_speed_and_time_left() -> None:
    progress = after(
        (10, "Downloading torch-2.13.0-cp311-none-win_amd64.whl (200.0 MB)\n"),
        (10, "Progress 0 of 200000000\n"),
        (20, "Progress 100000000 of 200000000\n"),
    )
    # 100 MB in 10 s; 300 MB of the expected 400 MB remain: 30 s, and 16 s to unpack them all
    assert seconds_left(progress, 20.0) == pytest.approx(46)
    assert told(progress, 20.0) == "Downloading torch: 100 MB of about 400 MB, 46 s left"


def test_where_pip_tells_no_bytes_the_file_comes_as_fast_as_those_before_it() -> None:
    progress = after(
        (0.1, "  Downloading a/numpy-2.4.6-cp311-any.whl (100 MB)\n"),
        (10.1, "Collecting torch\n"),
        (10.1, "  Downloading torch-2.13.0-cp311-any.whl (200 MB)\n"),
    )
    assert told(progress, 15.1).startswith("Downloading torch: 150 MB of about 400 MB")
    assert told(progress, 99.0).startswith("Downloading torch: 290 MB"), "never said before it is"


def test_more_than_was_expected_is_what_there_is() -> None:
    progress = after(
        (1, "Downloading torch-2.13.0-any.whl (2.5 GB)\n"), (2, "Progress 5000000 of 2500000000\n")
    )
    assert told(progress, 2.0) == "Downloading torch: 5 MB of about 2.5 GB"


def test_nothing_is_promised_in_the_first_seconds() -> None:
    progress = after((1, "Downloading a-1-any.whl (9 MB)\n"), (2, "Progress 400 of 9000000\n"))
    assert seconds_left(progress, 2.0) is None


def test_packages_are_counted_while_they_are_put_in_place() -> None:
    progress = after((100, "Installing collected packages: pip-like, two, torch, four\n"))
    assert told(progress, 100.0) == "Installing pip-like: 1 of 4 packages"
    half = Progress(**{**progress.__dict__, "installed": 2})
    assert told(half, 120.0) == "Installing torch: 3 of 4 packages, 20 s left"
    done = read_line(half, "Successfully installed four-1 pip-like-2 two-1.0 torch-2.13.0\n", 300.0)
    assert told(done, 300.0) == "Installed 4 packages in 5 min"


def test_what_is_in_place_is_seen_in_the_environment(tmp_path: Path) -> None:
    for name in ("Jinja2-3.1.6", "typing_extensions-4.15.0", "torch-2.13.0+cu130"):
        (tmp_path / f"{name}.dist-info").mkdir()
    packages = ("jinja2", "typing-extensions", "torch", "sympy")
    assert installed_count(packages, tmp_path) == 3


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_line_that_is_written_over() -> None:
    out = Terminal()
    screen = Screen(out)
    for second in range(20):
        screen.show(START, float(second))
    screen.close()
    assert out.getvalue().count("\n") == 1
    assert out.getvalue().count("\rLooking up packages") == 20


def test_without_a_terminal_there_is_a_line_now_and_then() -> None:
    out = io.StringIO()
    screen = Screen(out)
    for second in range(59):
        screen.show(START, float(second))
    screen.show(after((59, "Installing collected packages: a\n")), 59.0)
    screen.close()
    assert out.getvalue().splitlines() == [
        "   Looking up packages",
        "   Looking up packages",
        "   Installing a: 1 of 1 packages",
    ]
