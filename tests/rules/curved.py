"""A facility whose covenants bend: a borrowing base with kinks, a floored floating rate, a foreign currency, rents re-let."""

from __future__ import annotations

import functools

from rules.book import Book
from tests.rules.small import HEAD, book_of, covenant, formula, report

MARKS = {"BTC.price": 80_000.0, "A.price": 15_000.0, "A.rent.x": 2.4, "SOFR.rate": 0.04, "EUR.fx": 1.1}
CURVED = (
    HEAD.format("x").replace('kind = "term"', 'kind = "abl"\ncommitment = 5_000_000\nclosing = 2025-12-31\nmaturity = 2029-12-31')
    + """
[[facility.balance]]
date = 2025-12-31
outstanding = 4_000_000
letters_of_credit = 100_000
[interest]
benchmark = "SOFR"
spread_bp = 300
floor_pct = 2.0
cap_pct = 9.0
[[hedge]]
kind = "collar"
share = 0.4
floor_pct = 3.0
cap_pct = 5.0
[amortisation]
style = "straight-line"
frequency = "quarterly"
original = 4_000_000
payments = 16
[[collateral]]
id = "gpus"
asset = "A"
units = 300
price = "A.price"
rent = "A.rent.x"
utilisation = 0.8
opex_per_unit_hour = 0.3
in_service = 2025-12-31
[[collateral]]
id = "coins"
asset = "BTC"
unit = "BTC"
units = 30
price = "BTC.price"
eligible = true
[[contract]]
customer = "c"
asset = "A"
units = 100
rate = 2.0
start = 2025-12-31
end = 2027-03-31
[[borrowing_base]]
id = "gpus"
collateral = ["gpus"]
advance_rate = 0.7
sub_limit = 3_500_000
ineligible = [{ reason = "idle", units = 20 }, { reason = "other", amount = 100_000 }]
[[borrowing_base]]
id = "coins"
collateral = ["coins"]
advance_rate = 0.5
concentration_limit = 0.3
debtor = [{ name = "one", amount = 900_000 }]
[[reserve]]
reason = "rent"
amount = 50_000
[[account]]
kind = "dsra"
balance = 400_000
"""
    + report("2026-03-31", 3, "2026-04-20", revenue_cash=900_000, opex_cash=150_000)
    + formula('mark("BTC.price") * mark("A.price")', name="product")
    + formula('max(0.1, abs(mark("A.price") / mark("BTC.price") - 0.2)) * 10', name="bent")
    + covenant("borrowing_base", ">=", 0, name="availability")
    + covenant("overadvance", "<=", 0, name="over")
    + covenant("ltv", "<=", 0.8, name="ltv")
    + covenant("collateral_coverage", ">=", 1.3, name="cover")
    + covenant("dscr_fwd", ">=", 1.2, "round = 2", name="fwd")
    + covenant("dscr_hist", ">=", 1.2, name="hist")
    + covenant("dscr_run_rate", ">", 1.1, name="run")
    + covenant("icr", ">=", 2, name="icr")
    + covenant("leverage", "<=", 4, name="leverage")
    + covenant("dsra", ">=", 1, name="dsra")
    + covenant("min_liquidity", ">=", 100_000, name="liquidity")
    + covenant("suppressed_availability", ">=", 0, name="suppressed")
    + covenant("product", "<=", 2e9, name="product")
    + covenant("bent", ">=", 1.5, name="bent")
    + covenant("wal", "<=", 3, name="wal")
)


@functools.cache
def curved_book(currency: str = "USD") -> Book:
    """The book of the curved facility in its currency."""
    return book_of(CURVED.replace('borrower = "b"', f'borrower = "b"\ncurrency = "{currency}"'))
