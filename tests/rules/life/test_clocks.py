"""Clocks over clock changes, leap days, holidays and midnights, in the agreement's own days."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.life import Clockwork, changes
from rules.life.changes import compressed
from tests.rules.life.happenings import US, at, fail, passed, rung
from tests.rules.small import WEEKENDS

YORK = Clockwork(US, ZoneInfo("America/New_York"))
PLAIN = Clockwork(WEEKENDS)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("clock", "span", "start", "end"),
    [
        (YORK, "24h", "2026-03-07T12:00", "2026-03-08T12:00"),  # spring forward: hours elapse all the same
        (YORK, "1D", "2026-03-07T12:00", "2026-03-09T04:00"),  # the day after, to its end, one hour short
        (YORK, "1D", "2026-10-31T12:00", "2026-11-02T05:00"),  # fall back: the end of 1 November is 05:00 UTC
        (YORK, "2BD", "2026-10-08T12:00", "2026-10-14T04:00"),  # Friday, then Tuesday: Columbus Day is closed
        (PLAIN, "1D", "2028-02-28T10:00", "2028-03-01T00:00"),  # to the end of 29 February
        (PLAIN, "1y", "2028-02-29T10:00", "2029-03-01T00:00"),
        (PLAIN, "1m", "2028-01-31T10:00", "2028-03-01T00:00"),
        (PLAIN, "10BD", "2026-10-01T00:00", "2026-10-15T00:00"),  # a midnight closes the day before it
        (YORK, "1BD", "2026-10-02T03:00", "2026-10-03T04:00"),  # 23:00 in New York is still Thursday
    ],
)
def test_when_a_span_is_over(clock: Clockwork, span: str, start: str, end: str) -> None:
    assert clock.after(span, utc(start)) == utc(end)


def test_business_hours_follow_the_local_day_across_a_clock_change() -> None:
    friday = utc("2026-03-06T17:00")  # noon in New York; Sunday the 8th is the change
    assert YORK.after("24h", friday, business=True) == utc("2026-03-09T16:00")
    assert YORK.after("24h", utc("2026-03-07T12:00"), business=True) == utc("2026-03-10T04:00")


CODES = st.lists(st.integers(0, 4), max_size=60)


@given(CODES, st.integers(1, 3))
def test_arrays_of_results_are_cut_down_as_lists_are(codes: list[int], keep: int) -> None:
    words = ("pass", "watch", "fail", "indeterminate", "not_tested")
    listed = [passed(day)._replace(result=words[code], on=None) for day, code in enumerate(codes)]
    kept = compressed([one for one in listed if one.decided], keep)
    places = changes(np.array(codes, dtype=np.int8), keep=keep)
    assert [listed[place] for place in places] == kept


def test_a_turn_of_the_rung_is_a_change_too() -> None:
    results, rungs = np.array([2, 2, 2, 0, 0], dtype=np.int8), np.array([2, 2, 3, 1, 1], dtype=np.int8)
    assert changes(results, rungs).tolist() == [0, 2, 3]
    listed = [rung(day, name) for day, name in enumerate(["call", "call", "accelerated_call", "notice", "notice"])]
    assert compressed(listed, 1) == [listed[0], listed[2], listed[3]]
    assert fail(0).seen == at(0)
