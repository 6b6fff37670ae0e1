"""Curves: a mark's assumed way ahead, in windows ahead alone, exactly averaged over the part of them it counts for."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.book import Book
from rules.curves import Curve, years
from rules.evaluate import evaluate
from rules.kernel import value
from rules.scope import facility_rows, open_scope
from rules.worlds import Worlds
from tests.rules.small import HEAD, LOAN, book_of, covenant, formula, rows_of, worlds_of

RENT = "A.rent.x"
DAY0 = dt.date(2025, 12, 31).toordinal()
THIRTY = Curve(0.30)


def days(*many: int) -> np.ndarray:
    return np.array(many, dtype=np.int64)


def along(worlds: Worlds, **curves: Curve) -> Worlds:
    """The worlds with curves for some series, dots of their names written as underscores."""
    named = {name.replace("_", "."): curve for name, curve in curves.items()}
    return msgspec.structs.replace(worlds, curves=tuple(named.get(name) for name in worlds.series))


def ahead(book: Book, quantity: str, marks: dict[str, float | list[float]], day: str = "2025-12-31", **curves: Curve) -> float:
    worlds = along(worlds_of(book, marks, (day,)), **curves)
    chosen = np.zeros(1, dtype=np.int64)
    scope = open_scope(book, worlds, facility_rows(book, worlds, chosen), facility=chosen)
    scope.assumed = False
    return float(value(book.definitions[0].quantity(quantity), scope)[0, 0])


# the curve itself


def on(day: str) -> np.ndarray:
    return days(dt.date.fromisoformat(day).toordinal())


def test_a_year_loses_the_decay_and_a_jump_counts_from_its_day() -> None:
    jump = dt.date(2026, 4, 10)
    curve = Curve(0.30, ((jump.toordinal(), 0.8),))
    assert curve.ratio(on("2025-12-31"), on("2026-12-31"))[0] == pytest.approx(0.7 * 0.8)
    assert THIRTY.ratio(on("2026-09-30"), on("2027-12-31"))[0] == pytest.approx(0.7**1.25)
    assert THIRTY.ratio(on("2027-12-31"), on("2026-12-31"))[0] == pytest.approx(1 / 0.7)
    assert curve.ratio(on("2025-12-31"), on("2026-04-09"))[0] == pytest.approx(0.7 ** ((3 + 9 / 30) / 12))
    assert curve.ratio(on("2025-12-31"), on("2026-04-10"))[0] == pytest.approx(0.8 * 0.7 ** ((3 + 10 / 30) / 12))
    assert curve.ratio(on("2026-04-10"), on("2026-04-11"))[0] == pytest.approx(0.7 ** (1 / 360))


def test_time_runs_in_months_with_their_days_alike() -> None:
    assert years(on("1969-12-31"))[0] == 0 and years(on("1970-02-14"))[0] == 1.5 / 12
    assert years(on("2024-02-29"))[0] - years(on("2024-01-31"))[0] == pytest.approx(1 / 12)


@given(
    decay=st.floats(-0.5, 0.95), low=st.integers(0, 400), length=st.integers(1, 800),
    jumps=st.lists(st.tuples(st.integers(1, 900), st.floats(0.2, 2.0)), max_size=3, unique_by=lambda one: one[0]),
)  # fmt: skip
def test_the_average_is_that_of_many_small_steps(decay: float, low: int, length: int, jumps: list[tuple[int, float]]) -> None:
    curve = Curve(decay, tuple((DAY0 + day, factor) for day, factor in sorted(jumps)))
    parts = 10
    fine, zero = 0.0, years(days(DAY0))[0]
    edges = [years(days(DAY0 + low + day))[0] - zero for day in range(length + 1)]
    for day, (start, end) in enumerate(pairwise(edges), low):
        factor = math.prod(step for when, step in jumps if when <= day)
        fine += sum((1 - decay) ** (start + (end - start) * (part + 0.5) / parts) for part in range(parts)) * factor * (end - start) / parts
    found = curve.mean(days(DAY0), days(DAY0 + low), days(DAY0 + low + length))[0]
    assert found == pytest.approx(fine / (edges[-1] - edges[0]), rel=1e-6)


def test_no_days_average_to_the_value_there() -> None:
    assert THIRTY.mean(on("2025-12-31"), on("2026-12-31"), on("2026-12-31"))[0] == pytest.approx(0.7)


# in windows

UNITS = """[[collateral]]
id = "a"
asset = "A"
units = {units}
rent = "A.rent.x"
utilisation = 1
opex_per_unit_hour = {opex}
in_service = 2025-01-01
"""
# 1.50x at run-rate with opex 35 % of the first year's revenue: revenue 1, opex 0.35, debt service 0.65 / 1.5
SERVICE = 0.65 / 1.5 * 8_760
UNCONTRACTED = (
    HEAD.format("x")
    + f"""closing = 2025-12-31
