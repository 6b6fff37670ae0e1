"""`covenant project`: words it refuses, and its page, tables and document to the letter; COVENANT_GOLDEN=write renews them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from monitor import cli
from monitor.cells import width
from monitor.places import SHIPPED
from tests.monitor.test_report_golden import close

GOLDEN = Path(__file__).with_name("golden")
SOURCES = ("cash", "from_trap", "from_reserve", "unpaid", "released")
USES = ("service", "to_reserve", "swept", "trapped", "distributed")
TAMAR = ["project", "tamar-h100", "--rent-decay", "20%,40%"]


pytestmark = pytest.mark.usefixtures("eighty")


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(list(words)) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("project.txt", TAMAR),
        ("project-cured.txt", ["project", "tamar-h100", "rowan-compute", "--cure-with", "equity,prepayment", "--horizon", "4y"]),
        ("project-abl.txt", ["project", "kestrel-abl"]),
        ("project.md", [*TAMAR, "--format", "md"]),
        ("project.csv", [*TAMAR, "--format", "csv"]),
        ("project.json", ["project", "tamar-h100", "--cure-with", "equity", "--horizon", "2029-06-30", "--format", "json"]),
    ],
)
def test_output_is_the_golden_one(name: str, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    made, golden = told(capsys, *words), GOLDEN / name
    if os.environ.get("COVENANT_GOLDEN") == "write":
        golden.write_text(made, encoding="utf-8")
    wanted = golden.read_text(encoding="utf-8")
    if name.endswith(".json"):
        assert close(json.loads(made), json.loads(wanted))
    elif name.endswith(".csv"):
        assert close(*([[_cell(one) for one in row] for row in csv.reader(io.StringIO(text))] for text in (made, wanted)))
    else:
        assert made == wanted


def _cell(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tamar-h10"], "no facility is called 'tamar-h10'; did you mean 'tamar-h100'"),
        (["tamar-h100", "--covenant", "dscrr"], "did you mean 'dscr'"),
        (["--rent-decay", "20"], "did you mean 20%?"),
        (["--rent-decay", "a lot"], "is no percentage"),
        (["--rent-decay", "120%"], "a mark cannot fall by 120%"),
        (["--horizon", "2026-10-08"], "is not after the as-of"),
        (["--horizon", "soon"], "--horizon"),
        (["--cure-with", "luck"], "--cure-with: 'luck' is not among equity, prepayment"),
        (["--cure-with", "collateral"], "is not among equity, prepayment"),
        (["--format", "xlsx"], "invalid choice"),
    ],
)
def test_words_that_name_nothing_are_a_usage_error(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = cli.main(["project", *words])
    except SystemExit as left:
        code = int(left.code or 0)
    captured = capsys.readouterr()
    assert code == cli.USAGE and said in captured.err and not captured.out


def test_no_line_of_any_facility_is_wider_than_eighty_cells(capsys: pytest.CaptureFixture[str]) -> None:
    page = told(capsys, "project", "--cure-with", "equity")
    assert max(width(line) for line in page.splitlines()) <= 80
    assert page.count(" owed, due ") >= 6


def test_one_covenant_alone(capsys: pytest.CaptureFixture[str]) -> None:
    page = told(capsys, "project", "tamar-h100", "--covenant", "lock-up")
    assert "Trigger hit 2028-09-30" in page and "FAIL lock-up" in page and "dsra" not in page


def test_sources_equal_uses_and_each_date_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    made = json.loads(told(capsys, "project", "--format", "json", "--rent-decay", "35%"))
    lines = [line for one in made["facilities"] for case in one["cases"] for line in case["cash"]]
    assert len(lines) > 20
    for line in lines:
        sources, uses = (sum(line[name] for name in names) for names in (SOURCES, USES))
        assert sources == pytest.approx(uses, abs=0.01)


def test_debt_is_highest_against_value_on_the_eve_of_a_payment(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is paid between 8 October and 30 November 2026, while 2,048 H200 lose value; no test or payment falls on the eve."""
    one = json.loads(told(capsys, "project", "rowan-compute", "--format", "json"))["facilities"][0]
    price = next(row for row in one["assumptions"] if row["series"] == "H200-SXM.price.inplace")
    eve = (1 + 29 / 30 - 8 / 31) / 12
    peak = one["outstanding"] / (2_048 * price["mark"] * (1 - price["annual_decay"]) ** eve)
    assert (one["cases"][0]["ltv_peak"], one["cases"][0]["ltv_peak_date"]) == (pytest.approx(peak), "2026-11-29")
    vintage = one["cases"][0]["vintages"][0]
    assert (vintage["peak"], vintage["peak_date"], vintage["ratio"]) == (pytest.approx(peak), "2026-11-29", pytest.approx(1.047, abs=5e-4))


def test_the_case_beside_every_date_where_it_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = tmp_path / "desk"
    shutil.copytree(SHIPPED, desk)
    file = desk / "facilities" / "tamar-h100.toml"
    text = file.read_text(encoding="utf-8")
    assert text.count("[underwriting]\n") == 1
    given = "[underwriting]\nrent = 2.60\nutilisation = 0.85\nopex_per_unit_hour = 0.60\ndscr = 2.10\nresidual_pct = 10\n"
    file.write_text(text.replace("[underwriting]\n", given), encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "110")
    page = told(capsys, "project", "tamar-h100", "--desk", str(desk))
    beside = {word: re.search(rf"    {word}\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)", page) for word in ("rent", "utilisation", "DSCR")}
    assert {word: found and found.groups() for word, found in beside.items()} == {
        "rent": ("2.6", "2.45", "0.9423"), "utilisation": ("0.85", "0.8", "0.9412"), "DSCR": ("2.1", "2.296", "1.093"),
    }  # fmt: skip
    head = next(line for line in page.splitlines() if "rent/case" in line)
    assert "DSCR/case" in head
    line = next(line for line in page.splitlines() if line.startswith("  2027-12-31"))
    assert "61%" in line and "109%" in line


def test_hostile_names_are_inert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = tmp_path / "desk"
    shutil.copytree(SHIPPED, desk)
    file = desk / "facilities" / "tamar-h100.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"Anchor customer"', '"=A\\u001b[31m|<b>[x](y)"'), encoding="utf-8")
    assert "\x1b" not in told(capsys, "project", "tamar-h100", "--desk", str(desk))
    written = told(capsys, "project", "tamar-h100", "--desk", str(desk), "--format", "md")
    assert "<b>" not in written and "[x](y)" not in written and "\x1b" not in written
