"""The screens on a real pseudo-terminal: time to first paint, bytes on the wire, key to paint, memory over many reloads.

Bytes are counted on the master side of the terminal, so they are what an SSH session would carry. Everything is run in
turn with its floor in one run, where it has one.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

from bench.desks import facility, write_desk
from bench.emulated import Emulated
from bench.paired import Paired, Side, clean_environment, record, report
from bench.pseudo import Screen, screen

WIDE = (160, 48)
_BARE = (
    "from textual.app import App\nfrom textual.widgets import Static\n"
    "class Bare(App):\n    def compose(self):\n        yield Static('READY')\nBare().run(mouse=False)"
)
FRAME, ROWS = b"Board", b"Loan "
_FIRST_ROW, _LIST = 4, 90
"""The line on which the board's first row stands, below three of header and one of headings, and cells of it that are the list's."""


def main() -> None:
    """Measure what is named, print, and append the rows to bench/RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.terminal", description=__doc__)
    parser.add_argument("what", nargs="*", choices=["", *_WORK], default=list(_WORK)[:3], help="default: paint bytes keys")
    parser.add_argument("--facilities", type=int, default=300)
    parser.add_argument("--runs", type=int, default=7, help="starts of each side, keys pressed in tens")
    parser.add_argument("--seconds", type=float, default=30, help="how long an idle screen is watched")
    parser.add_argument("--reloads", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=3, help="starts in which the first rows are waited for, too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        desk = Path(folder) / "desk"
        write_desk(desk, arguments.facilities)
        for name in arguments.what:
            _WORK[name](desk, clean_environment(Path(cache)), arguments)


@contextmanager
def _watch(desk: Path, environment: dict[str, str], size: tuple[int, int] = WIDE) -> Iterator[Screen]:
    """The screens of a desk, once its rows are there and nothing more comes."""
    with screen((_covenant(), "watch", "--desk", str(desk)), environment, *size) as shown:
        shown.patience, shown.board = shown.until(FRAME, ROWS)
        shown.board += shown.quiet(1.5)
        yield shown


def _covenant() -> str:
    return str(Path(sys.executable).with_name("covenant"))


def paint(desk: Path, environment: dict[str, str], arguments: argparse.Namespace) -> None:
    """From the start of the process to the frame, and to the first rows, against a bare app of the same library."""
    frames: list[tuple[float, float]] = []
    rows: list[tuple[float, float]] = []
    for run in range(arguments.runs + 1):  # the first fills the cache and is not counted
        with screen((_covenant(), "watch", "--desk", str(desk)), environment, *WIDE) as shown:
            frame, held = shown.until(FRAME)
            waits = 0 < run <= arguments.rows
            full = frame if ROWS in held or not waits else shown.until(ROWS)[0]
        with screen((sys.executable, "-c", _BARE), environment, *WIDE) as bare:
            floor, _ = bare.until(b"READY")
        if run:
            frames.append((frame, floor))
            rows += [(full, floor)] if waits else []
    for what, found, aim in (("first paint", frames, "at most 2"), ("first rows", rows, "none: they are computed")):
        side = Side(f"{what}, {arguments.facilities:,} facilities", ())
        report(side, Side("bare Textual app", ()), Paired(tuple(a for a, _ in found), tuple(b for _, b in found)), aim)


def wire(desk: Path, environment: dict[str, str], arguments: argparse.Namespace) -> None:
    """Bytes for a moved cursor, for one changed facility, and of a screen that nobody touches."""
    count = arguments.facilities
    with _watch(desk, environment) as shown:
        held = Emulated(*WIDE)
        held.feed(shown.board)
        moves: dict[bool, list[int]] = {False: [], True: []}
        for _ in range(10 * arguments.runs):
            begins = held.lines()[_FIRST_ROW][1:_LIST]
            shown.type(b"j")
            sent = shown.quiet(0.15)
            held.feed(sent)
            moves[held.lines()[_FIRST_ROW][1:_LIST] != begins].append(len(sent))
        for what, found, aim in (("moved by a row", moves[False], "under 1024 B"), ("moved out of view", moves[True], "none: half a page")):
            if found:
                figure = f"{median(found):.0f} B, largest {max(found)} B"
                record(f"cursor {what}, 160x48, {count:,} facilities", figure, aim, len(found))
        shown.quiet(1.0)
        changes = []
        top = int(re.findall(r"Loan (\d{5})", held.text())[0])
        for run in range(arguments.runs):
            _change(desk, run, top)
            shown.type(b"r")
            shown.first()
            changes.append(len(shown.quiet(1.5 + 2 * shown.patience)))
        figure = f"{median(changes):.0f} B, largest {max(changes)} B"
        record(f"one changed facility, 160x48, {count:,} facilities", figure, "under 1024 B", len(changes))
        idle = len(shown.during(arguments.seconds)) / arguments.seconds
        record(f"idle, 160x48, {count:,} facilities", f"{idle:.1f} B/s", "under 20 B/s", round(arguments.seconds))


def _change(desk: Path, run: int, number: int) -> None:
    """Another size for one loan, by a tenth of a percent each time, so that its ratios on the board move."""
    (desk / "facilities" / f"loan-{number:05}.toml").write_text(facility(number, 1 + run / 1000), encoding="utf-8")


def keys(desk: Path, environment: dict[str, str], arguments: argparse.Namespace) -> None:
    """From a key to the first byte of its paint."""
    with _watch(desk, environment) as shown:
        for name, key in (("down", b"j"), ("page down", b"\x1b[6~"), ("end", b"G"), ("home", b"g")):
            found = []
            for _ in range(arguments.runs if key in b"Gg" else 5 * arguments.runs):
                shown.type(key)
                try:
                    found.append(shown.first())
                except TimeoutError:
                    break
                shown.quiet(0.1)
                if key in b"Gg":
                    shown.type(b"g" if key == b"G" else b"G")
                    shown.quiet(0.3)
            if found:
                figure = f"{1000 * median(found):.0f} ms, largest {1000 * max(found):.0f} ms"
                record(f"key {name} to paint, {arguments.facilities:,} facilities", figure, "under 50 ms", len(found))


def memory(desk: Path, environment: dict[str, str], arguments: argparse.Namespace) -> None:
    """Resident memory as the desk is read again and again, another margin each time."""
    with _watch(desk, environment | {"TEXTUAL_FPS": "60"}) as shown:  # so that an answer is not waited for
        first = max(1, arguments.reloads // 10)
        start, early = shown.resident(), 0.0
        for done in range(1, arguments.reloads + 1):
            _change(desk, 10 * (done % 50), 0)
            shown.type(b"r")
            with suppress(TimeoutError):  # a change too small to be seen
                shown.first(0.3)
            shown.quiet(0.03)
            if done == first:
                early = shown.resident()
        figure = f"{start:.0f} MB, {early:.0f} MB after {first:,}, {shown.resident():.0f} MB at the end"
        name = f"resident, {arguments.facilities:,} facilities, {arguments.reloads:,} reloads"
        record(name, figure, "flat after the first tenth", arguments.reloads)


_Work = Callable[[Path, dict[str, str], argparse.Namespace], None]
_WORK: dict[str, _Work] = {"paint": paint, "bytes": wire, "keys": keys, "memory": memory}


if __name__ == "__main__":
    os.environ.pop("NO_COLOR", None)
    main()
