"""What each part loads, seen on sys.modules of a fresh interpreter: start-up time is decided here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {"pandas", "textual", "rich", "holidays"}
DUMP = "import json, sys, pathlib; pathlib.Path(sys.argv[1]).write_text(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"


def loaded_after(code: str, tmp_path: Path) -> set[str]:
    """Top-level names in sys.modules of a new interpreter after `code`, run in `tmp_path` with its cache there."""
    out = tmp_path / "modules.json"
    env = {k: v for k, v in os.environ.items() if k != "COVENANT_DESK"} | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", f"{code}\n{DUMP}", str(out)], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(out.read_text()))


CHECK = "from monitor.cli import main\nassert main(['check']) == 2"
NOW = "from monitor.cli import main\nassert main(['check', '--as-of', 'now']) in (1, 2, 3)"


def test_a_warm_check_loads_no_calendar_library_no_screen_and_no_pandas(tmp_path: Path) -> None:
    loaded_after(NOW, tmp_path)
    warm = loaded_after(NOW, tmp_path)
    assert {"facilities", "rules", "numpy"} <= warm
    assert not warm & SLOW


def test_an_answer_from_memory_loads_nothing_it_does_not_need(tmp_path: Path) -> None:
    loaded_after(CHECK, tmp_path)
    kept = loaded_after(CHECK, tmp_path)
    assert "monitor" in kept
    assert not kept & (SLOW | {"numpy", "msgspec", "tomli"})


def test_a_cold_check_loads_no_screen_and_no_pandas(tmp_path: Path) -> None:
    assert not loaded_after(CHECK, tmp_path) & (SLOW - {"holidays"})


@pytest.mark.parametrize("room", ["facilities", "facilities.load", "rules", "rules.book", "monitor"])
def test_a_room_loads_no_screen_and_no_pandas(room: str, tmp_path: Path) -> None:
    loaded = loaded_after(f"import {room}", tmp_path)
    assert room.partition(".")[0] in loaded
    assert not loaded & SLOW


def test_the_probe_sees_a_slow_import(tmp_path: Path) -> None:
    assert {"textual", "rich"} <= loaded_after("import textual.app", tmp_path)
