"""A read-only session in a real process: whatever is pressed, and however it ends, not one byte is written anywhere."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bench.pseudo import Screen, screen
from monitor.places import SHIPPED
from monitor.tui.keys import KEYS

ROOT = Path(__file__).parents[3]
NOTICE = ("event", "notice", "rowan-alder/ltv", "--effective", "2026-10-08T02:10:00Z", "--known", "2026-10-08T02:10:00Z", "--by", "desk")
SENT = {"escape": "\x1b", "enter": "\r", "slash": "/", "colon": ":", "semicolon": ";", "minus": "-", "question_mark": "?", "space": " ",
        "left_square_bracket": "[", "right_square_bracket": "]", "ctrl+u": "\x15"}  # fmt: skip


def held(folder: Path) -> dict[str, str]:
    """Every file and folder below one, with the sha256 of what is in it."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for path in sorted(folder.rglob("*"))}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a desk in it whose journal has an entry."""
    shutil.copytree(SHIPPED, tmp_path / "desk", ignore=shutil.ignore_patterns("__pycache__"))
    words = [sys.executable, "-m", "monitor", *NOTICE, "--desk", str(tmp_path / "desk")]
    subprocess.run(words, env=environment(tmp_path), check=True, capture_output=True)
    shutil.rmtree(tmp_path / ".cache", ignore_errors=True)
    return tmp_path


def environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "COVENANT_"))}
    return kept | {"HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def watched(home: Path, *words: str) -> AbstractContextManager[Screen]:
    command = (sys.executable, "-m", "monitor", "watch", "--desk", str(home / "desk"), *words)
    return screen(command, environment(home), 100, 30)


@pytest.mark.slow
def test_no_key_of_a_read_only_session_writes_anything(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    before = held(home)
    keys = [key for entry in KEYS if entry.action != "quit" for key in entry.keys[:1]]
    with watched(home, "--read-only") as shown:
        shown.until(b"Board", b"CALL")
        for key in keys:
            shown.type(SENT.get(key, key).encode())
            shown.quiet(0.02)
            shown.type(b"\x1b")
            shown.quiet(0.02)
        for typed in ("xe", "\r\r\rxe", "7xe", "6xe"):
            for key in typed:
                shown.type(key.encode())
                shown.quiet(0.02)
        shown.quiet(0.5)
        shown.type(b"q")
        while shown.quiet(0.5):
            pass
    assert held(home) == before


@pytest.mark.slow
def test_the_same_keys_write_where_writing_is_allowed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the test above can fail: the view, the cache and the export are found by it."""
    monkeypatch.chdir(home)
    before = held(home)
    with watched(home) as shown:
        shown.until(b"Board", b"CALL")
        for key in (b"e", b"t", b"q"):
            shown.type(key)
            shown.quiet(0.5)
    new = {Path(path).name for path in held(home).keys() - before.keys()}
    assert "screens.json" in new and any(name.startswith("covenant-board") for name in new) and any(name.endswith(".desk") for name in new)
