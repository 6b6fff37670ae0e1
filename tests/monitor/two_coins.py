"""A desk of two loans alike, one on BTC and one on ETH, with or without a history of their prices: what stress tests ask about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

AS_OF = dt.date(2026, 9, 30)
DESK = """\
[desk]
name = "Two coins"
as_of = {as_of}
currency = "USD"

{more}
"""
LOAN = """\
[facility]
id = "{name}"
name = "Loan on {asset}"
kind = "btc-loan"
borrower = "{name}-co"
closing = 2025-12-31
maturity = 2030-12-31
illustrative = true

[[facility.balance]]
date = 2025-12-31
outstanding = {owed}

[interest]
fixed_pct = 0.0
day_count = "30/360"
frequency = "quarterly"

[[collateral]]
id = "coins"
asset = "{asset}"
unit = "{asset}"
units = 10
price = "{asset}.price"
lien = [{{ facility = "{name}", rank = 1, perfected = true }}]

[[covenant]]
id = "ltv"
rule = "ltv"
operator = "<="
threshold = 0.70
test = {{ frequency = "continuous" }}
"""
ASSUMED = """\
[[driver]]
match = "*.price"
volatility = 0.60

[[correlation]]
between = ["BTC", "ETH"]
value = 0.3
"""


def write(
    root: Path, *, btc: Sequence[float] = (100.0,), eth: Sequence[float] = (100.0,), owed: float = 500.0, more: str = ASSUMED
) -> Path:
    """The desk in a folder; prices are daily, the last of each on the as-of."""
    for folder in ("facilities", "obligors", "marks"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "desk.toml").write_text(DESK.format(as_of=AS_OF, more=more))
    for name, asset in (("one", "BTC"), ("two", "ETH")):
        (root / "facilities" / f"{name}.toml").write_text(LOAN.format(name=name, asset=asset, owed=owed))
        (root / "obligors" / f"{name}-co.toml").write_text(f'[obligor]\nid = "{name}-co"\nname = "{name}"\ngroup = "{name}"\n')
    rows = ["series,date,value,unit,source"]
    for asset, prices in (("BTC", btc), ("ETH", eth)):
        for back, price in enumerate(reversed(prices)):
            rows.append(f"{asset}.price,{AS_OF - dt.timedelta(days=back)},{price!r},USD/{asset},exchange")
    (root / "marks" / "marks.csv").write_text("\n".join(rows) + "\n")
    return root
