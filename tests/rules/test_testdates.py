"""Test dates: ends of months stay ends, the last and the next test, due dates."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.calendars import Calendar
from facilities.model import TestTerms
from rules import testdates
from rules.testdates import due_date, next_test
from tests.rules.small import WEEKENDS, table


def terms(frequency: str, first: str, extra: str = "") -> TestTerms:
    found = table(f'frequency = "{frequency}"\nfirst = {first}\n{extra}', TestTerms)
    assert isinstance(found, TestTerms)
    return found


def d(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("frequency", "first", "number", "day"),
    [("quarterly", "2026-02-28", 1, "2026-05-31"), ("quarterly", "2025-11-30", 1, "2026-02-28"), ("monthly", "2026-01-31", 1, "2026-02-28"),
     ("monthly", "2026-01-30", 2, "2026-03-30"), ("semi-annual", "2026-06-30", 1, "2026-12-31"), ("annual", "2024-02-29", 1, "2025-02-28"),
     ("weekly", "2026-01-02", 3, "2026-01-23"), ("quarterly", '"2026-03"', 1, "2026-06-30")],
)  # fmt: skip
def test_dates_in_step(frequency: str, first: str, number: int, day: str) -> None:
    assert testdates.test_date(terms(frequency, first), number) == d(day)


def test_the_last_two_tests_and_the_next() -> None:
    quarterly = terms("quarterly", "2026-01-31", "certificate_due_days = 45")
    assert [(one.period_end, one.due) for one in testdates.tests_until(quarterly, d("2026-10-08"), WEEKENDS)] == [
        (d("2026-07-31"), d("2026-09-14")), (d("2026-04-30"), d("2026-06-14")),
    ]  # fmt: skip
    assert next_test(quarterly, d("2026-10-08")) == d("2026-10-31")
    assert next_test(quarterly, d("2026-10-31")) == d("2027-01-31")
    assert testdates.tests_until(quarterly, d("2026-10-31"), WEEKENDS)[0].period_end == d("2026-10-31")


def test_before_the_first_after_the_last_and_without_dates() -> None:
    late = terms("quarterly", "2027-10-31")
    assert testdates.tests_until(late, d("2026-10-08"), WEEKENDS) == []
    assert next_test(late, d("2026-10-08")) == d("2027-10-31")
    ended = terms("quarterly", "2026-03-31", "last = 2026-09-30")
    assert [one.period_end for one in testdates.tests_until(ended, d("2027-12-31"), WEEKENDS)] == [d("2026-09-30"), d("2026-06-30")]
    assert next_test(ended, d("2026-09-30")) is None
    assert testdates.tests_until(None, d("2026-09-30"), WEEKENDS) == []
    assert next_test(terms("daily", "2026-01-01"), d("2026-01-02")) is None
    assert next_test(terms("annual", "9999-12-31"), d("9999-12-31")) is None


def test_due_by_business_days() -> None:
    one = terms("quarterly", "2026-09-30", 'certificate_due = "10BD"')
    assert due_date(one, d("2026-09-30"), Calendar("us", frozenset({d("2026-10-12")}))) == d("2026-10-15")
    assert due_date(one, d("2026-09-30"), WEEKENDS) == d("2026-10-14")
    assert due_date(terms("quarterly", "2026-09-30"), d("2026-09-30"), WEEKENDS) is None


STEPS = st.sampled_from(["weekly", "monthly", "quarterly", "semi-annual", "annual"])


@given(STEPS, st.dates(d("2000-01-01"), d("2040-12-31")), st.integers(0, 4000))
def test_last_and_next_enclose_every_day(frequency: str, first: dt.date, days: int) -> None:
    one, day = terms(frequency, first.isoformat()), first + dt.timedelta(days=days)
    last, coming = testdates.tests_until(one, day, WEEKENDS, 3), next_test(one, day)
    assert last[0].period_end <= day
    assert coming is not None
    assert coming > day
    assert [when.period_end for when in last] == sorted((when.period_end for when in last), reverse=True)
    assert testdates.tests_until(one, coming, WEEKENDS, 2)[1].period_end == last[0].period_end
