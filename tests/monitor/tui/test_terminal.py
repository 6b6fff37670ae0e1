"""A real pseudo-terminal: no colour when NO_COLOR is set, few bytes for a small change, nothing while idle, every way out."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.desks import facility, write_desk
from bench.emulated import Emulated
from bench.pseudo import screen

ROOT = Path(__file__).parents[3]
DRIVER = "from tests.monitor.tui.sample_reports import Source; from monitor.tui import run; run(Source())"
COLOUR = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;]*m")


class Terminal:
    """The master side of a pseudo-terminal with the screens on the other, and what stands on it."""

    def __init__(self, descriptor: int, columns: int = 80, rows: int = 24) -> None:
        self.descriptor = descriptor
        self.columns, self.rows = columns, rows
        self.held = b""

    @property
    def shown(self) -> str:
        """The text on the terminal, made of every byte it got."""
        emulated = Emulated(self.columns, self.rows)
        emulated.feed(self.held)
        return emulated.text()

    def read(self, quiet: float = 0.5, until: bytes = b"") -> bytes:
        """Bytes until `until` has come and then nothing for `quiet` seconds; at most 30 seconds of waiting for more."""
        read = b""
        while select.select([self.descriptor], [], [], quiet if until in read else 30.0)[0]:
            try:
                read += os.read(self.descriptor, 65536)
            except OSError:
                break
        self.held += read
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
        shown = screens.shown
        read += screens.press(b"j\r") + screens.press(b"\r") + screens.press(b"t")
        shown += screens.shown
    assert COLOUR.findall(read) == []
    for word in ("CALL 41h", "FAIL cure", "OVER", "UNKNOWN", "WATCH", "PASS", "cure pending"):
        assert word in shown


@pytest.mark.slow
def test_the_screens_send_little_and_while_nobody_touches_them_nothing(tmp_path: Path) -> None:
    """At 160x48, on a real desk: a moved cursor with the detail of another covenant, a copied row, one changed facility."""
    desk = tmp_path / "desk"
    write_desk(desk, 30)
    environment = os.environ | {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CACHE", "STATE", "CONFIG")}
    with screen((sys.executable, "-m", "monitor", "watch", "--desk", str(desk)), environment, 160, 48) as screens:
        first = screens.until(b"Board", b"Loan 0")[1] + screens.quiet(1.0)
        terminal = Emulated(160, 48)
        terminal.feed(first)
        number = int(re.findall(r"Loan (\d{5})", terminal.text())[0])
        assert COLOUR.search(first) and len(first) < 24_000
        for key in (b"j", b"j", b"k", b"k"):
            screens.type(key)
            sent = screens.quiet(0.3)
            assert 0 < len(sent) < 1024
            terminal.feed(sent)
        for larger in (1.01, 1.02):
            (desk / "facilities" / f"loan-{number:05}.toml").write_text(facility(number, larger), encoding="utf-8")
            screens.type(b"r")
            sent = screens.quiet(1.5)
            assert 0 < len(sent) < 1024
            terminal.feed(sent)
        screens.type(b"y")
        assert screens.quiet(0.3).count(b"\x1b]52;c;") == 1
        assert screens.during(3.0) == b""
        screens.type(b"\x0c")
        again = Emulated(160, 48)
        again.feed(screens.quiet(1.0))
        assert again.lines()[:46] == terminal.lines()[:46] and f"Loan {number:05}" in again.text()


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


@pytest.mark.slow
def test_a_storm_of_resizes_ends_in_a_whole_screen_of_the_last_size() -> None:
    """Whatever the sizes on the way, the screens live, draw in the last size, and send nothing more until a key is pressed."""
    with terminal() as screens:
        screens.read(until=b"PASS")
        for columns, rows in [(160, 48), (39, 9), (1, 1), (200, 5), (40, 12), (80, 3), (120, 60), (61, 17)] * 4 + [(100, 30)]:
            fcntl.ioctl(screens.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            time.sleep(0.01)
        screens.read(1.0)
        settled, screens.held = Emulated(100, 30), b""
        settled.feed(screens.press(b"\x0c"))
        lines = settled.lines()
        assert "Board" in lines[0] and "Rowan Alder" in settled.text() and "drawn anew" in lines[29]
        assert not select.select([screens.descriptor], [], [], 0.5)[0]
        moved = Emulated(100, 30)
        moved.feed(screens.held + screens.press(b"j"))
        assert "Rowan Compute DDTL" in moved.text()


@pytest.mark.slow
def test_a_smaller_terminal_shows_every_cell_of_its_edges() -> None:
    """What was still drawn for the larger one does not lie over the last column and the last line of the smaller."""
    with terminal() as screens:
        screens.read(until=b"PASS")
        for columns, rows in [(40, 12), (100, 30), (60, 16)]:
            fcntl.ioctl(screens.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            screens.held = b""
            screens.read(1.0)
            resized, anew = Emulated(columns, rows), Emulated(columns, rows)
            resized.feed(screens.held)
            anew.feed(screens.press(b"\x0c"))
            assert resized.lines()[: rows - 1] == anew.lines()[: rows - 1]


@pytest.mark.slow
@pytest.mark.parametrize("term", ["dumb", None, "xterm-256color"])
def test_without_a_terminal_that_can_draw_the_board_is_printed(term: str | None, tmp_path: Path) -> None:
    """On a terminal that is dumb or says nothing of itself, and into a pipe from one that can: no escape, the exit code of `check`."""
    environ = {key: value for key, value in os.environ.items() if key != "TERM"} | {
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(tmp_path),
    }
    environ |= {"TERM": term} if term else {}
    words = [sys.executable, "-m", "monitor", "watch"]
    if term == "xterm-256color":
        done = subprocess.run(words, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        code, said = done.returncode, done.stdout
    else:
        child, descriptor = pty.fork()
        if child == 0:
            os.execve(words[0], words, environ)
        said = Terminal(descriptor).read(until=b"UNTESTED")
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(descriptor)
    assert code == 2 and b"CALLABLE" in said and b"UNKNOWN" in said and b"\x1b" not in said
