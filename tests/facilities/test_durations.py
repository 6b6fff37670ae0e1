"""Durations: reading them, and where they end."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from facilities.calendars import Calendar
from facilities.durations import Duration, parse_duration

COLUMBUS = Calendar("test", frozenset({dt.date(2026, 10, 12)}))


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("48h", Duration(48, "h")),
        ("90d", Duration(90, "D")),
        ("90D", Duration(90, "D")),
        ("10BD", Duration(10, "BD")),
        ("3m", Duration(3, "m")),
        ("2y", Duration(2, "y")),
        ("0h", Duration(0, "h")),
    ],
)
def test_what_can_be_written(text: str, expected: Duration) -> None:
    assert parse_duration(text) == expected
    assert parse_duration(str(expected)) == expected


@pytest.mark.parametrize("text", ["", "h", "48", "-1h", "1.5h", "10 BD", "3M", "5w", "10bd", "٣h", "1e3h", "48h\n48h"])
def test_what_cannot(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration such as 48h, 90D, 10BD, 3m or 2y"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["101y", "999999D", "1201m", "999999h", "36526BD"])
def test_no_duration_outlives_a_century(text: str) -> None:
    with pytest.raises(ValueError, match="at most a hundred years"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("48h", "2026-10-08T02:10:00+00:00", "2026-10-10T02:10:00+00:00"),
        ("10BD", "2026-09-30T17:00:00+00:00", "2026-10-15T17:00:00+00:00"),
        ("5BD", "2026-10-10T09:00:00+00:00", "2026-10-19T09:00:00+00:00"),
        ("90D", "2026-06-30T00:00:00+00:00", "2026-09-28T00:00:00+00:00"),
        ("1m", "2026-01-31T12:00:00+00:00", "2026-02-28T12:00:00+00:00"),
        ("3m", "2027-11-30T12:00:00+00:00", "2028-02-29T12:00:00+00:00"),
        ("1y", "2028-02-29T12:00:00+00:00", "2029-02-28T12:00:00+00:00"),
    ],
)
def test_where_a_duration_ends(text: str, start: str, expected: str) -> None:
    assert parse_duration(text).end(at(start), COLUMBUS) == at(expected)


def test_hours_elapse_and_days_keep_the_clock_over_a_clock_change() -> None:
    start = dt.datetime(2026, 10, 31, 12, tzinfo=ZoneInfo("America/New_York"))  # the clocks go back that night
    assert Duration(24, "h").end(start, COLUMBUS).hour == 11
    assert Duration(1, "D").end(start, COLUMBUS).hour == 12
    assert Duration(24, "h").end(start, COLUMBUS).tzinfo is start.tzinfo


def test_hours_without_a_timezone_are_added_as_they_are() -> None:
    assert Duration(24, "h").end(dt.datetime(2026, 10, 31, 12), COLUMBUS) == dt.datetime(2026, 11, 1, 12)


def test_an_appraisal_of_ninety_days_is_stale_after_a_hundred() -> None:
    appraised = at("2026-06-30T23:59:59+00:00")
    assert parse_duration("90D").end(appraised, COLUMBUS) < at("2026-10-08T09:00:00+00:00")
    assert parse_duration("100D").end(appraised, COLUMBUS) == at("2026-10-08T23:59:59+00:00")


def test_business_days_of_age_skip_the_weekend_and_the_holiday() -> None:
    friday = at("2026-10-09T16:00:00+00:00")
    assert Duration(1, "BD").end(friday, COLUMBUS) == at("2026-10-13T16:00:00+00:00")
