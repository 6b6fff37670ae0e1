"""Every oddity has its desk under tests/errors/odd and its exact text; it is a warning and nothing follows from it.

COVENANT_GOLDEN=write writes the texts anew; read them before they are committed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from facilities.problems import render
from monitor import cli
from monitor.oddities import CATALOGUE
from monitor.verbs.lint import problems_of

ODD = Path(__file__).parents[1] / "errors" / "odd"
CASES = sorted(folder.name for folder in ODD.iterdir() if folder.name != "base")


def laid_over_base(case: str, root: Path) -> Path:
    shutil.copytree(ODD / "base", root)
    shutil.copytree(ODD / case, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
    return root


@pytest.mark.parametrize("case", CASES)
def test_the_text_of_each_oddity(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = laid_over_base(case, tmp_path / "desk")
    found = problems_of(root)
    text = "\n\n".join(render(one) for one in found) + "\n"
    expected = ODD / case / "expected.txt"
    if os.environ.get("COVENANT_GOLDEN") == "write":
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert {f"{one.code}-{one.name}" for one in found} == {case}
    assert cli.main(["lint", "--desk", str(root)]) == 0
    assert capsys.readouterr().err == "0 errors, 1 warning\n"


def test_every_oddity_has_its_desk() -> None:
    assert [f"{kind.code}-{kind.name}" for kind in CATALOGUE.values()] == CASES
    assert {kind.level for kind in CATALOGUE.values()} == {"warning"}


def test_the_base_is_even(tmp_path: Path) -> None:
    assert problems_of(laid_over_base("base", tmp_path / "desk")) == []


DSCR = """
[[covenant]]
id = "cover"
rule = "own_cover"
operator = ">="
threshold = {threshold}
clause = "6.2"
watch = {{ headroom_pct = 0.30 }}
test = {{ frequency = "quarterly", first = 2026-03-31 }}
[quantity.own_cover]
formula = 'line("cash") / outstanding'
"""
REPORT = "[[reported]]\nperiod_end = {0}\nmonths = 3\ndelivered = {0}\nlines = {{ cash = {1} }}\n"


def cover(root: Path, threshold: str, cash: tuple[int, int]) -> list[str]:
    """The codes of a covenant whose figure stood at two tests."""
    laid_over_base("base", root)
    (root / "rules").mkdir(exist_ok=True)
    (root / "rules" / "lines.toml").write_text('[line.cash]\nkind = "stock"\n')
    with (root / "facilities" / "oak.toml").open("a") as file:
        file.write(DSCR.format(threshold=threshold))
    with (root / "obligors" / "oak.toml").open("a") as file:
        file.write(REPORT.format("2026-03-31", cash[0]) + REPORT.format("2026-06-30", cash[1]))
    balance = (root / "facilities" / "oak.toml").read_text().replace("date = 2026-06-30", "date = 2026-01-01")
    (root / "facilities" / "oak.toml").write_text(balance)
    return [one.code for one in problems_of(root)]


def test_amber_since_the_first_test_is_odd_and_amber_by_a_fall_is_not(tmp_path: Path) -> None:
    assert cover(tmp_path / "fell", "1.0", (120, 66)) == []
    assert cover(tmp_path / "never_better", "1.0", (66, 66)) == ["L002"]


def test_a_level_of_nothing_protects_nobody(tmp_path: Path) -> None:
    assert cover(tmp_path / "desk", "0", (120, 120)) == ["L001"]


def test_percent_is_seen_by_the_unit_of_the_quantity_whatever_its_name(tmp_path: Path) -> None:
    assert cover(tmp_path / "desk", "120", (120, 120)) == ["L005"]
