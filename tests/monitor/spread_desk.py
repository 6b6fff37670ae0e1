"""A small desk for spreads: one coin loan whose loss has a closed form, and what a test wants changed in it."""

from __future__ import annotations

from pathlib import Path

DESK = """
[desk]
name = "One loan"
as_of = 2026-06-30
timezone = "UTC"

[[curve]]
match = "BTC.price"
annual_decay = {decay}

[[liquidity]]
asset = "BTC"
sale_cost = {cost}
units_per_day = 1_000_000

[[driver]]
match = "BTC.price"
volatility = 0.60

[pricing]
discount_pct = 5
hurdle_pct = 10
capital_pct = 8
dial = 1
"""

LOAN = """
[facility]
id = "{id}"
name = "Coin loan"
kind = "btc-loan"
borrower = "elm"
currency = "USD"
closing = 2026-01-31
{maturity}
illustrative = true

[[facility.balance]]
date = 2026-06-30
outstanding = {owed}

[interest]
fixed_pct = 9
day_count = "ACT/360"

[[collateral]]
id = "coins-{id}"
asset = "BTC"
unit = "BTC"
units = {units}
price = "BTC.price"
lien = [{{ facility = "{id}", rank = 1 }}]

[[covenant]]
id = "ltv"
rule = "ltv"
operator = "<="
threshold = {level}
test = {{ frequency = "continuous" }}
on_fail = "event_of_default"
"""

MARKS = "series,date,value,unit,source\nSOFR.rate,2026-06-30,4.00,percent,typed\n{price}"
PRICE = "BTC.price,2026-06-30,100000,USD/BTC,typed\n"


def written(
    root: Path, *, cost: float = 0.0, decay: float = 0.0, owed: str = "600", units: str = "1000", level: str = "0.70",
    maturity: str = "maturity = 2030-06-30", price: str = PRICE, loans: tuple[str, ...] = ("elm",), more: str = "", less: str = "",
) -> Path:  # fmt: skip
    """The desk in a folder; `owed` in units of 100,000 dollars, `more` is added to its desk.toml and `less` taken out of it."""
    for name in ("facilities", "obligors", "marks"):
        (root / name).mkdir(parents=True, exist_ok=True)
    text = DESK.format(cost=cost, decay=decay) + more
    assert less in text
    (root / "desk.toml").write_text(text.replace(less, "") if less else text)
    for one in loans:
        amount = int(owed) * 100_000
        loan = LOAN.format(id=one, owed=amount, units=units, level=level, maturity=maturity)
        (root / "facilities" / f"{one}.toml").write_text(loan)
    (root / "obligors" / "elm.toml").write_text('[obligor]\nid = "elm"\nname = "Elm"\nillustrative = true\n')
    (root / "marks" / "marks.csv").write_text(MARKS.format(price=price))
    return root
