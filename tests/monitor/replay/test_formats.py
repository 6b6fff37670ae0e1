"""What `covenant replay` prints."""

from __future__ import annotations

import csv
import json

import pytest

from monitor.cli import main
from tests.rules.shipped import DESKS


def test_text_csv_and_json_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["replay", "--desk", str(DESKS / "history"), "--from", "2022-06-10", "--to", "2022-06-22", "--facility", "bitf-galaxy"]
    assert main(asked) == 0
    text = capsys.readouterr().out
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "2022-06-15  watch -> fail; in law normal -> callable" in text and "????~#####??~" not in text
    assert main([*asked, "--format", "csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert ("2022-06-15", "legal", "callable") in {(row["date"], row["what"], row["after"]) for row in rows}
    assert main([*asked, "--format", "csv", "--every-day"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + 13 * 2
    assert main([*asked, "--format", "json", "--every-day"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], len(found["days"]), len(found["covenants"][0]["days"])) == ("covenant-monitor/replay/1", 13, 13)
    assert found["covenants"][0]["first_fail"] == "2022-06-15"


@pytest.mark.parametrize(
    "words",
    [
        ("--step", "2BD"), ("--step", "0d"), ("--step", "soon"), ("--from", "2026-02-30"), ("--from", "2027-01-01", "--to", "2026-01-01"),
        ("--facility", "nobody"),
    ],
)  # fmt: skip
def test_what_is_no_day_step_or_facility_is_a_usage_error(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", *words]) == 64
    assert capsys.readouterr().err.startswith("covenant: ")
