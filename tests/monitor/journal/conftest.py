from pathlib import Path

import pytest

from tests.monitor.journal.desk import CLOCK, Typed, make_desk


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ann")
    monkeypatch.setattr("monitor.session.now", lambda: CLOCK)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_desk(tmp_path / "desk")


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    return Typed(root, capsys)
