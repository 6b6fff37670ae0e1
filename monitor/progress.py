"""How far a long run is: one line on stderr with the time left."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

_T = TypeVar("_T")


class Bar:
    """A line of progress with the time left; silent where stderr is no terminal."""

    def __init__(self, unit: str = "blocks") -> None:
        self.unit = unit
        self.start = time.monotonic()
        self.shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __call__(self, done: int, whole: int) -> None:
        """So many of all are done."""
        if self.shown:
            passed = time.monotonic() - self.start
            left = f"{passed / done * (whole - done):.0f} s left" if done else "starting"
            filled = 30 * done // whole
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done}/{whole} {self.unit}, {left}   ")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self.shown:
            sys.stderr.write("\r" + " " * 70 + "\r")

    def over(self, items: Sequence[_T]) -> Iterator[_T]:
        """The items one by one, told as they are done."""
        try:
            for done, one in enumerate(items):
                self(done, len(items))
                yield one
        finally:
            self.end()
