"""Ending in good order when the system asks for it: what is open is closed first."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType


class Closing:
    """Calls `close` at the end of the block, also if SIGTERM ends it, as services are stopped.

    Whoever asks again meanwhile does not interrupt the closing. `close` says whether all work has
    ended; if a long step still computes, the program leaves without waiting for it. Windows sends
    no SIGTERM; there nothing is different.
    """

    def __init__(self, close: Callable[[], bool]) -> None:
        self._close = close
        self._hears = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        if self._hears:
            signal.signal(signal.SIGTERM, _leave)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for name in ("SIGTERM", "SIGHUP"):
            if self._hears and hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)
        has_ended = self._close()
        if not has_ended and kind in (None, SystemExit, KeyboardInterrupt):
            logging.shutdown()
            sys.stdout.flush()
            os._exit(130 if kind is KeyboardInterrupt else 0)  # a thread in torch would abort it


def _leave(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise SystemExit(0)