maturity = 2030-12-31
[[facility.balance]]
date = 2025-12-31
outstanding = {5 * SERVICE}
[interest]
fixed_pct = 0
day_count = "30/360"
[amortisation]
style = "straight-line"
frequency = "quarterly"
start = 2025-12-31
original = {5 * SERVICE}
payments = 20
"""
    + UNITS.format(units=1, opex=0.35)
)


def test_an_uncontracted_loan_on_a_falling_rent() -> None:
    book = book_of(UNCONTRACTED)
    assert ahead(book, "dscr_run_rate", {RENT: 1.0}, A_rent_x=THIRTY) == pytest.approx(1.50)
    assert ahead(book, "dscr_fwd", {RENT: 1.0}) == pytest.approx(1.50)
    assert ahead(book, "dscr_fwd", {RENT: 1.0}, A_rent_x=THIRTY) == pytest.approx(1.1333, abs=5e-5)
    assert ahead(book, "dscr_run_rate", {RENT: 0.7}, "2026-12-31", A_rent_x=THIRTY) == pytest.approx(0.8077, abs=5e-5)


HALF_YEAR = "next6m(merchant_revenue)"
OPEN = LOAN + UNITS.format(units=10, opex=0) + formula("next12m(merchant_revenue)", "money", "year") + formula(HALF_YEAR, "money", "half")
LET = '[[contract]]\ncustomer = "c"\nasset = "A"\nunits = {}\nrate = 9.0\nstart = 2025-01-01\nend = {}\n'


def test_units_whose_contract_ends_in_the_window_are_let_at_the_curve_from_then_on() -> None:
    book = book_of(OPEN + LET.format(4, "2026-10-15"))  # half of October
    let = 9 / 12 + 15 / 31 / 12
    assert ahead(book, "year", {RENT: 2.0}) == pytest.approx((6 + 4 * (1 - let)) * 8_760 * 2.0)
    late = THIRTY.mean(on("2025-12-31"), on("2026-10-15"), on("2026-12-31"))[0]
    whole = THIRTY.mean(on("2025-12-31"), on("2025-12-31"), on("2026-12-31"))[0]
    found = ahead(book, "year", {RENT: 2.0}, A_rent_x=THIRTY)
    assert found == pytest.approx((6 * whole + 4 * (1 - let) * late) * 8_760 * 2.0)


def test_contracted_revenue_does_not_move_before_its_end() -> None:
    book = book_of(LOAN + UNITS.format(units=10, opex=0) + LET.format(10, "2027-12-31") + formula("next12m(revenue)", "money", "year"))
    assert ahead(book, "year", {RENT: 2.0}, A_rent_x=THIRTY) == pytest.approx(10 * 9.0 * 8_760)


def test_a_jump_counts_for_the_days_after_it() -> None:
    jump = Curve(0.0, ((dt.date(2026, 9, 30).toordinal(), 0.5),))
    assert ahead(book_of(OPEN), "year", {RENT: 2.0}, A_rent_x=jump) == pytest.approx(10 * 2.0 * 8_760 * (0.75 + 0.25 / 2))


def test_a_jump_that_has_happened_is_in_the_mark_already() -> None:
    jump = Curve(0.0, ((DAY0, 0.5), (DAY0 - 10, 0.1)))
    assert ahead(book_of(OPEN), "year", {RENT: 2.0}, A_rent_x=jump) == pytest.approx(10 * 2.0 * 8_760)


def test_windows_of_the_past_and_the_run_rate_read_the_mark_itself() -> None:
    own = formula("last12m(merchant_revenue)", "money", "past") + formula("run_rate(merchant_revenue)", "money", "run")
    book = book_of(LOAN + UNITS.format(units=10, opex=0) + own)
    for name in ("past", "run"):
        assert ahead(book, name, {RENT: 2.0}, A_rent_x=THIRTY) == ahead(book, name, {RENT: 2.0}) == pytest.approx(10 * 2.0 * 8_760)


FLOATING = (
    LOAN + '[interest]\nbenchmark = "SOFR"\nspread_bp = 100\nday_count = "30/360"\n[amortisation]\nstyle = "bullet"\nfrequency = "annual"\n'
    + formula("next12m(interest)", "money", "due")
)  # fmt: skip


def test_a_rate_shifts_in_parallel() -> None:
    book = book_of(FLOATING + covenant("due", "<=", 60))
    mean = THIRTY.mean(days(DAY0), days(DAY0), days(DAY0 + 365))[0]
    assert ahead(book, "due", {"SOFR.rate": 0.04}, SOFR_rate=THIRTY) == pytest.approx(1000 * (0.04 * mean + 0.01))
    worlds = along(worlds_of(book, {"SOFR.rate": 0.04}, ("2025-12-31",)), SOFR_rate=THIRTY)
    made = evaluate(book, worlds, rows=rows_of(book, ("2025-12-31",)))
    slot = list(made.drivers.series[0]).index(book.series.find("SOFR.rate"))
    assert made.drivers.breach[0, slot, 0] == pytest.approx(0.05 + 0.04 * (1 - mean))


def test_a_shocked_mark_scales_its_curve_so_that_the_breach_price_is_of_today() -> None:
    book = book_of(UNCONTRACTED + covenant("dscr_fwd", ">=", 1))
    worlds = along(worlds_of(book, {RENT: 1.0}, ("2025-12-31",)), A_rent_x=THIRTY)
    made = evaluate(book, worlds, rows=rows_of(book, ("2025-12-31",)))
    mean = THIRTY.mean(days(DAY0), days(DAY0), days(DAY0 + 365))[0]
    slot = list(made.drivers.series[0]).index(book.series.find(RENT))
    assert made.drivers.breach[0, slot, 0] == pytest.approx((0.35 + 0.65 / 1.5) / mean)
    assert ahead(book, "dscr_fwd", {RENT: made.drivers.breach[0, slot, 0]}, A_rent_x=THIRTY) == pytest.approx(1.0)
