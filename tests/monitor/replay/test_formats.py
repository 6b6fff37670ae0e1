"""What `covenant replay` prints."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path

import pytest

from monitor.cli import main
from tests.rules.shipped import DESKS

GOLDEN = Path(__file__).with_name("golden")
BITFARMS = ["replay", "--desk", str(DESKS / "history"), "--from", "2022-05-20", "--to", "2022-07-05", "--facility", "bitf-galaxy"]
ROWAN = ["replay", "--from", "2026-09-20", "--to", "2026-10-07", "--facility", "rowan-alder", "--facility", "rowan-compute"]


def settled(text: str) -> str:
    """The text with its long figures cut to what every machine agrees on."""
    return re.sub(r"-?\d+\.\d{8,}", lambda found: f"{float(found[0]):.9g}", text)


@pytest.mark.parametrize(
    ("name", "argv"),
    [
        ("bitfarms.txt", BITFARMS), ("bitfarms.csv", [*BITFARMS, "--format", "csv"]), ("bitfarms.json", [*BITFARMS, "--format", "json"]),
        ("bitfarms-days.csv", [*BITFARMS, "--format", "csv", "--every-day", "--covenant", "coverage"]),
        ("rowan.txt", ROWAN), ("rowan-ascii.txt", [*ROWAN, "--ascii"]), ("rowan-changes.txt", [*ROWAN, "--changes"]),
        ("rowan-ltv.txt", [*ROWAN, "--covenant", "rowan-alder/ltv"]),
        ("rowan.csv", [*ROWAN, "--format", "csv"]), ("rowan.json", [*ROWAN, "--format", "json", "--every-day"]),
    ],
)  # fmt: skip
def test_output_is_the_golden_one(name: str, argv: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(argv) == 0
    made, golden = settled(capsys.readouterr().out), GOLDEN / name
    if os.environ.get("COVENANT_GOLDEN") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")
    assert "\x1b" not in made, "no colour where nobody looks"
    if name.endswith("txt"):
        assert max(map(len, made.splitlines())) <= 80
    assert "ascii" not in name or made.isascii()


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_a_chart_marks_the_first_warning_and_the_first_fail(
    columns: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert main([*BITFARMS, "--covenant", "coverage", "--ascii"]) == 0
    text = capsys.readouterr().out
    assert "warned 2022-06-14" in text and "|" in text
    assert columns == "40" or "failed 2022-06-15" in text


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
        ("--facility", "nobody"), ("--covenant", "nothing"), ("--covenant", "rowan-alder/nothing"),
    ],
)  # fmt: skip
def test_what_is_no_day_step_or_facility_is_a_usage_error(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", *words]) == 64
    assert capsys.readouterr().err.startswith("covenant: ")
