"""A small desk with a coin loan and a project loan, a clock that stands still, and the commands as people type them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from monitor.cli import main
from rules.events import Event
from tests.monitor.coin import COINS

CLOCK = dt.datetime(2026, 10, 8, 12, tzinfo=dt.UTC)
DESK = '[desk]\nname = "Small"\n'
OBLIGOR = '[obligor]\nid = "b"\nname = "B"\nillustrative = true\n'
COIN = (
    """[facility]
id = "coin"
name = "Coin loan"
kind = "btc-loan"
borrower = "b"
illustrative = true
closing = 2025-12-31
maturity = 2030-12-31
[[facility.balance]]
date = 2026-01-01
outstanding = 60
"""
    + COINS
    + """[[covenant]]
id = "ltv"
rule = "ltv"
threshold = 0.70
test = { frequency = "continuous" }
"""
)
PROJECT = """[facility]
id = "project"
name = "Project loan"
kind = "term"
borrower = "b"
illustrative = true
closing = 2024-12-31
maturity = 2030-12-31
[[facility.balance]]
date = 2026-06-30
outstanding = 1000
[[reported]]
period_end = 2026-06-30
months = 12
delivered = 2026-08-14
certified = true
lines = { revenue_cash = 150, opex_cash = 60, debt_service_paid = 100, ebitda = 90 }
[[reported]]
period_end = 2026-09-30
months = 12
certified = true
lines = { revenue_cash = 150, opex_cash = 60, debt_service_paid = 100, ebitda = 90 }
[[covenant]]
id = "leverage"
rule = "leverage"
threshold = 10
test = { frequency = "semi-annual", first = 2026-06-30, certificate_due_days = 45 }
on_fail = "event_of_default"
cure = { kind = "equity", window = "40BD", from = "certificate_due" }
[[covenant]]
id = "filed"
rule = "leverage"
threshold = 20
test = { frequency = "semi-annual", first = 2026-06-30, certificate_due_days = 45 }
"""
MARKS = "series,date,value,unit,source\nBTC.price,2026-10-08T06:00:00Z,100,USD/BTC,venue\n"


def make_desk(root: Path) -> Path:
    """Write the desk below `root`."""
    for folder in ("facilities", "obligors", "marks"):
        (root / folder).mkdir(parents=True)
    (root / "desk.toml").write_text(DESK)
    (root / "obligors" / "b.toml").write_text(OBLIGOR)
    (root / "facilities" / "coin.toml").write_text(COIN)
    (root / "facilities" / "project.toml").write_text(PROJECT)
    (root / "marks" / "m.csv").write_text(MARKS)
    return root


def event(kind: str = "notice", **fields: object) -> Event:
    """An event of the clock's instant by ann."""
    given = {"id": "", "facility": "coin", "effective": CLOCK, "known": CLOCK, "by": "ann"} | fields
    for name in ("amount", "units", "value"):
        if name in given:
            given[name] = Decimal(str(given[name]))
    return Event(kind=kind, **given)  # type: ignore[arg-type]


class Typed:
    """Runs commands on one desk and keeps what they said."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.capsys, self.out, self.err = root, capsys, "", ""

    def __call__(self, line: str, *more: str) -> int:
        """`line` is cut at spaces; `more` are whole words."""
        code = main([*line.split(), *more, "--desk", str(self.root)])
        self.out, self.err = self.capsys.readouterr()
        return code
