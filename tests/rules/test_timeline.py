"""Many days at once say what each day says by itself: the fast paths against the plain ones."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import pytest

from rules.book import Book
from rules.compare import PASS, RESULTS
from rules.evaluate import evaluate
from rules.primitives.ledger import ledger_of
from rules.scope import Rows, Scope, open_scope
from rules.timeline import timeline
from rules.worlds import GOOD, MISSING, SINGLE_SOURCE, STALE, Worlds
from tests.rules.curved import MARKS, curved_book
from tests.rules.shipped import picture
from tests.rules.small import HEAD, book_of, covenant, end_of, formula, report

LOAN = (
    HEAD.format("y")
    + """commitment = 9_000_000
closing = 2024-06-30
maturity = 2029-06-30
[[facility.balance]]
date = 2024-06-30
outstanding = 3_000_000
[[facility.balance]]
date = 2026-02-11
known = 2026-03-20
outstanding = 2_500_000
[[facility.draw]]
date = 2025-04-15
known = 2025-05-02
amount = 400_000
[interest]
benchmark = "SOFR"
spread_bp = [{ from = 2024-06-30, value = 300 }, { from = 2026-01-01, value = 325 }]
floor_pct = 1.0
[[hedge]]
kind = "swap"
fixed_pct = 3.5
notional = 1_000_000
start = 2025-01-01
end = 2027-01-01
[[hedge]]
kind = "cap"
cap_pct = 4.0
share = 0.3
[amortisation]
style = "level"
frequency = "quarterly"
original = 3_000_000
payments = 20
level_rate_pct = 8
[[collateral]]
id = "gpus"
asset = "A"
units = 300
price = "A.price"
rent = "A.rent.x"
cost = 30000
depreciation = { method = "straight_line", months = 72 }
utilisation = 0.8
opex_per_unit_hour = 0.3
in_service = 2024-06-30
[[account]]
kind = "dsra"
balance = 400_000
"""
    + "".join(
        report(end, 3, came, revenue_cash=900_000, opex_cash=150_000, ebitda=600_000)
        for end, came in (
            ("2025-03-31", "2025-05-10"), ("2025-06-30", "2025-08-10"), ("2025-09-30", "2025-11-10"), ("2025-12-31", "2026-02-10"),
        )
    )
    + "".join(
        covenant(rule, operator, level, extra, name=f"{rule}_{n}")
        for n, (rule, operator, level, extra) in enumerate((
            ("ltv", "<=", 0.9, "watch = { headroom_pct = 0.2 }"),
            ("ltv", "<=", 0.9, "watch = { shock_to_breach = 0.3 }"),
            ("ltv_book", "<=", 0.9, ""), ("dscr_hist", ">=", 1.2, "round = 2"), ("dscr_fwd", ">=", 1.2, ""),
            ("dscr_run_rate", ">=", "[{ from = 2025-03-15, value = 1.1 }, { from = 2026-01-01, value = 1.3 }]", ""),
            ("icr", ">=", 2, ""), ("leverage", "<=", 4, ""), ("dsra", ">=", 1, ""), ("wal", "<=", 2, ""), ("annual", ">=", 2, ""),
        ))
    )
    + formula("annualised(ebitda) / annualised(interest)", name="annual")
)  # fmt: skip


def _worlds(book: Book, days: int, seed: int, doubt: bool, basis: str) -> Worlds:
    """A walk of every mark over some days; with `doubt`, prints that are missing, stale or of one source at random."""
    draw = np.random.default_rng(seed)
    instants = tuple(end_of("2025-02-20") + dt.timedelta(days=3 * n) for n in range(days))
    start = np.array([MARKS[name] for name in book.series.names])
    marks = start[:, None, None] * np.exp(np.cumsum(draw.normal(0, 0.03, (len(start), 1, days)), axis=2))
    data = np.full((len(start), days), GOOD, dtype=np.int8)
    if doubt:
        data = draw.choice(np.array([GOOD, SINGLE_SOURCE, STALE, MISSING], dtype=np.int8), data.shape, p=(0.4, 0.3, 0.2, 0.1))
        marks[:, 0][data == MISSING] = np.nan
    return Worlds(tuple(book.series.names), instants, instants, marks, data, basis)


def _one_day(worlds: Worlds, at: int) -> Worlds:
    one = slice(at, at + 1)
    return msgspec.structs.replace(
        worlds, instants=worlds.instants[one], known_at=worlds.known_at[one], marks=worlds.marks[:, :, one], data=worlds.data[:, one]
    )


@pytest.mark.parametrize("basis", ["indicative", "tested"])
@pytest.mark.parametrize("doubt", [False, True])
@pytest.mark.parametrize("book", [curved_book(), curved_book("EUR"), book_of(LOAN), book_of(LOAN, LOAN.replace('"y"', '"z"'))])
def test_every_day_is_as_if_asked_alone(book: Book, doubt: bool, basis: str) -> None:
    days = 150
    worlds = _worlds(book, days, 7, doubt, basis)
    made = timeline(book, worlds)
    results = made.result.reshape(len(book.tests), days)
    for at in range(0, days, 6):
        alone = evaluate(book, _one_day(worlds, at))
        here = np.arange(len(book.tests)) * days + at
        assert [RESULTS[code] for code in results[:, at]] == [RESULTS[code] for code in alone.result[:, 0]]
        np.testing.assert_array_equal(made.data[here], alone.data)
        np.testing.assert_array_equal(made.threshold[here], alone.threshold)
        for fast, plain in ((made.numerator, alone.numerator), (made.denominator, alone.denominator), (made.actual, alone.actual)):
            np.testing.assert_allclose(fast[here], plain[:, 0], rtol=1e-12, atol=1e-9)


def test_rows_in_any_order_and_number_are_the_same() -> None:
    book = book_of(LOAN, LOAN.replace('"y"', '"z"'))
    worlds = _worlds(book, 60, 3, True, "tested")
    whole = timeline(book, worlds)
    some = np.random.default_rng(0).permutation(len(whole.rows))[:400]
    part = timeline(book, worlds, whole.rows.pick(some))
    np.testing.assert_array_equal(part.result, whole.result[some])
    np.testing.assert_array_equal(part.data, whole.data[some])
    np.testing.assert_allclose(part.actual, whole.actual[some], rtol=1e-12)


def test_the_days_of_one_situation_share_a_ledger_and_few_rows_have_none() -> None:
    book = book_of(LOAN)
    worlds = _worlds(book, 150, 1, False, "indicative")
    n = np.arange(150, dtype=np.int64)
    day, _ = worlds.days(book.zone)
    rows = Rows(np.zeros_like(n), n, day, np.zeros_like(n))
    ledger = ledger_of(_daily(open_scope(book, worlds, rows)))
    assert ledger is not None
    assert ledger.shape[0] == 5  # before, the draw reached and known, the balance reached and known
    assert ledger_of(_daily(open_scope(book, worlds, rows.pick(n[:2])))) is None
    assert ledger_of(open_scope(book, worlds, rows)) is None


def _daily(scope: Scope) -> Scope:
    scope.daily = True
    return scope


def test_the_made_up_worlds_hold_every_result() -> None:
    """Else the tests above would say little."""
    book = book_of(LOAN)
    seen = {RESULTS[code] for code in timeline(book, _worlds(book, 130, 7, True, "indicative")).result}
    assert seen == {"pass", "watch", "fail", "indeterminate", "not_tested"}
    assert (timeline(book, _worlds(book, 130, 7, False, "indicative")).result == PASS).any()


def test_the_shipped_desk_over_a_season() -> None:
    """Every kind of facility of the desk, with curves, policies of agreements and what is stale or missing as of its day."""
    seen, days = picture(), 96
    names, draw = seen.now.series, np.random.default_rng(5)
    walk = np.exp(np.cumsum(draw.normal(0, 0.02, (len(names), 1, days)), axis=2))
    instants = tuple(seen.now.instants[0] - dt.timedelta(days=days - 1 - n) for n in range(days))
    worlds = msgspec.structs.replace(
        seen.now, instants=instants, known_at=instants, marks=seen.now.marks * walk, data=np.repeat(seen.now.data, days, axis=1)
    )
    made = timeline(seen.book, worlds)
    for at in range(0, days, 19):
        alone = evaluate(seen.book, _one_day(worlds, at))
        here = np.arange(len(seen.book.tests)) * days + at
        np.testing.assert_array_equal(made.result[here], alone.result[:, 0])
        np.testing.assert_array_equal(made.data[here], alone.data)
        np.testing.assert_allclose(made.numerator[here], alone.numerator[:, 0], rtol=1e-12, atol=1e-6)
        np.testing.assert_allclose(made.denominator[here], alone.denominator[:, 0], rtol=1e-12, atol=1e-6)
