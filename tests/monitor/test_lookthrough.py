"""Looking through to the obligor group: nothing counted twice, nothing unknown netted, its own past beside it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from monitor import cli
from monitor.assess import assess
from monitor.lookthrough import GroupPart, groups_of
from monitor.session import open_desk
from tests.rules.shipped import picture

OBLIGOR = """
[obligor]
id = "{0}"
name = "{0}"
group = "g"
illustrative = true
"""
LOAN = """
[facility]
id = "{0}"
name = "{0}"
kind = "{1}"
borrower = "{2}"
closing = 2025-12-31
maturity = 2028-12-31
illustrative = true
[[facility.balance]]
date = 2025-12-31
outstanding = {3}
"""
COINS = """
[[collateral]]
id = "coins"
asset = "BTC"
unit = "BTC"
units = 5
lien = [{ facility = "coin", rank = 1 }, { facility = "gpu", rank = 2 }]
"""
MARKS = "series,date,value,unit,source\nBTC.price,2026-06-30,80000,USD/BTC,x\n"
PAST = """
[[year_end]]
date = 2021-12-31
debt = 900
cash = 100
source = "a filing"
[[year_end]]
date = 2024-12-31
debt = 700
cash = 200
[[year_end]]
date = 2027-12-31
debt = 9000
cash = 0
"""
CASH = '[[treasury]]\nasset = "USD"\nunits = 100\n[[treasury]]\nasset = "BTC"\nunits = 3\nprice = "BTC.price"\n'


def group(tmp_path: Path, **extra: str) -> GroupPart:
    files = {
        "desk.toml": '[desk]\nname = "d"\nas_of = 2026-06-30\n',
        "obligors/a.toml": OBLIGOR.format("a") + CASH + PAST + extra.get("a", ""),
        "obligors/b.toml": OBLIGOR.format("b") + '[[debt]]\nid = "gpu-again"\nfacility = "gpu"\noutstanding = 600\n' + extra.get("b", ""),
        "facilities/coin.toml": LOAN.format("coin", "btc-loan", "a", 400) + COINS,
        "facilities/gpu.toml": LOAN.format("gpu", "ddtl", "b", 600) + extra.get("gpu", ""),
        "marks/m.csv": MARKS,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    at = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
    return groups_of(assess(open_desk(tmp_path), at, at), "g")[0]


def test_the_rowan_group_is_added_up_once() -> None:
    found = groups_of(picture(), "rowan")[0]
    assert found.debt == pytest.approx(245.4e6, abs=5e4)
    assert found.net_debt == pytest.approx(231.4e6, abs=5e4)
    assert {sort: round(amount / 1e6, 1) for sort, amount in found.by_sort.items()} == {"gpu": 42.9, "coin": 52.5, "convertible": 150.0}
    coins = found.coins[0]
    assert (coins.pledged, coins.free, coins.free_value) == (965, 310, pytest.approx(25.8e6, abs=5e4))
    assert found.double_leverage


def test_a_parcel_with_two_liens_and_a_debt_named_twice_count_once(tmp_path: Path) -> None:
    found = group(tmp_path)
    assert (found.debt, found.coins[0].pledged, found.coins[0].pledged_value) == (1000, 5, 400_000)


def test_net_debt_stands_against_its_own_peak_of_the_past_only(tmp_path: Path) -> None:
    found = group(tmp_path)
    assert [past.net_debt for past in found.past] == [800, 500]  # what a later day publishes is not known yet
    assert found.peak is not None and found.peak.date == "2021-12-31"
    assert found.against_peak == pytest.approx(900 / 800 - 1)


def test_what_is_not_public_is_never_netted(tmp_path: Path) -> None:
    found = group(tmp_path, b='[[debt]]\nid = "notes"\nname = "Notes"\n')
    assert (found.debt, found.debt_known, found.net_debt, found.against_peak) == (None, 1000, None, None)
    assert found.unknown == ["Notes"]


def test_foreign_cash_is_not_guessed(tmp_path: Path) -> None:
    assert group(tmp_path, b='[[treasury]]\nasset = "EUR"\nunits = 5\n').net_debt is None


def test_machines_are_not_coins() -> None:
    found = groups_of(picture(), "coreweave")[0]
    assert not found.coins and not found.double_leverage


def test_the_command_shows_one_group_or_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["obligors", "rowan", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "covenant-monitor/obligors/1" and [one["group"] for one in found["groups"]] == ["rowan"]
    assert cli.main(["obligors"]) == 0
    out = capsys.readouterr().out
    assert "net debt   USD 231.4m" in out and "not known: " in out
    assert cli.main(["obligors", "rown"]) == 64
    assert "did you mean 'rowan'?" in capsys.readouterr().err


def test_no_line_of_the_groups_is_wider_than_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["obligors"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.split("\n"))) <= 80 and "peak of net debt" in out and "fall together" in " ".join(out.split())
