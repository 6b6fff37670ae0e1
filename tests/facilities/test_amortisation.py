"""Amortisation tables against printed schedules, and their algebra."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.amortisation import (
    Row,
    bullet_table,
    custom_table,
    level_payment,
    level_table,
    straight_line_table,
)
from tests.published import published

PRINCIPAL = st.floats(1.0, 1e9)
RATE = st.floats(0.0, 0.2)
PERIODS = st.integers(1, 120)


def test_payment_of_a_mortgage() -> None:
    # numpy-financial, docstring of pmt: 200,000 at 7.5 % over 15 years, monthly
    assert level_payment(0.075 / 12, 180, 200_000) == pytest.approx(1854.0247200054619, abs=1e-8)


def test_published_payment() -> None:
    case = published("AM-01")
    given_ = case["inputs"]
    assert -level_payment(given_["rate"], given_["n"], given_["pv"]) == pytest.approx(case["expected"]["pmt"], abs=case["tolerance"]["abs"])


def test_first_and_last_row_of_a_printed_schedule() -> None:
    # numpy-financial, docstring of ppmt: 2,500 at 8.24 % over 12 months
    table = level_table(0.0824 / 12, 12, 2500)
    assert (round(table[0].principal, 2), round(table[0].interest, 2), round(table[0].closing, 2)) == (200.58, 17.17, 2299.42)
    assert (round(table[11].principal, 2), round(table[11].interest, 2), table[11].closing) == (216.26, 1.49, 0.0)
    assert sum(row.interest for row in table) == pytest.approx(112.98, abs=0.005)


@pytest.mark.parametrize("identity", ["AM-02", "AM-09"])
def test_every_row_of_the_published_level_schedules(identity: str) -> None:
    case = published(identity)
    rate = case["inputs"].get("rate", case["inputs"].get("rate_annual", 0.0) / 12)
    table = level_table(rate, case["inputs"]["n"], case["inputs"]["pv"])
    columns = {"principal": "principal", "interest": "interest", "balance": "closing", "opening": "opening"}
    compared = 0
    for printed, field in columns.items():
        if printed in case["expected"]:
            found = [getattr(row, field) for row in table]
            assert found == pytest.approx(case["expected"][printed], abs=case["tolerance"]["abs"])
            compared += 1
    assert compared == 3


def test_published_interest_on_equal_principal() -> None:
    case = published("AM-12")
    for name, loan in case["inputs"].items():
        table = straight_line_table(loan["rate"], loan["n"], loan["pv"])
        found = [-table[period].interest for period in loan["periods"]]  # ISPMT counts from 0
        assert found == pytest.approx(case["expected"][name], abs=case["tolerance"]["abs"])


def test_zero_and_tiny_rates() -> None:
    assert level_payment(0.0, 8, 100.0) == 12.5
    assert level_payment(1e-13, 8, 100.0) == pytest.approx(12.5, rel=1e-10)
    assert level_payment(0.0, 8, 100.0, 20.0) == 10.0


def test_a_balloon_is_the_last_closing_balance() -> None:
    table = level_table(0.02, 8, 100.0, 30.0)
    assert table[-1].closing == pytest.approx(30.0, abs=1e-12)
    assert {round(row.interest + row.principal, 9) for row in table} == {round(level_payment(0.02, 8, 100.0, 30.0), 9)}
    assert straight_line_table(0.02, 7, 100.0, 30.0)[-1].closing == pytest.approx(30.0, abs=1e-12)


def test_bullet_and_custom() -> None:
    assert bullet_table(0.05, 2, 100.0) == [Row(1, 100.0, 5.0, 0.0, 100.0), Row(2, 100.0, 5.0, 100.0, 0.0)]
    assert custom_table(0.1, [30.0, 90.0], 100.0) == [Row(1, 100.0, 10.0, 30.0, 70.0), Row(2, 70.0, 7.0, 70.0, 0.0)]
    assert custom_table(0.1, [30.0], 100.0)[-1].closing == 70.0
    assert straight_line_table(0.1, 1, 100.0) == bullet_table(0.1, 1, 100.0)


@pytest.mark.parametrize(("periods", "rate"), [(0, 0.1), (-1, 0.1), (4, -1.0), (4, -2.0)])
def test_no_periods_or_an_impossible_rate_is_refused(periods: int, rate: float) -> None:
    for table in (level_table, straight_line_table, bullet_table):
        with pytest.raises(ValueError, match=r"needed|must exceed"):
            table(rate, periods, 100.0)


@pytest.mark.parametrize("table", [level_table, straight_line_table, bullet_table])
@given(principal=PRINCIPAL, rate=RATE, periods=PERIODS)
def test_every_table_repays_the_loan_and_never_goes_below_zero(table: Any, principal: float, rate: float, periods: int) -> None:
    rows = table(rate, periods, principal)
    assert [row.period for row in rows] == list(range(1, periods + 1))
    assert sum(row.principal for row in rows) == pytest.approx(principal, rel=1e-9)
    assert rows[-1].closing == 0.0
    opening = principal
    for row in rows:
        assert row.opening == opening and row.closing == row.opening - row.principal and row.closing >= 0.0
        assert row.interest == row.opening * rate
        opening = row.closing


@given(principal=PRINCIPAL, rate=RATE, periods=PERIODS)
def test_level_payments_are_level(principal: float, rate: float, periods: int) -> None:
    payment = level_payment(rate, periods, principal)
    for row in level_table(rate, periods, principal):
        assert row.interest + row.principal == pytest.approx(payment, rel=1e-6)
