"""A recording as text: from the board to the source line of an open margin call, at 80x24 in a real tmux session."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.tmux import Tmux
from monitor.places import SHIPPED

RECORDING = Path(__file__).parent.parent / "docs" / "session.md"
KEYS = (
    ("Enter", "the loan under the cursor: the worst of the desk"),
    ("Enter", "its covenant: the call, its deadline, what clears it"),
    ("Enter", "the arithmetic, leaf by leaf"),
    ("j", "down to the debt"),
    ("Enter", "the line of the file it was read from"),
)
NOTICE = ("event", "notice", "rowan-alder/ltv", "--effective", "2026-10-08T02:10:00Z", "--known", "2026-10-08T02:10:00Z", "--by", "desk")
HEAD = """\
# A session

From the board to the source of an open margin call in {count} keys, on the desk that ships with the monitor once the notice
of its margin call is recorded, at 80x24 in tmux, in ASCII. Made by `python -m bench.record`; each screen is what the terminal held.
"""


def main() -> None:
    """Record, and write docs/session.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.record", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=RECORDING)
    output: Path = parser.parse_args().output
    output.write_text(recorded(), encoding="utf-8")


def recorded() -> str:
    """The whole document."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Path(folder) / "desk"
        shutil.copytree(SHIPPED, desk, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
        program = str(Path(sys.executable).with_name("covenant"))
        words = [program, "watch", "--ascii", "--read-only", "--desk", "desk"]
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("COVENANT_", "TEXTUAL"))}
        environment |= {"NO_COLOR": "1", "LANG": "C.UTF-8", "XDG_CACHE_HOME": f"{folder}/cache", "XDG_STATE_HOME": f"{folder}/state"}
        subprocess.run([program, *NOTICE, "--desk", str(desk)], env=environment, check=True, stdout=subprocess.DEVNULL)
        with Tmux(words, Path(folder), environment | {"XDG_CONFIG_HOME": f"{folder}/config"}) as session:
            session.until("Board", "CALL")
            parts = [_part("The board", session.settled())]
            for number, (key, says) in enumerate(KEYS, 1):
                session.type(key)
                parts.append(_part(f"{number}. `{key.lower()}`: {says}", session.settled()))
    return HEAD.format(count=len(KEYS)) + "".join(parts)


def _part(title: str, shown: str) -> str:
    screen = "\n".join(line.rstrip() for line in shown.rstrip("\n").split("\n"))
    return f"\n## {title}\n\n```text\n{screen}\n```\n"


if __name__ == "__main__":
    main()
