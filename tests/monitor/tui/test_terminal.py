"""A real pseudo-terminal: no colour when NO_COLOR is set, few bytes for a small change, nothing while idle."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DRIVER = "from tests.monitor.tui.sample_reports import Source; from monitor.tui import run; run(Source())"
COLOUR = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;]*m")


class Terminal:
    """The master side of a pseudo-terminal with the screens on the other."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def read(self, quiet: float = 1.0, until: bytes = b"") -> bytes:
        """Bytes until `until` has come and then nothing for `quiet` seconds; at most 30 seconds of waiting for more."""
        read = b""
        while select.select([self.descriptor], [], [], quiet if until in read else 30.0)[0]:
            try:
                read += os.read(self.descriptor, 65536)
            except OSError:
                break
        return read

    def press(self, keys: bytes) -> bytes:
        """Type, and return what the screens answer."""
        os.write(self.descriptor, keys)
        return self.read()


@contextmanager
def terminal(**more: str) -> Iterator[Terminal]:
    """The screens of the sample desk on an 80x24 terminal of 256 colours."""
    environ = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLORTERM")}
    environ |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": "/nonexistent"} | more
    child, descriptor = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execve(sys.executable, [sys.executable, "-c", DRIVER], environ)
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.kill(child, signal.SIGWINCH)
    try:
        yield Terminal(descriptor)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(descriptor)


@pytest.mark.slow
def test_no_color_leaves_no_colour_and_every_word() -> None:
    with terminal(NO_COLOR="1") as screens:
        read = screens.read(until=b"PASS")
        read += screens.press(b"j\r") + screens.press(b"\r") + screens.press(b"t")
    assert COLOUR.findall(read) == []
    for word in (b"CALL 41h", b"FAIL cure", b"OVER", b"UNKNOWN", b"WATCH", b"PASS", b"cure pending"):
        assert word in read


@pytest.mark.slow
def test_a_moved_cursor_sends_little_and_an_idle_screen_nothing() -> None:
    with terminal() as screens:
        assert COLOUR.search(screens.read(until=b"PASS"))
        moved = screens.press(b"j")
        assert b"Rowan Compute DDTL" in moved and len(moved) < 2000
        assert screens.press(b"y").count(b"\x1b]52;c;") == 1
        assert screens.press(b"") == b""


def _ended(pid: int) -> int:
    """The status of a child that must end within ten seconds."""
    for _ in range(200):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError("still running")


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, "q", "\x03", "closed"])
def test_every_way_out_leaves_the_terminal_clean(ending: signal.Signals | str, tmp_path: Path) -> None:
    environ = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path)}
    child, descriptor = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execve(sys.executable, [sys.executable, "-c", DRIVER], os.environ | environ)
    screens = Terminal(descriptor)
    before = screens.read(until=b"PASS")
    assert b"\x1b[?1049h" in before
    if ending == "closed":
        os.close(descriptor)
        _ended(child)
        return
    if isinstance(ending, str):
        os.write(descriptor, ending.encode())
    else:
        os.kill(child, ending)
    after = screens.read(until=b"\x1b[?1049l")
    status = _ended(child)
    os.close(descriptor)
    assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
    assert b"\x1b[?1049l" in after and b"\x1b[?25h" in after and b"Traceback" not in after
    assert (tmp_path / "covenant-monitor" / "screens.json").is_file()
