"""The page of the shipped desk, golden, and what it says of small desks; COVENANT_GOLDEN=write renews the files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import tomli

import facilities
from facilities.load import load
from monitor import cli
from monitor.sector.build import page_of
from tests.rules.shipped import picture

SHIPPED = Path(facilities.__file__).parent / "desk"
GOLDEN = Path(__file__).with_name("golden")


@pytest.mark.parametrize("form", ["text", "md"])
def test_the_shipped_page_is_the_golden_one(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sector", "--format", form]) == 0
    out = capsys.readouterr().out
    golden = GOLDEN / f"sector.{'txt' if form == 'text' else form}"
    if os.environ.get("COVENANT_GOLDEN") == "write":
        golden.write_text(out, encoding="utf-8")
    assert out == golden.read_text(encoding="utf-8")
    if form == "text":
        assert [line for line in out.split("\n") if len(line) > 80 and " https://" not in line and "secondary" not in line] == []


def test_the_verdicts_on_the_shipped_desk() -> None:
    page = page_of(picture())
    assert {one.id: one.verdict for one in page.claims} == {
        "debt-growth-2025": "confirmed",
        "debt-level-2025": "confirmed",
        "miners-above-2021": "not_settled",
        "miners-up-500": "confirmed",
        "inference-price": "refuted",
        "one-issuer-margins": "confirmed",
    }
    miners = next(one for one in page.claims if one.id == "miners-above-2021")
    assert (miners.met, miners.known, miners.of) == (3, 3, 8)
    assert miners.grounds[0].value == pytest.approx(1_854_809_000 - 459_850_000)


def test_before_the_figures_were_out_nothing_was_settled() -> None:
    page = page_of(picture(as_of="2023-06-30"))
    assert {one.verdict for one in page.claims} == {"not_settled"}
    assert all(one.date <= "2023-06-30" for one in page.deals)


def test_facilities_of_the_desk_join_the_deals_and_the_overhang_once_and_invented_ones_never() -> None:
    page = page_of(picture())
    names = [one.name for one in page.deals] + [one.name for one in page.overhang.debts]
    ours = [one.facility for one in page.overhang.debts if one.facility]
    assert len(ours) == len(set(ours)) and "crwv-ddtl-1.0" in ours
    assert not [name for name in names if name.startswith(("Rowan", "Kestrel", "Tamar", "Linden", "Birch"))]
    hang = page.overhang
    assert hang.owed + hang.committed == pytest.approx(sum(hang.years.values()) + hang.undated)
    assert hang.owed == pytest.approx(sum(one.owed or 0 for one in hang.debts))
    tranches = [one for one in page.deals if one.facility == "crwv-ddtl-4.0"]
    assert {(one.spread_bp, one.fixed_pct) for one in tranches} == {(225.0, None), (None, 5.9)}


def test_the_json_carries_figures_with_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sector", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "covenant-monitor/sector/1"
    growth = found["claims"][0]["grounds"][0]
    assert growth["value"] == pytest.approx(25.4 / 12 - 1) and growth["origins"][0]["quality"] == "press"


def sources_in(table: object) -> list[str]:
    if isinstance(table, list):
        return [found for row in table for found in sources_in(row)]
    if not isinstance(table, dict):
        return []
    mine = [table["source"]] if isinstance(table.get("source"), str) else []
    named = list(table["sources"].values()) if isinstance(table.get("sources"), dict) else []
    return mine + named + [found for inner in table.values() for found in sources_in(inner)]


def test_every_address_of_the_shipped_desk_is_one() -> None:
    files = [SHIPPED / "sector.toml", *sorted((SHIPPED / "obligors").glob("*.toml"))]
    seen = [one for path in files for one in sources_in(tomli.loads(path.read_text(encoding="utf-8")))]
    assert len(seen) > 60
    for source in (one for one in seen if "://" in one):
        parts = urlsplit(source)
        assert parts.scheme == "https" or parts.scheme == "http", source
        assert parts.hostname and "." in parts.hostname and not set(source) & set(' "<>\\^`{|}'), source


MEASURED = """
[[claim]]
id = "fall"
text = "Rents fall by half a year \\u001b[31m"
yearly_change = { measures = ["rent"], least = -0.55, most = -0.45 }
[measure.rent]
title = "Rent | of *H100*"
unit = "USD/hour"
[[fact]]
measure = "rent"
date = 2025-01-01
value = 4
quality = "press"
source = "https://example.org/a"
[[fact]]
measure = "rent"
date = 2026-01-01
value = 2
quality = "press"
source = "https://example.org/b"
"""
LOAN = """
[facility]
id = "elm"
name = "Elm loan"
kind = "ddtl"
borrower = "elm"
closing = 2025-06-30
maturity = 2029-06-30
source = "https://example.org/elm"
[[facility.balance]]
date = 2025-06-30
outstanding = 2_000_000
source = "https://example.org/elm"
[[collateral]]
id = "h"
asset = "H100-SXM"
units = 100
price = "H100-SXM.price.inplace"
source = "https://example.org/elm"
"""


def desk(root: Path, **files: str) -> Path:
    base = {
        "desk.toml": '[desk]\nname = "d"\nas_of = 2026-06-30\n',
        "obligors/elm.toml": '[obligor]\nid = "elm"\nname = "Elm"\nsource = "https://example.org/elm"\n',
        "marks/m.csv": "series,date,value,unit,source\nH100-SXM.price.inplace,2026-06-30,20000,USD/GPU,x\n",
    }
    for name, text in (base | {name.replace("__", "/") + ".toml": text for name, text in files.items()}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def test_a_desk_without_a_sector_file_compares_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = desk(tmp_path, facilities__elm=LOAN)
    assert load(root).sector is None
    assert cli.main(["sector", "--desk", str(root)]) == 0
    out = capsys.readouterr().out
    assert "What is said" not in out and "H100-SXM: USD 2.000m; absorption not given" in out


def test_absorption_counts_days_of_the_market(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    market = '[[liquidity]]\nasset = "H100-SXM"\nunits_per_day = 10\nparticipation = 0.5\nsale_cost = 0.2\n'
    root = desk(tmp_path, facilities__elm=LOAN, desk='[desk]\nname = "d"\nas_of = 2026-06-30\n' + market)
    assert cli.main(["sector", "--desk", str(root)]) == 0
    assert "is 25 days of the market, at 5 a day" in " ".join(capsys.readouterr().out.split())


def test_hostile_words_are_shown_inert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = desk(tmp_path, sector=MEASURED)
    assert cli.main(["sector", "--desk", str(root)]) == 0
    out = capsys.readouterr().out
    assert "CONFIRMED" in out and "\x1b" not in out
    assert cli.main(["sector", "--desk", str(root), "--format", "md"]) == 0
    out = capsys.readouterr().out
    assert "Rent \\| of \\*H100\\*" in out and "\x1b" not in out


@pytest.mark.parametrize("day", ["2015-01-01", "2021-12-31", "2022-06-30", "2023-12-31", "2024-06-30", "2025-06-30", "2026-12-31"])
@pytest.mark.parametrize("form", ["text", "json", "md"])
def test_every_day_has_a_page(day: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sector", "--as-of", day, "--format", form]) == 0
    assert capsys.readouterr().out


def test_deals_are_compared_by_what_was_agreed_at_closing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = "[interest]\nspread_bp = [{ from = 2025-06-30, value = 400 }, { from = 2026-01-01, value = 550 }]\n"
    loan = LOAN.replace("[[facility.balance]]", f'{steps}source = "https://example.org/rate"\n[[facility.balance]]')
    assert cli.main(["sector", "--desk", str(desk(tmp_path, facilities__elm=loan))]) == 0
    assert "400 bp" in capsys.readouterr().out


@pytest.mark.parametrize(("text", "code"), [(MEASURED.replace('["rent"]', '["rents"]'), "S002"), ("[[claim", "F005")])
def test_a_bad_sector_file_makes_no_page_and_leaves_the_loans_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: str
) -> None:
    root = desk(tmp_path, sector=text, facilities__elm=LOAN)
    assert cli.main(["sector", "--desk", str(root)]) == 65
    told = capsys.readouterr()
    assert code in told.err and not told.out
    assert cli.main(["check", "--desk", str(root)]) == 3  # a bad file is told, and is never a pass
    assert list(load(root).facilities) == ["elm"]
