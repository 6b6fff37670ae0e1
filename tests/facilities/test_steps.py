"""Dated tables: the value in force on a day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.model import Step
from facilities.steps import is_dated, value_on, values_over


def d(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def step(start: str, value: str, until: str | None = None) -> Step:
    return Step(from_=d(start), value=Decimal(value), until=d(until) if until else None)


TABLE = [step("2026-01-31", "1.40"), step("2026-07-31", "1.30", "2026-09-30"), step("2027-01-01", "1.20")]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-01-30", None),
        ("2026-01-31", "1.40"),
        ("2026-07-30", "1.40"),
        ("2026-07-31", "1.30"),
        ("2026-09-30", "1.30"),
        ("2026-10-01", None),
        ("2027-01-01", "1.20"),
        ("2099-01-01", "1.20"),
    ],
)
def test_the_value_in_force(day: str, expected: str | None) -> None:
    assert value_on(TABLE, d(day)) == (None if expected is None else Decimal(expected))


def test_a_number_counts_on_every_day() -> None:
    assert value_on(Decimal("0.70"), d("1900-01-01")) == Decimal("0.70")
    assert values_over(Decimal("0.70"), np.array([1, 2, 700_000])).tolist() == [0.7, 0.7, 0.7]


def test_an_empty_table_is_unknown() -> None:
    assert value_on([], d("2026-01-01")) is None
    assert np.isnan(values_over([], np.array([1, 2]))).tolist() == [True, True]


def test_what_is_dated() -> None:
    assert is_dated(TABLE)
    assert not is_dated(Decimal(1))


def test_the_shape_of_the_days_is_kept() -> None:
    written = [["2026-01-31", "2025-01-01"], ["2026-08-01", "2027-06-01"]]
    days = np.array([[d(day).toordinal() for day in row] for row in written])
    found = values_over(TABLE, days)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [[1.40, np.nan], [1.30, 1.20]])


DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31))
STEPS = st.builds(Step, from_=DAYS, value=st.decimals(0, 100, places=2), until=st.none() | DAYS)


@given(st.lists(STEPS, max_size=6), st.lists(DAYS, min_size=1, max_size=20))
def test_the_column_agrees_with_the_single_day(table: list[Step], days: list[dt.date]) -> None:
    found = values_over(table, np.array([day.toordinal() for day in days]))
    expected = [value_on(table, day) for day in days]
    np.testing.assert_array_equal(found, [np.nan if value is None else float(value) for value in expected])
