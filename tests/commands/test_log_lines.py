"""The log cannot be made to say what did not happen, nor to grow without end."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.commands import log_lines
from studio.commands.log_lines import MOST_ALIKE, Bounded, PlainLines, also_write_to
from studio.scene.errors import StorageError


def record(message: str, *values: object, fault: bool = False) -> logging.LogRecord:
    info = sys.exc_info() if fault else None
    return logging.LogRecord("studio.x", logging.WARNING, "x.py", 1, message, values, info)


@pytest.mark.parametrize(
    "odd", ["a\nWARNING studio: forged", "a\r\nb", "\x1b[2J", "\u2028x", "\x00", "\ud800", "\x85"]
)
def test_whatever_was_sent_stays_within_its_line(odd: str) -> None:
    line = PlainLines(log_lines.FORM).format(record("refused %s", odd))
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    line.encode()


def test_a_fault_is_told_beneath_its_line_and_its_words_cannot_feign_one() -> None:
    try:
        raise ValueError("bad\nWARNING studio.x: forged\x1b[31m")
    except ValueError:
        text = PlainLines(log_lines.FORM).format(record("failed", fault=True))
    first, *rest = text.splitlines()
    assert first == "WARNING studio.x: failed"
    assert len(rest) > 3
    assert all(line.startswith("  ") for line in rest)
    assert "\x1b" not in text


def test_a_long_line_is_cut() -> None:
    assert len(PlainLines(log_lines.FORM).format(record("x" * 100_000))) < 2100


def test_of_many_lines_alike_the_first_are_written_and_the_rest_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr(log_lines.time, "monotonic", lambda: clock[0])
    bounded = Bounded()
    assert sum(bounded.filter(record("refused %s", i)) for i in range(1000)) == MOST_ALIKE
    assert bounded.filter(record("another kind"))
    clock[0] = 61.0
    again = record("refused %s", 7)
    assert bounded.filter(again)
    assert again.getMessage() == f"refused 7 (and {1000 - MOST_ALIKE} more like it)"


@pytest.fixture
def own_root() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:]
    yield
    for handler in root.handlers[:]:
        if handler not in before:
            root.removeHandler(handler)
            handler.close()


@pytest.mark.usefixtures("own_root")
def test_a_log_file_is_begun_anew_before_it_grows_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_lines, "_FILE_BYTES", 2000)
    also_write_to(tmp_path / "logs" / "studio.log")
    log = logging.getLogger("studio.test")
    for number in range(500):
        log.warning(f"kind {number} " + "x" * 50)
    files = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert files == ["studio.log", "studio.log.1", "studio.log.2"]
    assert sum(path.stat().st_size for path in (tmp_path / "logs").iterdir()) < 8000


def test_a_log_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="--log-file"):
        also_write_to(tmp_path / "file" / "studio.log")
