"""A program on a pseudo-terminal of its own: what it sends, when, and what it holds in memory."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

LONGEST = 180.0
"""Seconds after which waiting is given up."""


class Screen:
    """The master side of a terminal; `started` is when the program was, `board` what it first sent, in `patience` seconds."""

    def __init__(self, child: int, descriptor: int, started: float) -> None:
        self.child, self.descriptor, self.started = child, descriptor, started
        self.board, self.patience = b"", 0.0

    def type(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self.descriptor, keys)

    def until(self, *wanted: bytes) -> tuple[float, bytes]:
        """(seconds from the start, all bytes read) once every text of `wanted` has come. TimeoutError when it does not."""
        held = b""
        while not all(text in held for text in wanted):
            got = self._read(LONGEST)
            if not got:
                raise TimeoutError(f"{wanted!r} did not come; last: {held[-300:]!r}")
            held += got
        return time.perf_counter() - self.started, held

    def first(self, seconds: float = LONGEST) -> float:
        """Seconds until the next byte. TimeoutError when none comes within so many."""
        begun = time.perf_counter()
        if not select.select([self.descriptor], [], [], seconds)[0]:
            raise TimeoutError("nothing was painted")
        return time.perf_counter() - begun

    def quiet(self, seconds: float) -> bytes:
        """Everything until nothing has come for so many seconds."""
        held = b""
        while got := self._read(seconds):
            held += got
        return held

    def during(self, seconds: float) -> bytes:
        """Everything that comes within so many seconds."""
        held, end = b"", time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            held += self._read(left)
        return held

    def resident(self) -> float:
        """Megabytes resident now, as Linux tells; 0 elsewhere."""
        status = Path(f"/proc/{self.child}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)

    def _read(self, seconds: float) -> bytes:
        if not select.select([self.descriptor], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self.descriptor, 65536)
        except OSError:  # the other side has closed
            return b""


@contextmanager
def screen(words: Sequence[str], environment: Mapping[str, str], columns: int, rows: int) -> Iterator[Screen]:
    """A program on a terminal of 256 colours and this size; killed at the end."""
    environ = {key: value for key, value in environment.items() if key not in ("NO_COLOR", "COLORTERM", "COLUMNS", "LINES")}
    environ |= {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
    started = time.perf_counter()
    child, descriptor = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.execve(words[0], list(words), environ)
    try:
        yield Screen(child, descriptor, started)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(descriptor)
