"""Leaving cleanly: a signal, or a terminal that is gone, ends the screens as `q` does."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@contextlib.contextmanager
def clean(app: CovenantApp) -> Iterator[None]:
    """While inside, SIGTERM, SIGHUP and SIGINT end the application; the terminal is put back by the library on its way out."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        app.call_later(app.exit)

    before = {number: signal.signal(number, leave) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
