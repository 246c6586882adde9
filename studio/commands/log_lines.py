"""The log: a line that looks like ours is ours, and a flood does not fill the disk."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from logging.handlers import RotatingFileHandler
from pathlib import Path

from studio.scene.errors import StorageError

FORM = "%(levelname)s %(name)s: %(message)s"
_TIMED = "%(asctime)s " + FORM
MOST_ALIKE = 30  # lines of one kind in a minute
_MINUTE = 60.0
_MOST_KINDS = 200
_LONGEST = 2000  # letters of a line
_FILE_BYTES = 2**20
_FILES = 3


def write_lines(level: int) -> None:
    """Log to the terminal."""
    handler = logging.StreamHandler()
    _dress(handler, FORM)
    logging.basicConfig(level=level, handlers=[handler])


def also_write_to(path: Path) -> None:
    """And into a file that is begun anew each megabyte; the last three are kept."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            path, maxBytes=_FILE_BYTES, backupCount=_FILES - 1, encoding="utf-8"
        )
    except OSError as fault:
        raise StorageError(
            f"The log {path} cannot be written ({fault.strerror}). Choose another place with "
            "--log-file."
        ) from fault
    _dress(handler, _TIMED)
    logging.getLogger().addHandler(handler)


class PlainLines(logging.Formatter):
    """One record is one line, whatever was sent to us; what follows it of a fault is indented."""

    def format(self, record: logging.LogRecord) -> str:
        fault, stack = record.exc_info, record.stack_info
        record.exc_info, record.exc_text, record.stack_info = None, None, None
        try:
            lines = [_plain(super().format(record))]
        finally:
            record.exc_info, record.stack_info = fault, stack
        for told in (self.formatException(fault) if fault else "", stack or ""):
            lines += [f"  {_plain(line)}" for line in told.splitlines()]
        return "\n".join(lines)


class Bounded(logging.Filter):
    """Of many lines alike the first ones, and how many more there were."""

    def __init__(self) -> None:
        super().__init__()
        self._kinds: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        kind = (record.name, str(record.msg))
        now = time.monotonic()
        began, count = self._kinds.pop(kind, (now, 0))
        if now - began > _MINUTE:
            if count > MOST_ALIKE:
                record.msg = f"{record.getMessage()} (and {count - MOST_ALIKE} more like it)"
                record.args = None
            began, count = now, 0
        self._kinds[kind] = (began, count + 1)
        while len(self._kinds) > _MOST_KINDS:
            self._kinds.popitem(last=False)
        return count < MOST_ALIKE


def _dress(handler: logging.Handler, form: str) -> None:
    handler.setFormatter(PlainLines(form))
    handler.addFilter(Bounded())


def _plain(text: str) -> str:
    """Without line breaks, terminal commands and half pairs, which could feign another line."""
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
