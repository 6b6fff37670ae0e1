"""A miner's desk through the commands: hashprice as the price driver, shares without one, bad places and ratings told by lint."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor import cli

FACILITY = """[facility]
id = "elm"
name = "Elm mining loan"
kind = "term"
borrower = "elm"
closing = 2026-01-31
maturity = 2029-01-31
illustrative = true
[[facility.balance]]
date = 2026-01-31
outstanding = 24_000_000
[interest]
fixed_pct = 11
[amortisation]
style = "level"
frequency = "quarterly"
payments = 12
[operations]
fixed_opex_per_month = 150_000
[[collateral]]
id = "north"
asset = "S21"
value = 9_000_000
location = "US-TX"
[[collateral]]
id = "south"
asset = "S21"
value = 3_000_000
location = "PY"
[[covenant]]
id = "dscr"
rule = "dscr_fwd"
threshold = 1.30
test = { frequency = "quarterly", first = 2026-09-30 }
[[covenant]]
id = "abroad"
rule = "non_us_share"
threshold = 0.20
test = { frequency = "quarterly", first = 2026-09-30 }
"""
OBLIGOR = """[obligor]
id = "elm"
name = "Elm Mining"
illustrative = true
[[fleet]]
id = "s21"
units = 10_000
th_per_unit = 200
efficiency_j_th = 17.5
power_price = 0.045
uptime = 0.95
pool_fee = 0.01
"""
MARKS = "series,date,value,unit,source\nBTC.hashprice,2026-09-30,41,USD/PH/day,x\nBTC.hashprice,2026-10-07,0.0385,USD/TH/day,x\n"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    files = {"desk.toml": '[desk]\nname = "Miners"\nas_of = 2026-10-08T09:00:00Z\n', "facilities/elm.toml": FACILITY,
             "obligors/elm.toml": OBLIGOR, "marks/marks.csv": MARKS}  # fmt: skip
    for name, text in files.items():
        (tmp_path / "desk" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "desk" / name).write_text(text, encoding="utf-8")
    return tmp_path / "desk"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = cli.main(list(words))
    out, err = capsys.readouterr()
    return code, err + out


def test_a_miners_cover_turns_at_a_hashprice_and_a_share_at_none(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    assert said(capsys, "lint", "--desk", str(desk))[0] == 0
    code, text = said(capsys, "check", "--desk", str(desk))
    assert code == 2
    assert "clears at BTC.hashprice 39.76 (+3.3%)" in text
    assert "Collateral outside the United States 25.0% > 20.0%" in text and "no price driver" in text


def test_explain_goes_down_to_the_machines_and_lists_the_places(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    text = said(capsys, "explain", "--desk", str(desk), "elm", "dscr")[1]
    for part in ("machines = 10,000.00", "obligors/elm.toml:7", "hashprice = 41 USD/PH/day", "power price = 0.045 USD/kWh"):
        assert part in text
    text = said(capsys, "explain", "--desk", str(desk), "elm", "location_concentration")[1]
    for part in ("largest: US-TX", "US-TX (75.0 %)", "PY (25.0 %)", "facilities/elm.toml:24"):
        assert part in text


def test_a_place_that_is_none_is_told_by_lint_and_never_passes(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    (desk / "facilities" / "elm.toml").write_text(FACILITY.replace('"PY"', '"Paraguay"').replace("0.20", "0.90"), encoding="utf-8")
    code, text = said(capsys, "lint", "--desk", str(desk))
    assert code == 65 and "[F070]" in text
    text = said(capsys, "check", "--desk", str(desk))[1]
    assert "INDETERMINATE" in text and "elm/abroad" in text and "'Paraguay' is no place" in text
