"""A real tmux session at 80x24: start, drill down, filter, export, a broken file saved and repaired, quit; and one without colour."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.tmux import COLOUR, Tmux
from monitor.places import SHIPPED

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux on this machine")]


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("t")  # a short path: sockets have a limit
    shutil.copytree(SHIPPED, made / "desk", ignore=shutil.ignore_patterns("journal.db*", "__pycache__"))
    yield made


def session(folder: Path, *words: str, **more: str) -> Tmux:
    environ = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COVENANT_DESK")}
    environ |= {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    environ |= {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CACHE", "STATE", "CONFIG")}
    stale = ["env", "COLUMNS=200", "LINES=9"]  # what a shell left behind, not the size of the terminal
    return Tmux([*stale, sys.executable, "-m", "monitor", "watch", "--desk", "desk", *words], folder, environ | more)


def test_a_working_day(folder: Path) -> None:
    with session(folder) as screen:
        board = screen.until("Board", "CALL", "Kestrel", "PASS")
        assert 20 < len(board.rstrip("\n").split("\n")) <= 24 and "q quit" in board and COLOUR.search(screen.text(escapes=True))
        _drill(screen)
        _filter(screen)
        screen.type("e")
        screen.until("covenant-")
        exported = list(folder.glob("*.txt"))
        assert len(exported) == 1 and "Rowan" in exported[0].read_text(encoding="utf-8")
        screen.type("Escape")
        _broken_and_repaired(screen, folder)
        screen.type("q")
        left = screen.until("LEFT 0")
        assert "Traceback" not in left and "Board" not in left


def _drill(screen: Tmux) -> None:
    for wanted in ("› Rowan Alder", "› LTV", "› Explain", "52.5"):
        if wanted != "52.5":
            screen.type("Enter")
        screen.until(wanted)
    for _ in range(3):
        screen.type("Escape")
        screen.settled(0.3)
    screen.until("Kestrel", "PASS")


def _filter(screen: Tmux) -> None:
    screen.type("/")
    screen.say("rowan")
    screen.type("Enter")
    shown = screen.until("Rowan", without=("Kestrel GPU", "Birch"))
    assert "Rowan" in shown


def _broken_and_repaired(screen: Tmux, folder: Path) -> None:
    """desk.toml saved half-written: what stood on the board stays and the trouble is told; saved whole, it is over."""
    screen.until("Kestrel", "PASS")
    file = folder / "desk" / "desk.toml"
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole[: len(whole) // 2] + '\n"', encoding="utf-8")
    screen.type("r")
    shown = screen.until("kept")
    assert "Kestrel" in shown and "PASS" in shown and "Traceback" not in shown
    file.write_text(whole, encoding="utf-8")
    screen.type("r")
    screen.until("Kestrel", "PASS", without=("kept", "reading"))


def test_without_colour_every_state_is_a_word(folder: Path) -> None:
    with session(folder, NO_COLOR="1") as screen:
        screen.until("Board", "CALL")
        shown = screen.settled()
        assert all(word in shown for word in ("CALL", "FAIL", "UNKNOWN", "WATCH", "PASS"))
        assert not COLOUR.findall(screen.text(escapes=True))
        screen.type("Enter")
        screen.until("Rowan Alder")
        assert not COLOUR.findall(screen.text(escapes=True))
        screen.type("q")
        screen.until("LEFT 0")


def test_the_recorded_way_leads_to_the_explanation(folder: Path) -> None:
    with session(folder, "--ascii") as screen:
        screen.until("Board", "CALL")
        for _ in range(3):
            screen.type("Enter")
            screen.settled(0.3)
        shown = screen.until("outstanding", "rowan-alder.toml")
        assert shown.isascii()
