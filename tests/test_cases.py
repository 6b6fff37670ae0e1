"""The unit tests of covenants that come with the project: those of the shipped desk, and the worked examples of others."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli

import facilities
from monitor.cases.run import run
from monitor.cases.text import summary_text

CASES = Path(__file__).parent / "cases"
SHIPPED = Path(facilities.__file__).parent / "desk"


@pytest.mark.parametrize(("paths", "boundaries"), [([], True), ([str(CASES)], False)], ids=["shipped desk", "tests/cases"])
def test_covenant_test_is_green(paths: list[str], boundaries: bool) -> None:
    """And every threshold of the shipped desk holds at its boundary."""
    made = run(paths, SHIPPED, every_boundary=boundaries)
    assert made.exit_code == 0, summary_text(made)
    assert made.count("ok") >= 30
    assert not boundaries or len(made.boundaries) == len(made.known)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_a_worked_example_says_where_it_is_from(path: Path) -> None:
    raw = tomli.loads(path.read_text(encoding="utf-8"))
    assert raw["source"].startswith(("http", "Identity: "))  # printed by somebody, or true by its own arithmetic
    assert all("as_of" in case or "replay" in case for case in raw["case"]) or "as_of" in raw
