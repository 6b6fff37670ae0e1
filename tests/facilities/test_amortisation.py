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
    sculpted_principal,
    straight_line_table,
    weighted_average_life,
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


def test_weighted_average_life_of_a_rising_repayment() -> None:
    # The Balance, "What is weighted average life?": ten years, 54,500 in all, weighted sum 384,000
    principal = [1000, 1500, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000]
    assert weighted_average_life(range(1, 11), principal) == pytest.approx(384_000 / 54_500, rel=1e-15)


def test_published_weighted_average_life() -> None:
    case = published("XI-16")
    for repaid, expected in (("principal", "wal"), ("swapped", "wal_swapped")):
        found = weighted_average_life(range(1, 11), case["inputs"][repaid])
        assert found == pytest.approx(case["expected"][expected], abs=case["tolerance"][expected])


def test_a_life_without_principal_or_with_other_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="not defined"):
        weighted_average_life([1.0], [0.0])
    with pytest.raises(ValueError, match="zip"):
        weighted_average_life([1.0, 2.0], [1.0])


def test_sculpted_to_flat_cash_flow() -> None:
    sculpted = sculpted_principal([150.0] * 8, 0.06, 1.3)
    assert sculpted.debt == pytest.approx(150 / 1.3 * (1 - 1.06**-8) / 0.06, rel=1e-12)
    assert sum(sculpted.principal) == pytest.approx(sculpted.debt, abs=1e-9)


def test_published_sculpting_identity() -> None:
    case = published("COV-13")
    cfads = [case["inputs"]["cfads"]] * case["inputs"]["years"]
    rate = case["inputs"]["rate"]
    sculpted = sculpted_principal(cfads, rate, case["inputs"]["target_dscr"])
    value = sum(flow / (1 + rate) ** year for year, flow in enumerate(cfads, start=1))
    closing = custom_table(rate, sculpted.principal, sculpted.debt)[-1].closing
    assert value / sculpted.debt == pytest.approx(case["expected"]["llcr"], abs=case["tolerance"]["abs"])
    assert closing == pytest.approx(case["expected"]["closing_balance"], abs=case["tolerance"]["abs"])


@given(st.lists(st.floats(1.0, 1e6), min_size=1, max_size=40), RATE, st.floats(1.0, 3.0))
def test_sculpted_coverage_is_the_target_in_every_period(cfads: list[float], rate: float, target: float) -> None:
    sculpted = sculpted_principal(cfads, rate, target)
    balance = sculpted.debt
    for flow, principal in zip(cfads, sculpted.principal, strict=True):
        assert flow / (principal + balance * rate) == pytest.approx(target, rel=1e-9)
        balance -= principal
    assert balance == pytest.approx(0.0, abs=1e-6 * sum(cfads) * (1 + rate) ** len(cfads))


def test_sculpting_refuses_a_target_of_zero() -> None:
    with pytest.raises(ValueError, match="target DSCR must be positive"):
        sculpted_principal([1.0], 0.1, 0.0)


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
