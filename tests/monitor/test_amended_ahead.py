"""Amendments that are signed and take effect ahead: projections, charts and pages read each day under its own terms."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from monitor import cli
from monitor.places import SHIPPED

AMENDED = """
[[amendment]]
id = "no-1"
signed = 2026-09-15
effective = 2027-06-30
source = "First amendment"
[amendment.covenant.dscr]
threshold = 2.295
operator = ">"
[[amendment]]
id = "no-2"
signed = 2026-11-30
effective = 2026-12-31
[amendment.covenant.dscr]
threshold = 9.0
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    root = tmp_path / "desk"
    shutil.copytree(SHIPPED, root)
    with (root / "facilities" / "tamar-h100.toml").open("a", encoding="utf-8") as file:
        file.write(AMENDED)
    return root


def asked(desk: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main([*words, "--desk", str(desk)]) == 0
    return capsys.readouterr().out


def test_the_amended_level_counts_from_its_day_and_one_not_signed_never(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = json.loads(asked(desk, capsys, "project", "tamar-h100", "--covenant", "dscr", "--format", "json"))["facilities"][0]
    levels = {line["date"]: test["threshold"] for line in one["cases"][0]["dates"] for test in line["tests"]}
    assert (levels["2026-12-31"], levels["2027-03-31"], levels["2027-06-30"], levels["2028-12-31"]) == (1.2, 1.2, 2.295, 2.295)
    assert one["terms_ahead"] == [{"id": "no-1", "effective": "2027-06-30", "signed": "2026-09-15", "source": "First amendment"}]
    assert one["cases"][0]["first_failing"][0]["date"] == "2027-06-30"


def test_the_day_itself_says_the_same(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["report", "--facility", "tamar-h100", "--format", "json", "--desk", str(desk), "--as-of", "2027-06-30"])
    covenants = json.loads(capsys.readouterr().out)["facilities"][0]["covenants"]
    one = next(one for one in covenants if one["id"] == "dscr")
    assert [(row["operator"], row["threshold"]) for row in one["assessments"] if row["basis"] == "indicative"] == [(">", 2.295)]


def test_page_and_chart_say_so(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = asked(desk, capsys, "project", "tamar-h100")
    assert "Terms change 2027-06-30: amendment no-1, signed 2026-09-15. Source: First amendment." in page
    assert "no-2" not in page
    assert "fails 2027-06-30" in asked(desk, capsys, "chart", "tamar-h100/dscr")


def test_known_before_it_was_signed_it_is_not_there(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = asked(desk, capsys, "project", "tamar-h100", "--as-of", "2026-09-14")
    assert "Terms change" not in page


def test_an_amended_wording_that_cannot_be_used_is_unknown_from_its_day(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = desk / "facilities" / "tamar-h100.toml"
    words = '[[amendment]]\nid = "no-3"\nsigned = 2026-09-15\neffective = 2028-01-01\n'
    words += '[amendment.quantity.cfads]\nformula = "nonsense + 1"\n'
    file.write_text(file.read_text(encoding="utf-8") + words + 'unit = "money/period"\n', encoding="utf-8")
    one = json.loads(asked(desk, capsys, "project", "tamar-h100", "--format", "json"))["facilities"][0]
    results = {line["date"]: test["result"] for line in one["cases"][0]["dates"] for test in line["tests"] if test["covenant"] == "dscr"}
    assert results["2027-12-31"] == "watch" and results["2028-03-31"] == "indeterminate"
    assert any(said.startswith("from 2028-01-01 cfads is not known") for said in one["held"])
