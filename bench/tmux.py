"""A real tmux session to drive the program in and to read its screen from."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

LONGEST = 60.0
"""Seconds after which waiting is given up."""
COLOUR = re.compile(r"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;]*m")


class Tmux:
    """A server of its own with one session; gone with the `with` block, whatever happened in it."""

    def __init__(self, words: Sequence[str], folder: Path, environment: Mapping[str, str], columns: int = 80, rows: int = 24) -> None:
        """`words` run in `folder`; when they end, their exit code stays on the screen as `LEFT 0`."""
        program = shutil.which("tmux")
        if program is None:
            raise FileNotFoundError("tmux is not installed")
        self.socket = folder / "tmux.socket"
        self.program = [program, "-S", str(self.socket), "-f", "/dev/null"]
        self.environment = {key: value for key, value in environment.items() if key not in ("TMUX", "COLUMNS", "LINES")}
        self.start = [*self.program, "new-session", "-d", "-x", str(columns), "-y", str(rows), "-c", str(folder)]
        self.start.append(f"{shlex.join(words)}; echo LEFT $?; exec sleep 60")

    def __enter__(self) -> Tmux:
        subprocess.run(self.start, env=self.environment, check=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._run("kill-server")

    def type(self, *keys: str) -> None:
        """Press keys, as tmux names them: `Enter`, `Escape`, `j`."""
        self._run("send-keys", *keys)

    def say(self, text: str) -> None:
        """Type text as it is."""
        self._run("send-keys", "-l", text)

    def text(self, escapes: bool = False) -> str:
        """What is on the screen, line by line; with the escapes of its colours."""
        return self._run("capture-pane", "-p", *(["-e"] if escapes else []))

    def until(self, *wanted: str, without: Sequence[str] = ()) -> str:
        """The screen once it shows every text of `wanted` and none of `without`. TimeoutError with the screen when it never does."""
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            shown = self.text()
            if all(text in shown for text in wanted) and not any(text in shown for text in without):
                return shown
            time.sleep(0.05)
        raise TimeoutError(f"{wanted} without {tuple(without)} did not come:\n{self.text()}")

    def settled(self, seconds: float = 0.5) -> str:
        """The screen once it has not changed for so long."""
        shown, since, end = self.text(), time.monotonic(), time.monotonic() + LONGEST
        while time.monotonic() - since < seconds and time.monotonic() < end:
            time.sleep(0.05)
            now = self.text()
            if now != shown:
                shown, since = now, time.monotonic()
        return shown

    def _run(self, *words: str) -> str:
        return subprocess.run([*self.program, *words], env=self.environment, capture_output=True, text=True, check=False).stdout
