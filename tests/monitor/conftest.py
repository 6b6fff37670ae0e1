"""What tests of the command line share: a command asked as it is typed, its answer as JSON, and a narrow terminal."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from monitor import cli


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command: (exit code, stdout, stderr)."""

    def run(*words: object) -> tuple[int, str, str]:
        try:
            code = cli.main([str(word) for word in words])
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def told(ask: Callable[..., tuple[int, str, str]]) -> Callable[..., dict[str, Any]]:
    """Runs a command that ends with 0: its JSON."""

    def run(*words: object) -> dict[str, Any]:
        code, out, err = ask(*words, "--format", "json")
        assert code == 0, err
        return json.loads(out, parse_constant=lambda word: pytest.fail(f"{word} in the answer"))  # type: ignore[no-any-return]

    return run


@pytest.fixture
def eighty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
