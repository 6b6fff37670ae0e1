"""Large desks to measure on: N facilities of about 75 lines and 10 covenants each; the same number gives the same bytes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

COVENANTS = 10
GROUPS = 40

_DESK = """\
[desk]
name = "Desk of {count} loans"
as_of = 2026-10-08T09:00:00Z
currency = "USD"

[[series]]
match = "*.price.inplace"
unit = "USD/GPU"
max_age = "14d"

[[series]]
match = "*.rent.committed12m"
unit = "USD/GPU-hour"
max_age = "10d"
"""

_MARKS = """\
series,date,value,unit,source
H100-SXM.price.inplace,2026-08-31,15000,USD/GPU,broker
H100-SXM.price.inplace,2026-09-30,{h100},USD/GPU,broker
H200-SXM.price.inplace,2026-08-31,20500,USD/GPU,broker
H200-SXM.price.inplace,2026-09-30,20000,USD/GPU,broker
H100-SXM.rent.committed12m,2026-08-31,2.50,USD/GPU-hour,index
H100-SXM.rent.committed12m,2026-10-07,2.45,USD/GPU-hour,index
H200-SXM.rent.committed12m,2026-08-31,2.70,USD/GPU-hour,index
H200-SXM.rent.committed12m,2026-10-07,2.65,USD/GPU-hour,index
SOFR.rate,2026-08-28,3.95,percent,New York Fed
SOFR.rate,2026-10-06,3.90,percent,New York Fed
"""

_FACILITY = """\
covenant = [
{covenants}]

[facility]
id = "{name}"
name = "Loan {number:05} of group {group}"
kind = "ddtl"
borrower = "group-{group}"
currency = "USD"
commitment = {commitment}
closing = 2025-08-29
maturity = 2028-08-31
illustrative = true

[[facility.balance]]
date = 2025-08-29
outstanding = {commitment}

[interest]
benchmark = "SOFR"
spread_bp = {spread}
floor_pct = 0.0
day_count = "30/360"

[amortisation]
style = "level"
frequency = "quarterly"
start = 2025-08-31
original = {commitment}
payments = 12
level_rate_pct = 9.75

[[collateral]]
id = "machines-{number}"
asset = "{asset}"
unit = "GPU"
units = {units}
cost = 40_000
depreciation = {{ method = "straight_line", months = 60 }}
price = "{asset}.price.inplace"
rent = "{asset}.rent.committed12m"
utilisation = 0.80
opex_per_unit_hour = 0.60
in_service = 2025-08-29
economic_life_months = 60
lien = [{{ facility = "{name}", rank = 1, perfected = true }}]

[[account]]
kind = "dsra"
balance = {reserve}
"""

_QUARTER = """
[[reported]]
period_end = {end}
months = 3
delivered = {delivered}
lines = {{ revenue_cash = {revenue}, opex_cash = {opex} }}
"""
_QUARTERS = (("2025-11-30", "2025-12-30"), ("2026-02-28", "2026-03-30"), ("2026-05-31", "2026-06-30"), ("2026-08-31", "2026-09-30"))

_QUARTERLY = '{ frequency = "quarterly", first = 2026-08-31 }'
_COVENANTS = (
    ("dscr", "dscr_hist", ">=", "1.20", _QUARTERLY),
    ("dscr-fwd", "dscr_fwd", ">=", "1.25", _QUARTERLY),
    ("dscr-run", "dscr_run_rate", ">=", "1.10", _QUARTERLY),
    ("ltv", "ltv", "<=", "{ltv}", '{ frequency = "daily", first = 2025-08-31 }'),
    ("ltv-book", "ltv_book", "<=", "0.95", _QUARTERLY),
    ("cover", "collateral_coverage", ">=", "0.80", _QUARTERLY),
    ("dsra", "dsra", ">=", "1.00", _QUARTERLY),
    ("interest", "icr", ">=", "2.00", _QUARTERLY),
    ("leverage", "leverage", "<=", "6.00", _QUARTERLY),
    ("life", "wal", "<=", "4.00", _QUARTERLY),
)


def write_desk(root: Path, count: int) -> None:
    """A desk of `count` facilities in a folder that is empty or not there yet. Raises FileExistsError where something is."""
    for folder in ("facilities", "obligors", "marks"):
        (root / folder).mkdir(parents=True)
    (root / "desk.toml").write_text(_DESK.format(count=count), encoding="utf-8")
    write_marks(root)
    for group in range(min(GROUPS, count)):
        text = f'[obligor]\nid = "group-{group}"\nname = "Group {group}"\ngroup = "group-{group}"\n'
        (root / "obligors" / f"group-{group}.toml").write_text(text, encoding="utf-8")
    for number in range(count):
        (root / "facilities" / f"loan-{number:05}.toml").write_text(facility(number), encoding="utf-8")


def write_marks(root: Path, h100: float = 14_500) -> None:
    """The marks of a desk, the price of an H100 as given: what a bench changes between two readings."""
    (root / "marks" / "marks.csv").write_text(_MARKS.format(h100=h100), encoding="utf-8")


def facility(number: int, larger: float = 1.0) -> str:
    """One file; loans differ in size, asset and margin, so that some fail and most pass."""
    units = 256 + 64 * (number % 23)
    commitment = round(units * (17_000 + 250 * (number % 17)) * larger)
    values: dict[str, Any] = {
        "name": f"loan-{number:05}", "number": number, "group": number % GROUPS, "units": units, "commitment": commitment,
        "spread": 400 + 25 * (number % 9), "asset": ("H100-SXM", "H200-SXM")[number % 2],
        "reserve": commitment // 10, "revenue": units * 4_643, "opex": units * 1_314, "ltv": f"{0.60 + 0.05 * (number % 11):.2f}",
    }  # fmt: skip
    rows = (
        f'  {{ id = "{name}", rule = "{rule}", operator = "{sign}", threshold = {level}, test = {test}, clause = "7.{at}" }},\n'
        for at, (name, rule, sign, level, test) in enumerate(_COVENANTS, 1)
    )
    values["covenants"] = "".join(rows).replace("{ltv}", values["ltv"])
    quarters = (_QUARTER.format(end=end, delivered=delivered, **values) for end, delivered in _QUARTERS)
    return _FACILITY.format(**values) + "".join(quarters)


def main() -> None:
    """Write one."""
    parser = argparse.ArgumentParser(prog="python -m bench.desks", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--facilities", type=int, default=300)
    arguments = parser.parse_args()
    write_desk(arguments.folder, arguments.facilities)


if __name__ == "__main__":
    main()
