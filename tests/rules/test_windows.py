"""Windows: what was certified, what is modelled, and where each begins and ends."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from rules.compare import RESULTS
from rules.evaluate import evaluate
from rules.months import shift
from rules.scope import day_of
from tests.rules.small import LOAN, QUARTERLY, book_of, covenant, figure, formula, judge, report, rows_of, scope_of, worlds_of

RENT = "A.rent.x"
UNITS = """[[collateral]]
id = "a"
asset = "A"
units = 100
rent = "A.rent.x"
utilisation = 0.5
opex_per_unit_hour = 0.1
in_service = 2025-01-01
"""
CONTRACT = '[[contract]]\ncustomer = "c"\nasset = "A"\nunits = {units}\nrate = 2.0\nstart = {start}\nend = {end}\n'
DELIVERED = {"2025-09-30": "2025-10-20", "2025-12-31": "2026-01-20", "2026-03-31": "2026-04-20", "2026-06-30": "2026-07-20"}
QUARTERS = "".join(report(end, 3, known, revenue_cash=100, opex_cash=40) for end, known in DELIVERED.items())
OWN = formula("last12m(cfads)", "money", "year") + formula("last3m(cfads)", "money", "quarter")
HOURS = 8_760
TO_NEW_YEAR = (6 + 1 / 31) / 12
"""Of a year from mid-2026: to 1 January 2027, that day too."""
SEVENTH = (6 + 1 / 31) / 12
"""Of a year from mid-2026: to 1 January 2027, that day too."""


def contract(units: int, start: str = "2025-01-01", end: str = "2030-01-01") -> str:
    return CONTRACT.format(units=units, start=start, end=end)


def ordinal(day: str) -> int:
    return dt.date.fromisoformat(day).toordinal()


def test_a_year_wholly_certified_needs_no_mark() -> None:
    book = book_of(LOAN + UNITS + QUARTERS + OWN)
    for basis in ("tested", "indicative"):
        assert figure(book, "year", basis=basis, known="2026-07-31") == 240


def test_a_quarter_not_delivered_yet_is_unknown_when_tested_and_modelled_as_an_indication() -> None:
    book = book_of(LOAN + UNITS + QUARTERS + OWN)
    assert math.isnan(figure(book, "year", {RENT: 2.0}, basis="tested", known="2026-07-19"))
    modelled = (100 * 0.5 * 2.0 - 100 * 0.1) * HOURS / 12 * 3
    found = figure(book, "year", {RENT: 2.0}, known="2026-07-19")
    assert found == pytest.approx(180 + modelled * (91 / (365 / 4)), rel=1e-9)
    assert math.isnan(figure(book, "year", known="2026-07-19"))


def test_the_modelled_share_is_told() -> None:
    book = book_of(LOAN + UNITS + QUARTERS + OWN + covenant("year", ">=", 1))
    assert judge(book, {RENT: 2.0}, known="2026-07-19").modelled_share[0] == pytest.approx(91 / 365)
    assert judge(book, {RENT: 2.0}, known="2026-07-31").modelled_share[0] == 0


def test_a_restated_report_counts_from_the_day_it_was_delivered() -> None:
    again = report("2026-06-30", 3, "2026-08-15", revenue_cash=90, opex_cash=40)
    book = book_of(LOAN + QUARTERS + again + OWN)
    assert figure(book, "year", known="2026-08-14", basis="tested") == 240
    assert figure(book, "year", known="2026-08-15", basis="tested") == 230


def test_a_year_and_its_quarters_are_not_added_up() -> None:
    book = book_of(LOAN + QUARTERS + report("2026-06-30", 12, "2026-07-20", revenue_cash=390, opex_cash=160) + OWN)
    assert figure(book, "year", known="2026-08-01", basis="tested") == 230  # the year as certified
    assert figure(book, "quarter", known="2026-08-01", basis="tested") == 60
    assert figure(book, "year", known="2026-08-01") == 240  # the quarters say when


def test_a_test_takes_whole_periods_only_and_an_indication_parts() -> None:
    book = book_of(LOAN + report("2026-06-30", 12, "2026-07-20", revenue_cash=365, opex_cash=0) + OWN)
    assert math.isnan(figure(book, "quarter", known="2026-08-01", basis="tested"))
    assert figure(book, "quarter", known="2026-08-01") == pytest.approx(91)


def test_a_window_before_the_first_report_is_unknown() -> None:
    book = book_of(LOAN + QUARTERS + OWN)
    assert math.isnan(figure(book, "year", day="2025-06-30", known="2026-08-01", basis="tested"))
    assert math.isnan(figure(book, "year", day="2025-06-30", known="2026-08-01"))  # and nothing to model it from


def test_lines_that_may_be_absent_and_lines_that_may_not() -> None:
    line = formula('last3m(line("tax_cash"))', "money", "tax") + formula('last3m(line("ebitda"))', "money", "e")
    book = book_of(LOAN + QUARTERS + line)
    assert figure(book, "tax", known="2026-08-01") == 0
    assert math.isnan(figure(book, "e", known="2026-08-01"))


def test_a_line_alone_moves_its_window_back_to_the_last_certified_period() -> None:
    book = book_of(LOAN + QUARTERS + formula('last12m(line("revenue_cash"))', "money", "r"))
    assert figure(book, "r", day="2026-08-15", known="2026-08-15") == 400
    assert math.isnan(figure(book, "r", day="2026-08-15", known="2026-08-15", basis="tested"))


@pytest.mark.parametrize(("closing", "scale"), [("2026-03-31", 4), ("2025-12-31", 2), ("2025-09-30", 4 / 3), ("2020-01-01", 1)])
def test_first_tests_are_annualised(closing: str, scale: float) -> None:
    book = book_of(LOAN.replace("closing = 2025-12-31", f"closing = {closing}") + QUARTERS + formula("annualised(cfads)", "money"))
    quarters = round(4 / scale)
    assert figure(book, "q", known="2026-08-01", basis="tested") == pytest.approx(60 * quarters * scale)


@pytest.mark.parametrize("closing", ["2025-11-15", "2026-01-20"])
def test_a_closing_within_a_quarter_annualises_whole_quarters(closing: str) -> None:
    reports = report("2026-03-31", 3, "2026-04-20", revenue_cash=100) + report("2026-06-30", 3, "2026-07-20", revenue_cash=160)
    book = book_of(LOAN.replace("closing = 2025-12-31", f"closing = {closing}") + reports + formula("annualised(revenue)", "money"))
    first, second = (figure(book, "q", day=day, known="2026-08-01", basis="tested") for day in ("2026-03-31", "2026-06-30"))
    assert (first, second) == (pytest.approx(4 * 100), pytest.approx(2 * (100 + 160)))


def test_first_tests_of_the_library_count_from_closing() -> None:
    book = book_of(QUARTERLY + report("2026-03-31", 3, "2026-04-20", revenue_cash=174, opex_cash=58))
    at = {"day": "2026-03-31", "known": "2026-05-01", "basis": "tested"}
    assert figure(book, "dscr_annualised", **at) == pytest.approx(116 / (100 + 16))
    assert figure(book, "icr_annualised", **at) == pytest.approx(116 / 16)
    assert figure(book, "leverage_annualised", **at) == pytest.approx(700 / (4 * 116))


def test_three_month_average() -> None:
    book = book_of(LOAN + QUARTERS + formula("avg3m(cfads)", "money"))
    assert figure(book, "q", known="2026-08-01", basis="tested") == pytest.approx(20)


def test_a_contract_that_rolls_off_relets_at_the_mark() -> None:
    revenue = formula("next12m(revenue)", "money")
    book = book_of(LOAN + UNITS + contract(100, end="2026-12-31") + revenue)
    held = rest = 1 / 2
    assert figure(book, "q", {RENT: 1.0}) == pytest.approx((100 * 2.0 * held + 100 * 0.5 * 1.0 * rest) * HOURS)


def test_contracts_share_the_parcels_of_their_asset() -> None:
    revenue = formula("next12m(revenue)", "money")
    two = UNITS + UNITS.replace('"a"', '"b"').replace("units = 100", "units = 300")
    assert figure(book_of(LOAN + two + contract(200) + revenue), "q", {RENT: 1.0}) == pytest.approx((200 * 2.0 + 200 * 0.5) * HOURS)


def test_more_units_let_than_there_are_leaves_none_for_the_market() -> None:
    book = book_of(LOAN + UNITS + contract(150) + formula("next12m(merchant_revenue)", "money"))
    assert figure(book, "q", {RENT: 5.0}) == 0
    assert figure(book, "q") == 0  # no rent is needed where nothing is left to let


def test_units_fully_let_need_no_utilisation() -> None:
    book = book_of(LOAN + UNITS.replace("utilisation = 0.5\n", "") + contract(100) + formula("next12m(revenue)", "money"))
    assert figure(book, "q") == pytest.approx(100 * 2.0 * HOURS)


def test_uptime_and_dated_utilisation() -> None:
    table = "utilisation = [{ from = 2025-01-01, value = 0.7 }, { from = 2026-06-30, value = 0.4 }]"
    units = UNITS.replace("utilisation = 0.5", table)
    book = book_of(LOAN + units + contract(60) + "uptime = 0.9\n" + formula("next12m(revenue)", "money"))
    assert figure(book, "q", {RENT: 1.0}) == pytest.approx((60 * 2 * 0.9 + 40 * 0.4) * HOURS)
    assert figure(book, "q", {RENT: 1.0}, day="2026-06-29") == pytest.approx((60 * 2 * 0.9 + 40 * 0.7) * HOURS)


def test_run_rate_holds_todays_contracts_for_a_year() -> None:
    book = book_of(LOAN + UNITS + contract(100, end="2026-07-31") + formula("run_rate(modelled_revenue)", "money"))
    assert figure(book, "q", {RENT: 1.0}) == pytest.approx(100 * 2.0 * HOURS)
    assert figure(book, "q", {RENT: 1.0}, day="2026-08-01") == pytest.approx(100 * 0.5 * HOURS)


def test_worn_out_units_earn_and_cost_nothing() -> None:
    book = book_of(LOAN + UNITS + "economic_life_months = 24\n" + formula("next12m(cfads)", "money"))
    assert figure(book, "q", {RENT: 1.0}) == pytest.approx((100 * 0.5 - 100 * 0.1) * HOURS * SEVENTH)


def test_costs_of_the_project_by_the_month() -> None:
    ops = "[operations]\nfixed_opex_per_month = 7\ntax_per_month = 2\nmaintenance_capex_per_month = 1\n"
    book = book_of(LOAN + UNITS + ops + formula("next12m(cfads)", "money"))
    assert figure(book, "q", {RENT: 1.0}) == pytest.approx((100 * 0.5 - 100 * 0.1) * HOURS - 120)
    assert math.isnan(figure(book_of(LOAN + UNITS.replace("opex_per_unit_hour = 0.1\n", "") + formula("next12m(opex)", "money")), "q"))


def test_a_flow_has_no_value_on_a_day() -> None:
    book = book_of(LOAN + UNITS + covenant("cfads", ">=", 1))
    assert book.problems[0].code == "R005"
    assert RESULTS[int(judge(book).result[0, 0])] == "indeterminate"
    assert math.isnan(figure(book, "cfads", {RENT: 1.0}))


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [("last12m", "2025-06-30", "2026-06-30"), ("last3m", "2026-03-31", "2026-06-30"), ("next3m", "2026-06-30", "2026-09-30"),
     ("next12m", "2026-06-30", "2027-06-30"), ("last1m", "2026-05-31", "2026-06-30"), ("run_rate", "2026-06-30", "2027-06-30")],
)  # fmt: skip
def test_windows_run_from_end_of_month_to_end_of_month(name: str, start: str, end: str) -> None:
    window = scope_of(book_of(LOAN)).through(name).window
    assert window is not None
    assert (int(window.start[0]), int(window.end[0])) == (ordinal(start), ordinal(end))


@pytest.mark.parametrize(
    ("day", "months", "moved"), [("2026-02-28", 3, "2026-05-31"), ("2026-03-30", -1, "2026-02-28"), ("2024-02-29", 12, "2025-02-28")]
)
def test_months_are_added_keeping_their_ends(day: str, months: int, moved: str) -> None:
    assert shift(np.array([ordinal(day), ordinal(day)]), months).tolist() == [ordinal(moved)] * 2


def test_midnight_belongs_to_the_day_it_ends() -> None:
    midnight = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
    assert day_of(midnight, dt.UTC) == ordinal("2026-06-30")
    assert day_of(midnight + dt.timedelta(seconds=1), dt.UTC) == ordinal("2026-07-01")
    assert day_of(midnight, dt.timezone(dt.timedelta(hours=-5))) == ordinal("2026-06-30")
    assert day_of(midnight + dt.timedelta(hours=5), dt.timezone(dt.timedelta(hours=-5))) == ordinal("2026-06-30")


@pytest.mark.parametrize(("day", "late"), [("2026-08-10", 0), ("2026-08-18", 4), ("2026-08-25", 6)])
def test_days_a_certificate_is_late(day: str, late: int) -> None:
    book = book_of(LOAN + report("2026-06-30", 3, "2026-08-20", revenue_cash=1) + covenant("reporting", "<=", 0, 'class = "reporting"'))
    rows = rows_of(book, (day,), period_end="2026-06-30", due="2026-08-14")
    made = evaluate(book, worlds_of(book, {}, (day,)), rows=rows)
    assert made.numerator[0, 0] == late
    assert RESULTS[int(made.result[0, 0])] == ("fail" if late else "pass")


YEARLY = {"2025-09-30": 200, "2025-12-31": 220, "2026-03-31": 230, "2026-06-30": 250}
TRAILING = "".join(report(end, 12, DELIVERED[end], revenue_cash=cash, opex_cash=40) for end, cash in YEARLY.items())


def test_certificates_of_the_year_past_each_quarter_count_no_day_twice() -> None:
    book = book_of(LOAN + UNITS + TRAILING + OWN)
    for basis in ("tested", "indicative"):
        assert figure(book, "year", basis=basis, known="2026-07-31") == 210
    assert math.isnan(figure(book, "quarter", basis="tested", known="2026-07-31"))  # no certificate is of the quarter alone


def test_an_indication_takes_the_part_of_the_last_certificate_that_lies_in_the_window_and_models_the_rest() -> None:
    book = book_of(LOAN + UNITS + TRAILING + OWN)
    modelled = (100 * 0.5 * 2.0 - 100 * 0.1) * HOURS / 12 * 3 * (91 / (365 / 4))
    assert figure(book, "year", {RENT: 2.0}, known="2026-07-19") == pytest.approx(190 * 274 / 365 + modelled, rel=1e-9)
